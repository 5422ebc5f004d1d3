import {
	type Address,
	formatAddress,
	formatHostPort,
	isAddressUrl,
	isLoopback,
	type NetworkCarrier,
	parseAddress,
} from '../../carrier/address.ts';
import type { Listener } from '../../carrier/carrier.ts';
import { listenWithSource } from '../../carrier/follow-identity.ts';
import { resolveCertsDir } from '../../identity/directory/certs-directory.ts';
import type { IdentitySource } from '../../identity/sources/identity-source.ts';
import { openDirectoryIdentity } from '../../identity/sources/open-identity.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { LogEntry } from '../definition/log.ts';
import type { Plugin } from '../definition/plugin.ts';
import { createDispatcher, type Dispatcher } from '../serving/dispatcher.ts';
import { loneServices } from '../serving/lone-services.ts';
import { OrchestratorLink } from './orchestrator-link.ts';
import { PluginHosts } from './plugin-hosts.ts';
import { ProcessVitals } from './process-vitals.ts';
import { type ServedPlugin, servedPlugin } from './served-plugin.ts';

/** Options of serving a plugin to the network. */
export interface ServePluginOptions {
	/** A bare `host:port` means `carrier`, or TCP where QUIC has no native binding. Default `localhost:0`. */
	readonly listenAddr?: string | undefined;
	readonly carrier?: NetworkCarrier | undefined;
	/** Default: none. */
	readonly orchestratorAddr?: string | undefined;
	/** Certificates directory, unless its host gave it an identity. */
	readonly certsDir?: string | undefined;
	/** Identity towards its callers and its orchestrator, where its host gave it one. It is closed with the plugin. */
	readonly identity?: IdentitySource | undefined;
	/** Names on the certificates of its host. Default: the names that hosts usually have. */
	readonly hosts?: readonly string[] | undefined;
	readonly log: (entry: LogEntry) => void;
	/** Called when the listener stands, before the orchestrator is asked: `host:port` for QUIC, else a URL. */
	readonly onListening?: (address: string) => void;
	/** Called when the connection to the orchestrator was lost. */
	readonly onOrchestratorLost?: () => void;
	/** Resolves when the plugin is to stop: nobody waits for the orchestrator any more. Default: never. */
	readonly stopped?: Promise<void>;
}

/**
 * Listens, and registers with the orchestrator where there is one. Nothing stays behind where that fails.
 *
 * @throws OrchestraError `certs_dir_unusable` and other certificate errors, `invalid_address`, `address_in_use`,
 * `carrier_unavailable`, `registration_rejected`, `unreachable`, …
 */
export async function servePlugin(
	plugin: Plugin,
	options: ServePluginOptions,
): Promise<ServedPlugin<Listener>> {
	const address = parseAddress(options.listenAddr ?? 'localhost:0', options.carrier);
	const warn = (message: string) => options.log({ level: 'warn', message, plugin: plugin.id });
	const onProblem = (error: OrchestraError) => warn(`its certificate stays as it is: ${error.message}`);
	const hosts = new PluginHosts(plugin.id, options.hosts);
	const sources: IdentitySource[] = [];
	const vitals = new ProcessVitals();
	try {
		const identity = options.identity ?? (await directoryIdentity(plugin.id));
		sources.push(identity);
		if (address.carrier === 'tcp+plain')
			warn('listens without encryption: anybody on this machine can call it');
		else if (!isLoopback(address.host)) warn(`listens on ${address.host}: other machines can reach it`);
		let link: OrchestratorLink | undefined;
		if (options.orchestratorAddr) {
			const client = options.identity ?? (await directoryIdentity(`${plugin.id}-client`));
			sources.push(client);
			link = new OrchestratorLink({
				address: options.orchestratorAddr,
				identity: client,
				hosts,
				manifest: plugin.manifest,
				log: options.log,
				onLost: () => options.onOrchestratorLost?.(),
			});
		}
		const services = link?.services() ?? loneServices(plugin.id, options.log);
		const dispatcher = createDispatcher(plugin, services, () => vitals.take());
		const handler = hosts.guard(dispatcher.handle, warn);
		const listen = (at: Address) =>
			listenWithSource(at, {
				source: identity,
				handler,
				onRefused: (peer, reason) => warn(`refused ${peer.name} at ${peer.address}: ${reason.message}`),
				onProblem,
			});
		const listener = await listen(address).catch((error: unknown) => {
			// Without a carrier by name it takes what there is: READY says which it became.
			const { code, message } = OrchestraError.from(error, 'internal');
			if (code !== 'carrier_unavailable' || isAddressUrl(options.listenAddr ?? '')) throw error;
			warn(`listens on TCP instead of QUIC: ${message}`);
			return listen({ ...address, carrier: 'tcp' });
		});
		return await startServing(dispatcher, listener, link);
	} catch (error) {
		vitals.close();
		for (const source of sources) source.close();
		throw error;
	}

	function directoryIdentity(name: string): Promise<IdentitySource> {
		return openDirectoryIdentity(resolveCertsDir(options.certsDir), name, { onProblem });
	}

	async function startServing(
		dispatcher: Dispatcher,
		listener: Listener,
		link: OrchestratorLink | undefined,
	): Promise<ServedPlugin<Listener>> {
		const served = servedPlugin({
			dispatcher,
			listener,
			link,
			warn,
			onClosed() {
				for (const source of sources) source.close();
				vitals.close();
			},
		});
		const { address: bound } = listener;
		options.onListening?.(bound.carrier === 'quic' ? formatHostPort(bound) : formatAddress(bound));
		try {
			if (link) await Promise.race([link.ready(), dispatcher.ended, options.stopped].filter(Boolean));
		} catch (error) {
			await served.stop();
			throw error;
		}
		return served;
	}
}
