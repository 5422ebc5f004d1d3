import { clusterService } from '../../cluster/cluster-service.ts';
import type { Connection } from '../../runtime/carrier/carrier.ts';
import { createClient, type PluginClient } from '../../runtime/client/plugin-client.ts';
import {
	type AdministrationEvent,
	administrationService,
	type PluginInfo,
} from '../../runtime/orchestrator/administration/administration-service.ts';
import { type ServiceClient, serviceClient } from '../../runtime/services/service-client.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { CallWatch, type CallWatchOptions } from './call-watch.ts';
import type { PluginAction } from './feed.ts';
import type { EventFacts, FeedMessage, PluginFacts } from './feed-message.ts';

/** Milliseconds between two questions for what the server does not tell by itself. */
const pollMs = 2000;

/** Milliseconds that a question may take. */
const askMs = 10_000;

/** Milliseconds that a plugin gets to start or stop. */
const actMs = 60_000;

/** Plugins whose logs are followed. */
const mostLogs = 64;

/** Lines of each log to begin with. */
const firstLines = 50;

/** Milliseconds that an event waits for others that are told with it. */
const batchMs = 50;

/** Choice of a view's events. */
export interface EventChoice {
	readonly topics: readonly string[];
	readonly filters?: Readonly<Record<string, string>> | undefined;
	readonly replay?: number | undefined;
}

/** Messages of one connection to a server, until it ends. */
export class ServerSession {
	readonly client: PluginClient;
	readonly #administration: ServiceClient<typeof administrationService.methods>;
	readonly #cluster: ServiceClient<typeof clusterService.methods>;
	/** Whether the server is a node of a cluster, for all that is known. */
	#isClustered = true;
	readonly #connection: Connection;
	readonly #tell: (message: FeedMessage) => void;
	readonly #events: EventChoice;
	readonly #followsLogs: boolean;
	readonly #calls: CallWatch;
	readonly #abort = new AbortController();
	readonly #followed = new Set<string>();
	readonly #timers: ReturnType<typeof setInterval>[] = [];

