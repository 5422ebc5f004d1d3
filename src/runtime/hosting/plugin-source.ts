import type { Connection, ExchangeHandler } from '../carrier/carrier.ts';
import type { LogEntry } from '../plugin/definition/log.ts';
import type { PluginManifest } from '../wire/generated/messages.ts';
import type { OrchestraError } from '../wire/orchestra-error.ts';
import type { HostedPlugin } from './hosted-plugin.ts';
import type { Registrations } from './registrations.ts';

/** Services that a source gets from whoever hosts the plugin. */
export interface PluginHost {
	/** The plugin's own id, where it is known before its start: it has to be this. */
	readonly expectedId: string | undefined;
	/** The id of the plugin whose place it takes and which runs until then. Default: none does. */
	readonly replaces?: string | undefined;
	/** Address of the host for plugins in other processes: `host:port` for QUIC, else a URL; undefined where it does not listen. */
	readonly address: string | undefined;
	/** Name on the certificate with which the host listens; undefined where it does not listen. */
	readonly name: string | undefined;
	/** Registrations of plugins in other processes. */
	readonly registrations: Registrations;
	/** Serves what plugins ask that have descriptors of their host, in their own names. */
	readonly serve: ExchangeHandler;
	/** A connection to the host from this process, in the name of a plugin that is being started. */
	connect(manifest: PluginManifest): Connection;
	/** Reason why a plugin that says its id itself cannot have that one; undefined where it can. */
	reserved(id: string): string | undefined;
	/** Takes what the plugin logs, and what is to be said of it. */
	log(entry: LogEntry): void;
	/** Takes a line that the plugin's process printed. */
	output(label: string, line: string): void;
}

/**
 * Origin of a plugin: a module, an executable, an address. A source can start its plugin again and again, one at a time.
 */
export interface PluginSource {
	/** A file, folder or address: what people call the plugin before its id is known. */
	readonly label: string;
	readonly kind: HostedPlugin['kind'];
	/**
	 * Starts the plugin. Where it fails, or `signal` aborts, nothing is left running.
	 *
	 * @throws OrchestraError whatever the start comes to
	 */
	start(host: PluginHost, signal: AbortSignal): Promise<HostedPlugin>;
	/** Gives the reason why nobody here can start and stop the plugin: another host does. Undefined, or left out, where it is run here. */
	notOurs?(): OrchestraError | undefined;
}
