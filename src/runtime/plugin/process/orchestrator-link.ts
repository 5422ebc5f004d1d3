import { parseAddress } from '../../carrier/address.ts';
import {
	connectPersistently,
	type PersistentConnection,
	type PersistentState,
} from '../../carrier/persistent-connection.ts';
import type { SubscriptionRequest } from '../../client/call-options.ts';
import { createClient, type PluginClient } from '../../client/plugin-client.ts';
import type { IdentitySource } from '../../identity/sources/identity-source.ts';
import type { PluginManifest } from '../../wire/generated/messages.ts';
import type { LogEntry } from '../definition/log.ts';
import type { PluginServices } from '../serving/plugin-services.ts';
import type { PluginHosts } from './plugin-hosts.ts';
import { servicesOver } from './services-over.ts';

/** Milliseconds for each of connect and register. */
const stepTimeoutMs = 10_000;

/** Milliseconds between two attempts, at most: an orchestrator that was started again wants to know its plugins. */
const longestBackOffMs = 5_000;

/** Parts that a link needs. */
export interface LinkOptions {
	/** The orchestrator's address; a bare `host:port` is QUIC. */
	readonly address: string;
	/** Identity of the plugin towards its orchestrator. Stays its owner's to close. */
	readonly identity: IdentitySource;
	/** Peers that it takes for its orchestrator. */
	readonly hosts: PluginHosts;
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
	/** Subscriptions of the plugin while it runs: an orchestrator forgets them with the connection. */
	readonly #subscriptions = new Map<string, SubscriptionRequest>();
	/** Whether it was connected when it was last heard of. */
	#stood = false;

	constructor(options: LinkOptions) {
		this.#options = options;
		this.#pluginId = options.manifest.id ?? '';
		this.#connection = connectPersistently(parseAddress(options.address), {
			identity: options.identity,
			timeoutMs: stepTimeoutMs,
			// The plugin says that it listens before it registers.
			lazy: true,
			failFast: true,
			onProblem: ({ message }) => options.log({ level: 'warn', message, plugin: this.#pluginId }),
			backOff: { longestMs: longestBackOffMs },
			prepare: (connection) => {
				// Before anything is sent: a plugin of the same CA may have taken the port.
				options.hosts.assertHost(connection.peer);
				return this.#prepare(createClient(connection));
			},
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

	/** Services for handlers: each call goes over the connection that stands then. */
	services(): PluginServices {
		const client = this.#client;
		return {
			...servicesOver(client, this.#options.log),
			subscribe: async (subscription, options) => {
				// Noted first: a connection that is made anew meanwhile is told as well.
				const { replay: _once, ...again } = subscription;
				this.#subscriptions.set(subscription.id, again);
				try {
					await client.subscribe(subscription, options);
				} catch (error) {
					this.#subscriptions.delete(subscription.id);
					throw error;
				}
			},
			unsubscribe: (id, options) => {
				this.#subscriptions.delete(id);
				return client.unsubscribe(id, options);
			},
		};
	}

	/** Safe to call twice. */
	close(): Promise<void> {
		return this.#connection.close();
	}

	async #prepare(client: PluginClient): Promise<void> {
		await client.register(this.#options.manifest, { timeoutMs: stepTimeoutMs });
		await Promise.all(
			[...this.#subscriptions.values()].map((subscription) => this.#renew(client, subscription)),
		);
	}

	/** Subscribes again. One that is refused must not cost the connection. */
	async #renew(client: PluginClient, subscription: SubscriptionRequest): Promise<void> {
		try {
			await client.subscribe(subscription, { timeoutMs: stepTimeoutMs });
		} catch (error) {
			const text = error instanceof Error ? error.message : String(error);
			this.#options.log({
				level: 'warn',
				message: `hears nothing of ${subscription.topic} any more: ${text}`,
				plugin: this.#pluginId,
			});
		}
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
