import { Flags } from '@oclif/core';
import { administrationFlags, withAdministration, withServer } from '../cli/administered.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { formatNodes } from '../cli/format-nodes.ts';
import { formatPlugins } from '../cli/format-plugins.ts';
import { clusterService } from '../cluster/cluster-service.ts';
import { serviceClient } from '../runtime/services/service-client.ts';

export default class Ps extends BaseCommand {
	static override summary = 'Show the plugins of a running server: how they stand, since when, and why not.';
	static override examples = [
		'<%= config.bin %> ps',
		'<%= config.bin %> ps -a tcp://127.0.0.1:50101 --json',
		'<%= config.bin %> ps --cluster',
	];
	static override flags = {
		...administrationFlags,
		cluster: Flags.boolean({ description: 'Show the nodes of its cluster, and what runs on each.' }),
	};

	async run(): Promise<unknown> {
		const { flags } = await this.parse(Ps);
		if (flags.cluster) {
			return withServer(flags, async ({ connection, signal, timeoutMs }) => {
				const result = await serviceClient(clusterService, connection).nodes({}, { signal, timeoutMs });
				return this.result(result, () => formatNodes(result));
			});
		}
		return withAdministration(flags, async ({ client, signal, timeoutMs }) => {
			const result = await client.ps({}, { signal, timeoutMs });
			return this.result(result, () => formatPlugins(result.plugins));
		});
	}
}
