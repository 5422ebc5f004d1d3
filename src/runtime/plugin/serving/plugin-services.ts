import type { PluginClient } from '../../client/plugin-client.ts';
import type { LogEntry } from '../definition/log.ts';

/**
 * What the surroundings of a plugin do for it: the host that it is embedded in, or the orchestrator that its process is
 * registered with. Every method may be used at any time, from any handler. A host that is not an orchestrator itself passes
 * the methods of a client; {@link loneServices} is for a plugin that has nobody.
 */
export interface PluginServices
	extends Pick<
		PluginClient,
		'callTool' | 'streamTool' | 'publish' | 'subscribe' | 'unsubscribe' | 'storage'
	> {
	/** Takes a line of the plugin's log. Must not throw. */
	log(entry: LogEntry): void;
}
