import type { Connection } from '../carrier/carrier.ts';
import { connectInProcess } from '../carrier/memory/memory-connection.ts';
import { createClient } from '../client/plugin-client.ts';
import type { LogEntry } from '../plugin/definition/log.ts';
import type { Plugin } from '../plugin/definition/plugin.ts';
import { createDispatcher } from '../plugin/serving/dispatcher.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { HostedPlugin } from './hosted-plugin.ts';

/** What an embedded plugin gets from around it. */
export interface EmbedOptions {
	/** How it reaches the orchestrator: its callTool, storage and publish go here. Closed when the plugin stops. */
	readonly connection: Connection;
	readonly onLog: (entry: LogEntry) => void;
}

/**
 * Boots a plugin in this process.
 *
 * @throws OrchestraError `boot_failed`, `invalid_schema`; nothing is left running then
 */
export async function embedPlugin(
	plugin: Plugin,
	config: Record<string, string>,
	options: EmbedOptions,
): Promise<HostedPlugin> {
	const client = createClient(options.connection, { callerPlugin: plugin.id });
	const dispatcher = createDispatcher(plugin, {
		callTool: client.callTool.bind(client),
		streamTool: client.streamTool.bind(client),
		publish: client.publish.bind(client),
		storage: client.storage,
		log: options.onLog,
	});
	const stop = async () => {
		try {
			await dispatcher.shutdown();
		} catch (error) {
			const message = `OnShutdown of ${plugin.id} failed: ${(error as Error).message}`;
			options.onLog({ level: 'error', plugin: plugin.id, message });
		} finally {
			await options.connection.close();
		}
	};
	const inward = createClient(
		connectInProcess(dispatcher.handle, { callerName: 'orchestrator', plugin: plugin.id }),
	);
	try {
		await dispatcher.boot(config);
		const [tools, prompts] = await Promise.all([inward.listTools(), inward.listPrompts()]);
		return { id: plugin.id, manifest: plugin.manifest, tools, prompts, handle: dispatcher.handle, stop };
	} catch (error) {
		await stop();
		throw OrchestraError.from(error, 'boot_failed', `${plugin.id} could not boot`);
	} finally {
		await inward.close();
	}
}
