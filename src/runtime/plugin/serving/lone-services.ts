import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { LogEntry } from '../definition/log.ts';
import type { PluginServices } from './plugin-services.ts';

/** Error for work that needs an orchestrator, in a plugin without one. */
export function noOrchestrator(pluginId: string, what: string): OrchestraError {
	return new OrchestraError('no_orchestrator', `plugin ${pluginId} has no orchestrator ${what}`, {
		hint: 'Serve it with `orchestra serve`, together with the plugins that it needs.',
	});
}

/** The services of a plugin that runs without an orchestrator: everything but the log rejects with `no_orchestrator`. */
export function loneServices(pluginId: string, log: (entry: LogEntry) => void): PluginServices {
	const refuse = (what: string) => Promise.reject(noOrchestrator(pluginId, what));
	return {
		callTool: (name) => refuse(`to call tool ${name} through`),
		async *streamTool(name) {
			yield await refuse(`to call tool ${name} through`);
			return undefined;
		},
		publish: (event) => refuse(`to publish ${event.topic} to`),
		subscribe: ({ topic }) => refuse(`to hear ${topic} from`),
		unsubscribe: () => refuse('to hear events from'),
		storage: {
			read: (path) => refuse(`to read ${path} from`),
			write: (path) => refuse(`to write ${path} to`),
			delete: (path) => refuse(`to delete ${path} from`),
			list: () => refuse('to list a storage of'),
		},
		log,
	};
}
