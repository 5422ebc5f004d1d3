import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

export default class ClusterPermissions extends BaseCommand {
	static override summary = 'Print the users of a NATS server for nodes, and the subjects that each may use.';
	static override description =
		'Reads the configuration file of each node: its name, its plugins, and the rules under access that are about its certificate. What is ' +
		"printed is the authorization block of nats-server's configuration. With --json it is a list.";
	static override examples = [
		'<%= config.bin %> cluster permissions alpha/orchestra.yaml beta/orchestra.yaml > authorization.conf',
	];
	static override usage = 'cluster permissions FILE... [FLAGS]';
	static override strict = false;
	static override args = {
		files: Args.string({ description: 'The orchestra.yaml of each node.', required: true }),
	};

	async run(): Promise<unknown> {
		const { argv } = await this.parse(ClusterPermissions);
		const [{ readConfiguration }, { permittedNode }, { nodePermissions }, { authorizationBlock }] =
			await Promise.all([
				import('../../toolchain/configuration/read-configuration.ts'),
				import('../../cluster/setup/permitted-node.ts'),
				import('../../cluster/setup/nats-permissions.ts'),
				import('../../cluster/setup/nats-configuration.ts'),
			]);
		const configurations = await Promise.all((argv as string[]).map((file) => readConfiguration(file)));
		const rules = configurations.flatMap(({ access }) => access?.rules ?? []);
		const nodes = configurations.map((configuration) => permittedNode(configuration, rules));
		const twice = nodes.find(({ node }, index) => nodes.findIndex((other) => other.node === node) !== index);
		if (twice) throw new OrchestraError('node_conflict', `two of these files are of a node ${twice.node}`);
		return this.result(
			nodes.map((node) => ({ user: node.node, ...nodePermissions(node) })),
			() => authorizationBlock(nodes).trimEnd(),
		);
	}
}
