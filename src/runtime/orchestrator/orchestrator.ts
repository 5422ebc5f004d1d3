import type { Address } from '../carrier/address.ts';
import type { Connection, Listener } from '../carrier/carrier.ts';
import { errorResponse } from '../carrier/error-response.ts';
import { listenWithSource } from '../carrier/follow-identity.ts';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import { connectInProcess } from '../carrier/memory/memory-connection.ts';
import type { Identity } from '../identity/identity.ts';
import { type IdentitySource, identitySource } from '../identity/living/identity-source.ts';
import type { LogEntry } from '../plugin/definition/log.ts';
import type { Plugin } from '../plugin/definition/plugin.ts';
import { softwareName } from '../plugin/serving/software.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { answerForAll } from './answer-for-all.ts';
import { embedPlugin } from './embed-plugin.ts';
import { EventBus } from './event-bus.ts';
import type { HostedPlugin } from './hosted-plugin.ts';
import { Registrations } from './registrations.ts';
import { RoutingTable } from './routing-table.ts';

/** Milliseconds that the last answers get to leave when an orchestrator stops. */
const lastAnswersMs = 500;

/** How an orchestrator is made. */
export interface OrchestratorOptions {
	/** Name and version of the program around it, as `describe` tells it. Default: those of this package. */
	readonly software?: string | undefined;
	/** Who it is to its peers; it owns it, and closes it when it has stopped. */
	readonly identity?: IdentitySource | undefined;
	/** Hears what plugins log and what goes wrong. Default: nobody. */
	readonly onLog?: ((entry: LogEntry) => void) | undefined;
}

/**
 * Hosts plugins and routes what reaches it: from programs that connect to its listeners, from programs in this process
 * ({@link connect}), and from the plugins themselves.
 */
export class Orchestrator implements AsyncDisposable {
	readonly #table = new RoutingTable();
	readonly #listeners: Listener[] = [];
	readonly #registrations = new Registrations((id) => this.#table.has(id));
	readonly #software: string;
	readonly #onLog: (entry: LogEntry) => void;
	readonly #bus: EventBus;
	readonly #identity: IdentitySource | undefined;
	#stopping: Promise<void> | undefined;

	constructor(options: OrchestratorOptions = {}) {
		this.#identity = options.identity;
		this.#software = options.software ?? softwareName;
		this.#onLog = options.onLog ?? (() => {});
		this.#bus = new EventBus((plugin, message) => this.#onLog({ level: 'warn', plugin, message }));
	}

	/** The plugins that are running, in the order in which they were added. */
	get plugins(): readonly HostedPlugin[] {
		return this.#table.plugins;
	}

	/** Where it listens. */
	get addresses(): Address[] {
		return this.#listeners.map((listener) => listener.address);
	}

	/** What plugins in other processes registered, by id. */
	get registrations(): Registrations {
		return this.#registrations;
	}

	/**
	 * Boots a plugin in this process and routes to it.
	 *
	 * @param config handed to its OnBoot hook
	 * @throws OrchestraError `boot_failed`, `duplicate_plugin`, `duplicate_tool`, `invalid_schema`; the plugin is not added then
	 */
	async embed(plugin: Plugin, config: Record<string, string> = {}): Promise<HostedPlugin> {
		const hosted = await embedPlugin(plugin, config, {
			connection: this.connect(plugin.id),
			onLog: this.#onLog,
		});
		const inward = connectInProcess(hosted.handle, { callerName: 'orchestrator', plugin: plugin.id });
		return this.add(hosted, inward);
	}

	/**
	 * Routes to a plugin that runs already, and stops it when the orchestrator stops. Where it cannot be added it is stopped.
	 *
	 * @param connection how events reach the plugin
	 * @throws OrchestraError `duplicate_plugin`, `duplicate_tool`
	 */
	async add(plugin: HostedPlugin, connection: Connection): Promise<HostedPlugin> {
		try {
			if (this.#stopping) throw this.#shuttingDown();
			this.#table.add(plugin);
		} catch (error) {
			await plugin.stop();
			throw error;
		}
		this.#bus.subscribe(plugin.id, plugin.manifest.needsEvents ?? [], connection);
		return plugin;
	}

	/** Stops routing to a plugin and stops it. */
	async remove(id: string): Promise<void> {
		const plugin = this.#table.plugins.find((hosted) => hosted.id === id);
		this.#table.remove(id);
		this.#bus.unsubscribe(id);
		await plugin?.stop();
	}

	/** A connection from this process, under the name of the caller. */
	connect(callerName: string): Connection {
		return connectInProcess(this.handle, { callerName, plugin: 'orchestrator' });
	}

	/**
	 * Serves peers at an address. Every peer needs a certificate of the same CA, and may not be revoked.
	 *
	 * @param identity one that stays, or a source, which the listener follows and the caller closes. Default: the orchestrator's own
	 * @throws OrchestraError `certificate_missing` where it has none; see {@link Carrier.listen}
	 */
	async listen(
		address: Address,
		identity: Identity | IdentitySource | undefined = this.#identity,
	): Promise<Listener> {
		if (!identity) throw new OrchestraError('certificate_missing', 'the orchestrator has no identity');
		const warn = (message: string) => this.#onLog({ level: 'warn', plugin: 'orchestrator', message });
		const listener = await listenWithSource(address, {
			source: identitySource(identity),
			handler: this.handle,
			onRefused: (peer, reason) => warn(`refused ${peer.name} at ${peer.address}: ${reason.message}`),
			onProblem: (error) => warn(`a new certificate cannot be used: ${error.message}`),
		});
		this.#listeners.push(listener);
		return listener;
	}

	/**
	 * Takes no more calls, lets every plugin end those under way and shut down, last added first, then closes the listeners.
	 * Never rejects; calls share one stop.
	 */
	stop(): Promise<void> {
		this.#stopping ??= this.#stop();
		return this.#stopping;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
	}

	async #stop(): Promise<void> {
		// The listeners stay until the plugins are done: the last answers, and the plugins' own calls, go through them.
		for (const plugin of this.#table.plugins.reverse()) await this.remove(plugin.id);
		await Promise.all(this.#listeners.map((listener) => listener.close({ graceMs: lastAnswersMs })));
		this.#identity?.close();
	}

	#shuttingDown(): OrchestraError {
		return new OrchestraError('shutting_down', 'the orchestrator is stopping', { retryable: true });
	}

	/** Serves one exchange. */
	readonly handle = (exchange: IncomingExchange): void => {
		const { request } = exchange;
		try {
			if (request.publish) {
				this.#bus.publish(request.publish);
				exchange.finish({});
				return;
			}
			if (request.register) {
				exchange.finish({ register: this.#registrations.take(request.register, exchange.peer) });
				return;
			}
			const plugin = this.#table.route(request);
			if (plugin) plugin.handle(exchange);
			else answerForAll(exchange, this.#table, this.#software);
		} catch (error) {
			// What a plugin asks for in its onShutdown is still served, as long as the plugin that has it is there.
			const told = this.#stopping ? this.#shuttingDown() : OrchestraError.from(error, 'internal');
			exchange.finish(errorResponse(request, told));
		}
	};
}
