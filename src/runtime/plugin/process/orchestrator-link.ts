import { parseAddress } from '../../carrier/address.ts';
import {
	connectPersistently,
	type PersistentConnection,
	type PersistentState,
} from '../../carrier/persistent-connection.ts';
import { createClient, type PluginClient } from '../../client/plugin-client.ts';
import type { IdentitySource } from '../../identity/living/identity-source.ts';
import type { PluginManifest } from '../../wire/generated/messages.ts';
import type { LogEntry } from '../definition/log.ts';
import type { PluginServices } from '../serving/plugin-services.ts';

/** Milliseconds for each of connect and register. */
const stepTimeoutMs = 10_000;

/** Milliseconds between two attempts, at most: an orchestrator that was started again wants to know its plugins. */
const longestBackOffMs = 5_000;

/** What a link needs. */
export interface LinkOptions {
	/** The orchestrator's address; a bare `host:port` is QUIC. */
	readonly address: string;
	/** Who the plugin is to its orchestrator. Stays its owner's to close. */
	readonly identity: IdentitySource;
	readonly manifest: PluginManifest;
	readonly log: (entry: LogEntry) => void;
	/** Called whenever a connection that stood was lost. */
	readonly onLost: () => void;
}

/**
 * The connection of a plugin's process to its orchestrator. A lost one is made again, and registered again; the plugin serves
 * its callers meanwhile, and what it asks of its orchestrator then fails with the reason.
 */
export class OrchestratorLink {
	readonly #options: LinkOptions;
	readonly #pluginId: string;
	readonly #connection: PersistentConnection;
	readonly #client: PluginClient;
	/** Whether it was connected when it was last heard of. */
	#stood = false;

	constructor(options: LinkOptions) {
		this.#options = options;
		this.#pluginId = options.manifest.id ?? '';
		// Hosts name their certificates differently: any peer of the CA is taken.
		this.#connection = connectPersistently(parseAddress(options.address), {
			identity: options.identity,
			timeoutMs: stepTimeoutMs,
			// The plugin says that it listens before it registers.
			lazy: true,
			failFast: true,
			backOff: { longestMs: longestBackOffMs },
			prepare: (connection) =>
				createClient(connection).register(options.manifest, { timeoutMs: stepTimeoutMs }),
			onState: (state) => this.#changed(state),
		});
		this.#client = createClient(this.#connection, { callerPlugin: this.#pluginId });
	}

	/**
	 * Resolves when the plugin is connected and registered.
	 *
	 * @throws OrchestraError `registration_rejected`, `unreachable` and whatever else a dial throws
	 */
	ready(): Promise<void> {
		return this.#connection.ready();
	}

	/** What handlers use: each call goes over the connection that stands then. */
	services(): PluginServices {
		const client = this.#client;
		return {
			callTool: client.callTool.bind(client),
			streamTool: client.streamTool.bind(client),
			publish: client.publish.bind(client),
			storage: client.storage,
			log: this.#options.log,
		};
	}

	/** Safe to call twice. */
	close(): Promise<void> {
		return this.#connection.close();
	}

	#changed(state: PersistentState): void {
		const stood = this.#stood;
		this.#stood = state.state === 'open';
		if (state.state !== 'lost' || !stood) return;
		this.#options.log({
			level: 'warn',
			message: `the connection to the orchestrator at ${this.#connection.addressText} was lost`,
			plugin: this.#pluginId,
		});
		this.#options.onLost();
	}
}
