import { createClient } from '../../runtime/client/plugin-client.ts';
import { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import { softwareName } from '../../runtime/plugin/serving/software.ts';
import { loadPlugin } from '../load/load-plugin.ts';
import type { OpenedTarget, OpenTargetOptions } from './open-target.ts';

/** Runs the plugin of a module in this process. */
export async function openEmbedded(entry: string, options: OpenTargetOptions): Promise<OpenedTarget> {
	const plugin = await loadPlugin(entry);
	const orchestrator = new Orchestrator({ onLog: options.onLog });
	try {
		await orchestrator.embed(plugin);
	} catch (error) {
		await orchestrator.stop();
		throw error;
	}
	const client = createClient(orchestrator.connect('cli'));
	const close = async () => {
		await client.close();
		await orchestrator.stop();
	};
	return {
		how: 'embedded',
		client,
		manifests: [plugin.manifest],
		extensions: true,
		orchestrator: false,
		software: softwareName,
		close,
		[Symbol.asyncDispose]: close,
	};
}
