import type { LaunchedPlugin } from '../launching/launched-plugin.ts';
import type { LogEntry } from '../plugin/definition/log.ts';
import type { PluginManifest } from '../wire/generated/messages.ts';
import { forwardExchange } from './forward-exchange.ts';
import type { HostedPlugin } from './hosted-plugin.ts';

/**
 * A plugin in a process of its own, as an orchestrator hosts it.
 *
 * @param registered what it registered with, where it dialled the orchestrator: a core peer says it all nowhere else
 */
export async function hostLaunched(
	launched: LaunchedPlugin,
	registered: PluginManifest | undefined,
	onLog: (entry: LogEntry) => void,
): Promise<HostedPlugin> {
	const { id, tools } = launched;
	const manifest = launched.manifest ??
		registered ?? { id, providesTools: tools.map((tool) => tool.name), description: '' };
	const prompts = await launched.client.listPrompts();
	const stop = async () => {
		try {
			await launched.stop();
		} catch (error) {
			onLog({
				level: 'error',
				plugin: id,
				message: `${id} could not be stopped: ${(error as Error).message}`,
			});
		}
	};
	return {
		id,
		manifest: { ...registered, ...manifest },
		tools,
		prompts,
		handle: (exchange) => forwardExchange(exchange, launched.connection),
		stop,
	};
}
