import type { Connection } from '../../carrier/carrier.ts';
import type { PluginClient } from '../../client/plugin-client.ts';
import type { LogEntry } from '../definition/log.ts';

/**
 * Services that the surroundings of a plugin provide: the host that it is embedded in, or the orchestrator that its process is
 * registered with. Every method may be used at any time, from any handler. A host that is not an orchestrator itself passes
 * the methods of a client; {@link loneServices} is for a plugin that has nobody.
 */
export interface PluginServices
	extends Pick<
		PluginClient,
		'callTool' | 'streamTool' | 'publish' | 'subscribe' | 'unsubscribe' | 'storage'
	> {
	/** The connection to the host, for its services; absent where there is no host. */
	readonly connection?: Connection | undefined;
	/** Takes a line of the plugin's log. Must not throw. */
	log(entry: LogEntry): void;
}
