import { connectInProcess } from '../../../src/runtime/carrier/memory/memory-connection.ts';
import { createClient, type PluginClient } from '../../../src/runtime/client/plugin-client.ts';
import type { LogEntry } from '../../../src/runtime/plugin/definition/log.ts';
import type { PluginBuilder } from '../../../src/runtime/plugin/definition/plugin-builder.ts';
import { createDispatcher, type Dispatcher } from '../../../src/runtime/plugin/serving/dispatcher.ts';
import { loneServices } from '../../../src/runtime/plugin/serving/lone-services.ts';
import type { PluginServices } from '../../../src/runtime/plugin/serving/plugin-services.ts';
import type { PluginRequest, PluginResponse } from '../../../src/runtime/wire/generated/messages.ts';

/** A plugin that is served in this process, and a client of it. */
export interface Served {
	readonly dispatcher: Dispatcher;
	readonly client: PluginClient;
	/** What the plugin logged. */
	readonly logged: LogEntry[];
	/** Sends a request as it is, and returns every response to it. */
	ask(request: PluginRequest): Promise<PluginResponse[]>;
}

/** Serves a plugin in this process. */
export function serve(builder: PluginBuilder, services: Partial<PluginServices> = {}): Served {
	const plugin = builder.build();
	const logged: LogEntry[] = [];
	const lone = loneServices(plugin.id, (entry) => logged.push(entry));
	const dispatcher = createDispatcher(plugin, { ...lone, ...services });
	const connection = connectInProcess(dispatcher.handle, { callerName: 'test', plugin: plugin.id });
	return {
		dispatcher,
		client: createClient(connection),
		logged,
		ask: (request) =>
			new Promise((resolve, reject) => {
				const responses: PluginResponse[] = [];
				const exchange = connection.exchange(request, {
					next: (response) => {
						responses.push(response);
						exchange.consumed(response);
					},
					done: (response) => resolve([...responses, response]),
					fail: reject,
				});
			}),
	};
}

/** The one response to a request, without its id. */
export async function answer(served: Served, request: PluginRequest): Promise<PluginResponse> {
	const [{ requestId, ...response } = {}, ...others] = await served.ask(request);
	if (others.length > 0) throw new Error(`${others.length + 1} responses came`);
	return response;
}

/** A promise and what settles it. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
	let resolve: (value: T) => void = () => {};
	const promise = new Promise<T>((settle) => {
		resolve = settle;
	});
	return { promise, resolve };
}

/** Everything that an iterable yields. */
export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
	const items: T[] = [];
	for await (const item of iterable) items.push(item);
	return items;
}
