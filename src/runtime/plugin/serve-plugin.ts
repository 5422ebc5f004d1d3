import {
	formatAddress,
	formatHostPort,
	isLoopback,
	type NetworkCarrier,
	parseAddress,
} from '../carrier/address.ts';
import type { Listener } from '../carrier/carrier.ts';
import { listen } from '../carrier/network-carrier.ts';
import { resolveCertsDir } from '../identity/certs-dir.ts';
import { ensureIdentity } from '../identity/ensure-identity.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import type { LogEntry } from './log.ts';
import { loneServices } from './lone-services.ts';
import { OrchestratorLink } from './orchestrator-link.ts';
import type { Plugin } from './plugin.ts';

/** How a plugin is served to the network. */
export interface ServeOptions {
	/** A bare `host:port` means `carrier`. Default `localhost:0`. */
	readonly listenAddr?: string | undefined;
	readonly carrier?: NetworkCarrier | undefined;
	/** Default: none. */
	readonly orchestratorAddr?: string | undefined;
	readonly certsDir?: string | undefined;
	readonly log: (entry: LogEntry) => void;
	/** Called when the listener stands, before the orchestrator is asked: `host:port` for QUIC, else a URL. */
	readonly onListening?: (address: string) => void;
	/** Called when the connection to the orchestrator was lost. */
	readonly onOrchestratorLost?: () => void;
}

/** A plugin that is served to the network. */
export interface ServedPlugin {
	readonly dispatcher: Dispatcher;
	readonly listener: Listener;
	/** Shuts the plugin down, frees the port and closes all connections. Never rejects; calls share one stop. */
	stop(timeoutMs?: number): Promise<void>;
}

/** Milliseconds between two looks at whether the certificate is due to be renewed. */
const renewalCheckMs = 6 * 60 * 60_000;

/** Milliseconds that answers get to leave before their connections are closed. */
const closeGraceMs = 500;

/**
 * Listens, and registers with the orchestrator where there is one. Nothing stays behind where that fails.
 *
 * @throws OrchestraError `certs_dir_unusable` and other certificate errors, `invalid_address`, `address_in_use`,
 * `carrier_unavailable`, `registration_rejected`, `unreachable`, …
 */
export async function servePlugin(plugin: Plugin, options: ServeOptions): Promise<ServedPlugin> {
	const certsDir = resolveCertsDir(options.certsDir);
	const address = parseAddress(options.listenAddr ?? 'localhost:0', options.carrier);
	const identity = await ensureIdentity(certsDir, plugin.id);
	const warn = (message: string) => options.log({ level: 'warn', message, plugin: plugin.id });
	if (address.carrier === 'tcp+plain')
		warn('listens without encryption: anybody on this machine can call it');
	else if (!isLoopback(address.host)) warn(`listens on ${address.host}: other machines can reach it`);
	const link = options.orchestratorAddr
		? new OrchestratorLink({
				address: options.orchestratorAddr,
				certsDir,
				manifest: plugin.manifest,
				log: options.log,
				onLost: () => options.onOrchestratorLost?.(),
			})
		: undefined;
	const dispatcher = createDispatcher(plugin, link?.services() ?? loneServices(plugin.id, options.log));
	const listener = await listen(address, { identity, handler: dispatcher.handle });
	const renewal = setInterval(() => {
		ensureIdentity(certsDir, plugin.id).then(
			(renewed) => listener.setIdentity(renewed),
			(error) =>
				warn(`its certificate could not be renewed: ${error instanceof Error ? error.message : error}`),
		);
	}, renewalCheckMs);
	renewal.unref();
	let stopping: Promise<void> | undefined;
	const stop = async (timeoutMs?: number): Promise<void> => {
		clearInterval(renewal);
		await dispatcher.shutdown(timeoutMs);
		const closed = await Promise.allSettled([listener.close({ graceMs: closeGraceMs }), link?.close()]);
		for (const result of closed) if (result.status === 'rejected') warn(`closing failed: ${result.reason}`);
	};
	const served: ServedPlugin = {
		dispatcher,
		listener,
		stop(timeoutMs) {
			stopping ??= stop(timeoutMs);
			return stopping;
		},
	};
	const { address: bound } = listener;
	options.onListening?.(bound.carrier === 'quic' ? formatHostPort(bound) : formatAddress(bound));
	try {
		await link?.client();
	} catch (error) {
		await served.stop();
		throw error;
	}
	return served;
}
