import type { PluginClient } from '../../client/plugin-client.ts';
import type { LogEntry } from '../definition/log.ts';
import type { PluginServices } from '../serving/plugin-services.ts';

/** Services of handlers by the orchestrator at the other end of a client's connection. */
export function servicesOver(client: PluginClient, log: (entry: LogEntry) => void): PluginServices {
	return {
		callTool: client.callTool.bind(client),
		streamTool: client.streamTool.bind(client),
		publish: client.publish.bind(client),
		subscribe: client.subscribe.bind(client),
		unsubscribe: client.unsubscribe.bind(client),
		storage: client.storage,
		connection: client.connection,
		log,
	};
}
