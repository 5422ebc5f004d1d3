import { formatAddress, parseAddress } from '../carrier/address.ts';
import { closeWhenRevoked } from '../carrier/close-when-revoked.ts';
import { dial } from '../carrier/network-carrier.ts';
import { createClient, type PluginClient } from '../client/plugin-client.ts';
import type { IdentitySource } from '../identity/identity-source.ts';
import type { PluginManifest } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { LogEntry } from './log.ts';
import type { PluginServices } from './plugin-services.ts';

/** Milliseconds for each of connect and register. */
const stepTimeoutMs = 10_000;

/** Milliseconds in which an attempt that failed is not repeated. */
const retryAfterMs = 1_000;

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
 * The connection of a plugin's process to its orchestrator. A lost one is made again, and registered again, when it is next
 * needed: the plugin serves its callers meanwhile.
 */
export class OrchestratorLink {
	readonly #options: LinkOptions;
	readonly #pluginId: string;
	#client: PluginClient | undefined;
	#connecting: Promise<PluginClient> | undefined;
	#failure: { readonly error: unknown; readonly at: number } | undefined;
	#closed = false;

	constructor(options: LinkOptions) {
		this.#options = options;
		this.#pluginId = options.manifest.id ?? '';
	}

	/**
	 * The connected client; all who ask while it connects share the attempt.
	 *
	 * @throws OrchestraError `registration_rejected`, `unreachable` and whatever else a dial throws
	 */
	client(): Promise<PluginClient> {
		if (this.#client?.connection.open) return Promise.resolve(this.#client);
		if (this.#closed) return Promise.reject(this.#closedError());
		const failure = this.#failure;
		if (failure && Date.now() - failure.at < retryAfterMs) return Promise.reject(failure.error);
		this.#connecting ??= this.#connect().finally(() => {
			this.#connecting = undefined;
		});
		return this.#connecting;
	}

	/** What handlers use: each call goes over the connection that stands then. */
	services(): PluginServices {
		const client = () => this.client();
		return {
			callTool: async (...args) => (await client()).callTool(...args),
			async *streamTool(...args) {
				yield* (await client()).streamTool(...args);
				return undefined;
			},
			publish: async (...args) => (await client()).publish(...args),
			storage: {
				read: async (...args) => (await client()).storage.read(...args),
				write: async (...args) => (await client()).storage.write(...args),
				delete: async (...args) => (await client()).storage.delete(...args),
				list: async (...args) => (await client()).storage.list(...args),
			},
			log: this.#options.log,
		};
	}

	/** Safe to call twice. */
	async close(): Promise<void> {
		this.#closed = true;
		// An attempt under way closes what it got, once it sees that.
		await this.#client?.close();
	}

	async #connect(): Promise<PluginClient> {
		try {
			const client = await this.#dial();
			this.#failure = undefined;
			return client;
		} catch (error) {
			this.#failure = { error, at: Date.now() };
			throw error;
		}
	}

	async #dial(): Promise<PluginClient> {
		const { identity, manifest } = this.#options;
		const address = parseAddress(this.#options.address);
		// Hosts name their certificates differently: any peer of the CA is taken.
		const connection = await dial(address, { identity: identity.current, timeoutMs: stepTimeoutMs });
		closeWhenRevoked(connection, identity);
		const client = createClient(connection, { callerPlugin: this.#pluginId });
		try {
			await client.register(manifest, { timeoutMs: stepTimeoutMs });
			if (this.#closed) throw this.#closedError();
		} catch (error) {
			await client.close();
			throw error;
		}
		this.#client = client;
		void connection.closed.then(() => {
			if (this.#closed || this.#client !== client) return;
			this.#log('warn', `the connection to the orchestrator at ${formatAddress(address)} was lost`);
			this.#options.onLost();
		});
		return client;
	}

	#log(level: LogEntry['level'], message: string): void {
		this.#options.log({ level, message, plugin: this.#pluginId });
	}

	#closedError(): OrchestraError {
		return new OrchestraError('connection_closed', `plugin ${this.#pluginId} is stopping`);
	}
}
