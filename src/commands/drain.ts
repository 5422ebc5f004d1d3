import { Args, Flags } from '@oclif/core';
import { administrationFlags, withServer } from '../cli/administered.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { clusterService } from '../cluster/cluster-service.ts';
import { serviceClient } from '../runtime/services/service-client.ts';

export default class Drain extends BaseCommand {
	static override summary = 'Take a node of a cluster out of turn, before it is stopped.';
	static override description =
		'Other nodes call it no more where another has the plugin, and singletons that it runs go to another. Calls under way end. ' +
		'Any node of the cluster can be asked. A node that is stopped with SIGTERM drains by itself.';
	static override examples = [
		'<%= config.bin %> drain alpha',
		'<%= config.bin %> drain alpha --undo -a tcp://127.0.0.1:50101',
	];
	static override args = {
		node: Args.string({ description: 'Which one; `orchestra ps --cluster` shows them.', required: true }),
	};
	static override flags = {
		...administrationFlags,
		undo: Flags.boolean({ description: 'Put it back.' }),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(Drain);
		return withServer(flags, async ({ connection, signal, timeoutMs }) => {
			const client = serviceClient(clusterService, connection);
			const result = await client.drain({ node: args.node, undo: flags.undo }, { signal, timeoutMs });
			return this.result(result, () => {
				if (flags.undo) return `${result.node} takes its turn again`;
				return `${result.node} is drained; calls under way: ${result.callsUnderWay}`;
			});
		});
	}
}
