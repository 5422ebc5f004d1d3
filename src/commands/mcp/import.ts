import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { isMap, isSeq, parseDocument } from 'yaml';
import { BaseCommand } from '../../cli/base-command.ts';
import { confirm } from '../../cli/confirm.ts';
import { formatTable } from '../../cli/table.ts';
import { visibleLine } from '../../cli/visible-text.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { knownServers, pluginOf } from '../../toolchain/mcp-clients/import-servers.ts';
import { replaceFile } from '../../toolchain/replace-file.ts';

export default class McpImport extends BaseCommand {
	static override summary = 'Take the MCP servers that your clients know into orchestra.yaml.';
	static override description =
		'Reads .mcp.json, .cursor/mcp.json and .vscode/mcp.json of this folder, and the files of Claude and Cursor. Values of env and ' +
		'headers become references to the environment: secrets stay out of the file. Comments in orchestra.yaml stay.';
	static override examples = [
		'<%= config.bin %> mcp import',
		'<%= config.bin %> mcp import --from .mcp.json --yes',
	];
	static override flags = {
		from: Flags.string({
			multiple: true,
			multipleNonGreedy: true,
			description: 'Only this file, more than once if need be.',
			helpValue: 'FILE',
		}),
		config: Flags.string({
			description: 'The file to write to.',
			helpValue: 'FILE',
			default: 'orchestra.yaml',
		}),
		yes: Flags.boolean({ char: 'y', description: 'Ask nothing.' }),
	};

	async run(): Promise<unknown> {
		const { flags } = await this.parse(McpImport);
		for (const file of flags.from ?? []) {
			if (!existsSync(file)) throw new OrchestraError('target_not_found', `there is no file ${file}`);
		}
		const path = resolve(flags.config);
		const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
		const document = parseDocument(text);
		const [fault] = document.errors;
		if (fault) {
			throw new OrchestraError('invalid_configuration', `${path} cannot be read: ${fault.message}`, {
				hint: 'Mend the file first. Nothing was changed.',
			});
		}
		const plugins = document.get('plugins');
		const taken = new Set(
			isSeq(plugins) ? plugins.items.flatMap((item) => (isMap(item) ? [String(item.get('id'))] : [])) : [],
		);
		const known = knownServers(process.cwd(), flags.from);
		const added = known.filter(({ id }) => !taken.has(id));
		const table = () =>
			formatTable(
				['plugin', 'runs', 'from'],
				added.map(({ id, entry, from }) => [
					id,
					visibleLine(entry.url ?? [entry.command, ...(entry.args ?? [])].join(' ')),
					visibleLine(from),
				]),
			);
		const value = {
			path,
			added: added.map(({ id, from }) => ({ id, from })),
			kept: known.filter(({ id }) => taken.has(id)).map(({ id }) => id),
			variables: [...new Set(added.flatMap(({ variables }) => variables))],
		};
		if (added.length === 0) {
			return this.result(value, () =>
				known.length === 0 ? 'No client knows a server.' : `${path} has them all.`,
			);
		}
		await confirm(`Add them to ${path}?`, { yes: flags.yes, json: this.jsonEnabled(), show: table });
		if (!isSeq(plugins)) document.set('plugins', document.createNode([]));
		for (const server of added) document.addIn(['plugins'], document.createNode(pluginOf(server)));
		replaceFile(path, document.toString());
		return this.result(value, () =>
			[
				table(),
				value.variables.length > 0
					? `\nSet ${value.variables.map((name) => `$${name}`).join(', ')} where it is served.`
					: '',
				`\norchestra serve starts them.`,
			]
				.filter(Boolean)
				.join('\n'),
		);
	}
}
