import { BaseCommand } from '../../cli/base-command.ts';
import { configurationSchema } from '../../toolchain/configuration/configuration-schema.ts';

export default class SchemaConfig extends BaseCommand {
	static override summary = 'Print the JSON Schema of orchestra.yaml, for editors and programs.';
	static override description =
		'The schema of the Go orchestrator\'s plugins.yaml is in it as "#/$defs/go_format".';
	static override examples = ['<%= config.bin %> schema config > orchestra.schema.json'];

	async run(): Promise<unknown> {
		await this.parse(SchemaConfig);
		return this.result(configurationSchema, () => JSON.stringify(configurationSchema, null, 2));
	}
}
