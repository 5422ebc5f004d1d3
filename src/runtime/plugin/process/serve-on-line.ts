import { connectLine, peerOnLine, serveLine } from '../../carrier/fd/line.ts';
import type { Line } from '../../carrier/fd/line-descriptors.ts';
import { createClient } from '../../client/plugin-client.ts';
import type { LogEntry } from '../definition/log.ts';
import type { Plugin } from '../definition/plugin.ts';
import { createDispatcher } from '../serving/dispatcher.ts';
import { ProcessVitals } from './process-vitals.ts';
import { type ServedPlugin, servedPlugin } from './served-plugin.ts';
import { servicesOver } from './services-over.ts';

/** Milliseconds that the host has to take the plugin's registration. */
const registerTimeoutMs = 10_000;

/** Options of serving a plugin to the host that started it. */
export interface LineServeOptions {
	/** The names of the host, as it said them. */
	readonly hosts: readonly string[] | undefined;
	readonly log: (entry: LogEntry) => void;
	/** Called when the host has gone. */
	readonly onHostGone: () => void;
	/** Resolves when the plugin is to stop: nobody waits for the host any more. */
	readonly stopped: Promise<void>;
}

/**
 * Serves a plugin to the host that started it, and to nobody else: over the descriptors that it gave. There is no port, no certificate, and
 * nobody to tell apart: whoever is at the other end is the host. Its registration is the first that the host hears of it.
 *
 * @throws PeerError `registration_rejected`; OrchestraError `connection_lost`, `deadline_exceeded`
 */
export async function serveOnLine(
	plugin: Plugin,
	line: Line,
	options: LineServeOptions,
): Promise<ServedPlugin> {
	const { log } = options;
	const host = peerOnLine(options.hosts?.[0] ?? 'orchestrator');
	const vitals = new ProcessVitals();
	// A host that stands still is waited for: there is no other way to it.
	const connection = connectLine(line.toHost, host, { idleMs: Number.POSITIVE_INFINITY });
	const client = createClient(connection, { callerPlugin: plugin.id });
	const dispatcher = createDispatcher(plugin, servicesOver(client, log), () => vitals.take());
	let closing = false;
	const gone = () => {
		if (!closing) options.onHostGone();
	};
	const listener = serveLine(line.toProcess, host, { handler: dispatcher.handle, onGone: gone });
	void connection.closed.then(gone);
	const served = servedPlugin({
		dispatcher,
		listener,
		link: {
			close: () => {
				closing = true;
				return client.close();
			},
		},
		warn: (message) => log({ level: 'warn', message, plugin: plugin.id }),
		onClosed: () => vitals.close(),
	});
	try {
		const registered = client.register(plugin.manifest, { timeoutMs: registerTimeoutMs });
		await Promise.race([registered, dispatcher.ended, options.stopped]);
		return served;
	} catch (error) {
		await served.stop();
		throw error;
	}
}
