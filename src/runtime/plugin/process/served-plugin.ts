import type { Listener } from '../../carrier/carrier.ts';
import type { Dispatcher } from '../serving/dispatcher.ts';

/** End at which a plugin's callers are connected: a listener, or the half of a line. */
export type ServingEnd = Pick<Listener, 'connectionCount' | 'close'>;

/** A plugin that is served to others: to the network, or to the host that started it. */
export interface ServedPlugin<L extends ServingEnd = ServingEnd> {
	readonly dispatcher: Dispatcher;
	readonly listener: L;
	/** Shuts the plugin down and closes all connections, with their port where there is one. Never rejects; calls share one stop. */
	stop(timeoutMs?: number): Promise<void>;
}

/** Milliseconds that answers get to leave before their connections are closed. */
const closeGraceMs = 500;

/** Parts that serve a plugin, to be closed behind it. */
export interface ServedParts<L extends ServingEnd> {
	readonly dispatcher: Dispatcher;
	readonly listener: L;
	/** The connection to its orchestrator, where there is one. */
	readonly link: { close(): Promise<void> } | undefined;
	readonly warn: (message: string) => void;
	/** Called when everything is closed. Must not throw. */
	readonly onClosed: () => void;
}

/** Puts together what serves a plugin. */
export function servedPlugin<L extends ServingEnd>(parts: ServedParts<L>): ServedPlugin<L> {
	const { dispatcher, listener, link, warn, onClosed } = parts;
	let stopping: Promise<void> | undefined;
	const stop = async (timeoutMs?: number): Promise<void> => {
		await dispatcher.shutdown(timeoutMs);
		const closed = await Promise.allSettled([listener.close({ graceMs: closeGraceMs }), link?.close()]);
		for (const result of closed) if (result.status === 'rejected') warn(`closing failed: ${result.reason}`);
		onClosed();
	};
	return {
		dispatcher,
		listener,
		stop(timeoutMs) {
			stopping ??= stop(timeoutMs);
			return stopping;
		},
	};
}
