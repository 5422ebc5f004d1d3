import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { contain } from '../../cli/containment.ts';
import { PluginOutput } from '../../cli/plugin-output.ts';
import type { PermittedNode } from '../../cluster/setup/nats-permissions.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

export default class ClusterPermissions extends BaseCommand {
	static override summary = 'Print the users of a NATS server for nodes, and the subjects that each may use.';
	static override description =
		'Reads the configuration file of each node: its name, its plugins, and the rules under access that are about its certificate. What is ' +
		"printed is the authorization block of nats-server's configuration. With --json it is a list; `unknown` has the plugins whose needs are not known.";
	static override examples = [
		'<%= config.bin %> cluster permissions alpha/orchestra.yaml beta/orchestra.yaml > authorization.conf',
	];
	static override usage = 'cluster permissions FILE... [FLAGS]';
	static override strict = false;
	static override args = {
		files: Args.string({ description: 'The orchestra.yaml of each node.', required: true }),
	};

	static override flags = {
		manifests: Flags.boolean({
			description:
				'Load the modules of the plugins too, and let each node call, publish and hear only what their manifests declare and the rules ' +
				'of its own file allow.',
		}),
	};

	async run(): Promise<unknown> {
		const { argv, flags } = await this.parse(ClusterPermissions);
		const [
			{ readConfiguration },
			{ permittedNode },
			{ nodePermissions },
			{ authorizationBlock },
			{ readManifests },
			{ nodeNeeds },
		] = await Promise.all([
			import('../../toolchain/configuration/read-configuration.ts'),
			import('../../cluster/setup/permitted-node.ts'),
			import('../../cluster/setup/nats-permissions.ts'),
			import('../../cluster/setup/nats-configuration.ts'),
			import('../../cluster/setup/read-manifests.ts'),
			import('../../cluster/setup/node-needs.ts'),
		]);
		const configurations = await Promise.all((argv as string[]).map((file) => readConfiguration(file)));
		const rules = configurations.flatMap(({ access }) => access?.rules ?? []);
		// Modules that are loaded may print: not among what is printed here.
		const json = this.jsonEnabled();
		const output = new PluginOutput({ json, verbose: flags.verbose });
		using _containment = contain({ output, json, tells: false, signalGraceMs: 0 });
		const unknown = new Map<string, readonly string[]>();
		const nodes: PermittedNode[] = [];
		for (const configuration of configurations) {
			const { plugins, access } = configuration;
			const read = flags.manifests ? await readManifests(plugins) : undefined;
			const needs = read?.unknown.length === 0 ? nodeNeeds(read.plugins, access?.rules ?? []) : undefined;
			const node = permittedNode(configuration, rules, needs);
			nodes.push(node);
			if (read && !needs) {
				unknown.set(node.node, read.unknown);
				this.note(
					`node ${node.node} may call every tool and publish every topic: what ${read.unknown.join(', ')} needs is not known before ` +
						'it is started',
				);
			}
		}
		const twice = nodes.find(({ node }, index) => nodes.findIndex((other) => other.node === node) !== index);
		if (twice) throw new OrchestraError('node_conflict', `two of these files are of a node ${twice.node}`);
		return this.result(
			nodes.map((node) => ({
				user: node.node,
				...nodePermissions(node),
				...(flags.manifests ? { unknown: unknown.get(node.node) ?? [] } : {}),
			})),
			() => authorizationBlock(nodes).trimEnd(),
		);
	}
}