	/**
	 * @param followsLogs false where what is logged from now on is told otherwise
	 * @param calls how its calls are told
	 */
	constructor(
		connection: Connection,
		events: EventChoice,
		followsLogs: boolean,
		calls: Omit<CallWatchOptions, 'tell' | 'ask'>,
		tell: (message: FeedMessage) => void,
	) {
		this.#connection = connection;
		this.#followsLogs = followsLogs;
		this.client = createClient(connection);
		this.#administration = serviceClient(administrationService, connection);
		this.#cluster = serviceClient(clusterService, connection);
		this.#events = events;
		this.#tell = tell;
		this.#calls = new CallWatch({
			...calls,
			tell,
			ask: (id) => this.#administration.payload({ id }, { timeoutMs: askMs }),
		});
	}

	/** Tells what there is and what changes. Resolves when the connection has ended, with the reason. */
	async run(): Promise<string> {
		this.#tell({ kind: 'link', state: 'live' });
		void this.#watch();
		void this.#hearEvents();
		this.#every(pollMs, () => this.#askPlugins());
		this.#every(pollMs, () => this.#askSubscriptions());
		this.#every(pollMs, () => this.#askCluster());
		const reason = await this.#connection.closed;
		this.#end();
		return reason?.message ?? 'the connection was closed';
	}

	async act(action: PluginAction, plugin: string): Promise<void> {
		const { plugin: info } = await this.#administration[action]({ plugin }, { timeoutMs: actMs });
		this.#tell({ kind: 'plugin', plugin: factsOf(info) });
	}

	async cancel(call: string): Promise<boolean> {
		const id = this.#calls.idOf(call);
		return id !== undefined && (await this.#administration.cancel({ id }, { timeoutMs: askMs })).cancelled;
	}

	/** Chooses the call whose arguments and result are wanted: those that are known now are told, the others as soon as they are. */
	look(call: string | undefined): void {
		this.#calls.look(call);
	}

	async close(): Promise<void> {
		this.#end();
		await this.client.close();
	}

	#end(): void {
		this.#abort.abort();
		for (const timer of this.#timers.splice(0)) clearInterval(timer);
	}

	/** Asks now, and again and again: never twice at a time. */
	#every(ms: number, ask: () => Promise<void>): void {
		let asking = false;
		const once = async () => {
			if (asking) return;
			asking = true;
			await ask().finally(() => {
				asking = false;
			});
		};
		this.#timers.push(setInterval(once, ms));
		void once();
	}

	/** Does what may fail: because the connection ends, which is told elsewhere, or because we may not. */
	async #attempt(about: string, work: () => Promise<void>): Promise<void> {
		try {
			await work();
		} catch (thrown) {
			if (this.#abort.signal.aborted || !this.#connection.open) return;
			const { message } = OrchestraError.from(thrown, 'internal');
			this.#tell({ kind: 'problem', about, message });
		}
	}

	#watch(): Promise<void> {
		return this.#attempt('plugins', async () => {
			const wanted = { calls: true, payloads: true };
			for await (const event of this.#administration.watch(wanted, { signal: this.#abort.signal }))
				this.#take(event);
		});
	}

	#take(event: AdministrationEvent): void {
		switch (event.kind) {
			case 'plugins':
				this.#tell({ kind: 'plugins', plugins: event.plugins.map(factsOf) });
				for (const { id } of event.plugins) this.#followLog(id);
				return;
			case 'plugin':
				this.#tell({ kind: 'plugin', plugin: factsOf(event.plugin) });
				this.#followLog(event.plugin.id);
				return;
			case 'plugin_removed':
				this.#tell(event);
				return;
			case 'stopping':
				this.#tell({ kind: 'link', state: 'stopping' });
				return;
			case 'missed':
				this.#tell(event);
				return;
			default:
				this.#calls.take(event);
		}
	}

	#askPlugins(): Promise<void> {
		return this.#attempt('plugins', async () => {
			const { plugins, listeners, server } = await this.#administration.ps({}, { timeoutMs: askMs });
			for (const plugin of plugins) this.#tell({ kind: 'plugin', plugin: factsOf(plugin) });
			this.#tell({ kind: 'server', server: { ...server, listeners } });
		});
	}

	#askSubscriptions(): Promise<void> {
		return this.#attempt('subscriptions', async () => {
			const { subscriptions } = await this.#administration.subscriptions({}, { timeoutMs: askMs });
			this.#tell({
				kind: 'subscriptions',
				subscriptions: subscriptions.map(({ plugin, topics, missed }) => ({
					subscriber: plugin,
					topics,
					missed,
				})),
			});
		});
	}

	#askCluster(): Promise<void> {
		if (!this.#isClustered) return Promise.resolve();
		return this.#attempt('nodes', async () => {
			try {
				const { node, connected, outside, nodes } = await this.#cluster.nodes({}, { timeoutMs: askMs });
				this.#tell({ kind: 'cluster', cluster: { node, connected, outside, nodes } });
			} catch (error) {
				if (!(error instanceof OrchestraError) || error.code !== 'service_not_found') throw error;
				this.#isClustered = false;
			}
		});
	}

	#hearEvents(): Promise<void> {
		return this.#attempt('events', async () => {
			const { topics, filters = {}, replay = 0 } = this.#events;
			const stream = this.client.events(topics, { filters, replay, signal: this.#abort.signal });
			let batch: EventFacts[] = [];
			for await (const { missed, time, ...event } of stream) {
				if (missed > 0) this.#tell({ kind: 'events_missed', count: missed });
				if (batch.length === 0) {
					setTimeout(() => {
						this.#tell({ kind: 'events', events: batch });
						batch = [];
					}, batchMs);
				}
				batch.push({ ...event, time: time.getTime() });
			}
		});
	}

	#followLog(plugin: string): void {
		if (this.#followed.has(plugin) || this.#followed.size >= mostLogs) return;
		this.#followed.add(plugin);
		void this.#attempt('logs', async () => {
			const { signal } = this.#abort;
			for await (const line of this.#administration.logs(
				{ plugin, lines: firstLines, follow: this.#followsLogs },
				{ signal },
			)) {
				this.#tell({ kind: 'logs', lines: [{ plugin, ...line }] });
			}
		});
	}
}

function factsOf(info: PluginInfo): PluginFacts {
	const { id, state, reason, source, label, since, starts, pid, health, tools, loopLagMs, memoryBytes } =
		info;
	const facts = { id, state, reason, source, label, since, starts, pid, health, tools };
	return memoryBytes > 0 ? { ...facts, lagMs: loopLagMs, memoryBytes } : facts;
}
