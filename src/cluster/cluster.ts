import { randomUUID, X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import { type Address, formatAddress } from '../runtime/carrier/address.ts';
import type { Connection } from '../runtime/carrier/carrier.ts';
import type { IncomingExchange } from '../runtime/carrier/incoming-exchange.ts';
import { ownErrorResponse } from '../runtime/hosting/own-error-response.ts';
import type { PluginSlot } from '../runtime/hosting/plugin-slot.ts';
import type { PluginSource } from '../runtime/hosting/plugin-source.ts';
import type { IdentitySource } from '../runtime/identity/sources/identity-source.ts';
import { keyFingerprintOf } from '../runtime/identity/x509/read-certificate.ts';
import type { Orchestrator } from '../runtime/orchestrator/orchestrator.ts';
import type { LogEntry } from '../runtime/plugin/definition/log.ts';
import { softwareName } from '../runtime/plugin/serving/software.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { retoldError } from '../runtime/wire/retold-error.ts';
import type { ClusterConfiguration } from '../toolchain/configuration/configuration.ts';
import type { PluginToServe, ServingCluster } from '../toolchain/serve/plugin-to-serve.ts';
import { IncomingCalls } from './calls/incoming-calls.ts';
import { OutgoingCalls } from './calls/outgoing-calls.ts';
import { ClusterEventBus } from './events/cluster-event-bus.ts';
import { DurableEvents } from './events/durable-events.ts';
import { NatsBucket } from './nats/nats-bucket.ts';
import { type Heard, NatsLink } from './nats/nats-link.ts';
import { majorOf, Subjects } from './nats/subjects.ts';
import { systemClock } from './registry/clock.ts';
import { fencingFault } from './registry/fencing.ts';
import { Membership, type SeenNode } from './registry/membership.ts';
import { Placement } from './registry/placement.ts';
import type { CataloguePlugin } from './registry/records.ts';
import { ClusterSource, orchestratorOf } from './routes/cluster-source.ts';
import { DirectConnections } from './routes/direct-connections.ts';
import { PlacedSource } from './routes/placed-source.ts';
import { nodeLost, type Offer, type RouteWays } from './routes/plugin-route.ts';
import { serveCluster } from './serve-cluster.ts';

/** How a node is made. */
export interface ClusterOptions extends ClusterConfiguration {
	readonly onLog: (entry: LogEntry) => void;
}

/** Milliseconds that others get to hear that a node drains, before it takes no more calls. */
const drainNoticeMs = 500;

/** Milliseconds that the start of a placed plugin waits for its place at most: who serves begins meanwhile. */
const placeWaitMs = 2_000;

/** Milliseconds that a server waits at most for its cluster, before it starts its own plugins. */
const readyWaitMs = 5_000;

/** Milliseconds for an answer to a ping. */
const pingMs = 1_000;

/** An orchestrator as a node of a cluster on NATS: its place in the registry, its calls and its events. */
export class Cluster implements ServingCluster {
	readonly node: string;
	readonly instance: string = randomUUID();
	readonly bus: ClusterEventBus;
	readonly #options: ClusterOptions;
	readonly #subjects: Subjects;
	/** Sources of plugins that others run, by plugin. */
	readonly #sources = new Map<string, ClusterSource>();
	readonly #placed = new Map<string, PlacedSource>();
	/** Ids of plugins that the configuration has: they are not routed elsewhere before they are added. */
	readonly #own = new Set<string>();
	/** Ends of the subscriptions for what is meant for this node. */
	readonly #listening: (() => void)[] = [];
	/** Ends of the subscriptions for calls, by plugin and major version. */
	readonly #heard = new Map<string, () => void>();
	#parts: Parts | undefined;
	/** What other nodes run, by plugin; undefined where it has to be made anew. */
	#offerTable: Map<string, Offer[]> | undefined;
	#lastTold = '';
	/** What kept this node from its place when it tried last. */
	#whyOutside = '';
	/** Whether that NATS is away was the last to be said. */
	#saidAway = false;
	#isSyncing = false;
	#isLeaving = false;
	#isDraining = false;
	#joining: Promise<void> | undefined;

	constructor(options: ClusterOptions) {
		this.#options = options;
		this.node = options.node;
		this.#subjects = new Subjects(options.name);
		this.bus = new ClusterEventBus((plugin, message) => options.onLog({ level: 'warn', plugin, message }));
	}

	/** All nodes that this one sees. */
	get nodes(): SeenNode[] {
		return this.#parts?.membership.nodes ?? [];
	}

	isElsewhere(source: PluginSource): boolean {
		if (source instanceof PlacedSource)
			return this.#parts?.placement.token(source.elsewhere.plugin) === undefined;
		return source instanceof ClusterSource;
	}

	/** Joins, or begins to try: what NATS refuses is logged, and what is here works without it. */
	async attach(
		orchestrator: Orchestrator,
		identity: IdentitySource,
		operators: readonly string[],
		ids: readonly string[],
	): Promise<void> {
		for (const id of ids) this.#own.add(id);
		const { node, instance } = this;
		const { leaseMs, copies, servers, direct, durable } = this.#options;
		const subjects = this.#subjects;
		const onProblem = (error: OrchestraError) => {
			if (error.code === 'node_conflict') this.#whyOutside = error.message;
			this.#tell(error);
		};
		const timeoutMs = Math.min(5_000, leaseMs / 3);
		const link = new NatsLink({ servers, node, identity, silenceMs: leaseMs / 3, onProblem });
		const bucket = (what: 'nodes' | 'plugins' | 'leases', ttlMs: number | undefined) =>
			new NatsBucket({ link, name: subjects.stored(what), ttlMs, copies, timeoutMs, onProblem });
		const leases = bucket('leases', leaseMs);
		const holder = { node, instance };
		const clock = systemClock;
		const membership = new Membership({
			node,
			instance,
			leaseMs,
			clock,
			nodes: bucket('nodes', leaseMs),
			plugins: bucket('plugins', undefined),
			facts: () => ({
				software: softwareName,
				addresses: this.#advertised(orchestrator),
				fingerprint: keyFingerprintOf(new X509Certificate(identity.current.certificatePem)),
			}),
			ping: () => this.#ping(),
			onView: (name) => this.#viewed(name),
			onMember: (isMember) => this.#listen(isMember),
			onProblem,
		});
		const placement = new Placement({
			holder,
			leases,
			leaseMs,
			clock,
			onProblem,
			onChange: () => this.#sync(),
		});
		const calls = new OutgoingCalls(link, subjects, node);
		const served = new IncomingCalls(link, subjects, node, orchestrator.handle);
		const ways: RouteWays = {
			offers: (plugin) => this.#offers(plugin),
			direct: direct ? new DirectConnections({ identity, silenceMs: leaseMs / 3, onProblem }) : undefined,
			calls,
			cut: () => (link.up ? undefined : link.unavailable),
		};
		const events =
			durable.length > 0
				? new DurableEvents({ link, subjects, node, topics: durable, copies, onProblem })
				: undefined;
		this.#parts = { orchestrator, link, membership, placement, calls, served, ways, events };
		// From the beginning: other nodes are asked what they have before this one has its name. Nobody else knows the ids.
		link.subscribe(subjects.streamsOf(node), (message) => {
			const id = message.subject.slice(message.subject.lastIndexOf('.') + 1);
			if (calls.has(id)) calls.heard(id, message);
			else served.heard(id, message);
		});
		this.bus.attach({ link, subjects, node, durable: events });
		orchestrator.intercept((exchange, next) => {
			const refusal = this.#stale(exchange);
			if (refusal) exchange.finish(ownErrorResponse(exchange.request, refusal));
			else next();
		});
		orchestrator.provide(serveCluster(this, operators));
		orchestrator.onChange((change) => {
			if (change.kind === 'plugin_removed' && !(change.slot.source instanceof ClusterSource)) {
				const { id } = change.slot;
				this.#own.delete(id);
				if (this.#placed.delete(id)) void placement.remove(id);
			}
			if (change.kind !== 'health') this.#sync();
		});
		link.onDown(() => {
			membership.cut();
			placement.cut();
			this.#sync();
		});
		// Said already where it fails; it is tried again.
		await link.open().catch(() => {});
		link.onUp(() => {
			this.#joining = this.#join();
		});
		// Plugins of other nodes may be needed by those that are started next, and a server that says that it is ready has them.
		const late = new Promise((resolve) => setTimeout(resolve, readyWaitMs).unref());
		await Promise.race([this.#usable(orchestrator), late]);
	}

	async place(plugin: PluginToServe): Promise<PluginToServe> {
		const { id, replicas } = plugin;
		if (id === undefined) return plugin;
		const parts = this.#parts;
		if (!parts) throw new OrchestraError('internal', 'plugins are placed when the cluster is attached');
		this.#own.add(id);
		const slot = parts.orchestrator.slot(id);
		// A reload has added what was called elsewhere until now.
		if (slot?.source instanceof ClusterSource) await parts.orchestrator.remove(slot);
		return replicas === undefined ? plugin : this.#placeNow(plugin, replicas, parts);
	}

	/** Whether NATS can be reached. */
	get connected(): boolean {
		return this.#parts?.link.up ?? false;
	}

	/** Why this node has no place in the cluster now; empty where it has one. */
	get outside(): string {
		const { link, membership } = this.#parts ?? {};
		if (!link || !membership) return '';
		if (!link.up) return link.unavailable.message;
		return membership.state === 'joining' ? this.#whyOutside : '';
	}

	/** Calls of other nodes and of callers here that have not ended. */
	get callsUnderWay(): number {
		return this.#parts?.orchestrator.callsUnderWay.length ?? 0;
	}

	/** A connection to the orchestrator of another node. @throws OrchestraError `node_lost` where there is none of that name */
	async orchestratorOf(name: string): Promise<Connection> {
		const { membership, ways } = this.#parts ?? {};
		const found = membership?.node(name);
		if (found?.compatible && ways) return orchestratorOf(found, ways);
		const known = this.nodes.map(({ record }) => record.node).join(', ');
		throw new OrchestraError('node_lost', `there is no node ${name} in the cluster now`, {
			hint: `There are: ${known || 'none'}.`,
			details: { node: name },
		});
	}

	/** Takes its turn again after {@link drain}. Never rejects. */
	async resume(): Promise<void> {
		const parts = this.#parts;
		if (!parts || !this.#isDraining || this.#isLeaving) return;
		this.#isDraining = false;
		await parts.membership.resume();
		await parts.placement.begin().catch(() => {});
		this.#sync();
	}

	/** Takes no more calls from elsewhere than it has to, and gives back what it holds alone. Never rejects. */
	async drain(): Promise<void> {
		const parts = this.#parts;
		if (!parts || this.#isDraining) return;
		this.#isDraining = true;
		await parts.membership.drain();
		this.#sync();
		await new Promise((resolve) => setTimeout(resolve, parts.link.up ? drainNoticeMs : 0));
		await parts.placement.end('the node is drained');
	}

	/** Leaves: others hear of it at once. Never rejects. */
	async leave(): Promise<void> {
		const parts = this.#parts;
		if (!parts || this.#isLeaving) return;
		this.#isLeaving = true;
		const { link, membership, placement, ways, events } = parts;
		await placement.close('the node leaves');
		await membership.leave();
		await ways.direct?.close();
		events?.close();
		await link.close();
	}

	#placeNow(plugin: PluginToServe, replicas: number, parts: Parts): PluginToServe {
		const { id = '', singleton = false } = plugin;
		const { placement, orchestrator } = parts;
		const elsewhere = this.#source(id, parts);
		const holds = () => placement.token(id) !== undefined;
		const source = new PlacedSource(plugin.source, elsewhere, {
			holds,
			admit: (exchange) => (singleton ? this.#fence(exchange, id, placement) : undefined),
			decided: async (signal) => {
				for (let ms = 0; ms < placeWaitMs && !signal.aborted; ms += 50) {
					if (holds() || this.#offers(id).length > 0 || !parts.link.up) return;
					await new Promise((resolve) => setTimeout(resolve, 50));
				}
			},
		});
		this.#placed.set(id, source);
		if (!placement.has(id)) {
			placement.add({
				plugin: id,
				replicas,
				start: async () => {
					// One that is not added yet is started when it is.
					await orchestrator.slot(id)?.swap({ drainMs: 0 });
				},
				stop: async () => {
					const slot = orchestrator.slot(id);
					await slot?.stop();
					this.#sync();
				},
			});
		}
		return { ...plugin, source };
	}

	#fence(exchange: IncomingExchange, plugin: string, placement: Placement): OrchestraError | undefined {
		const { request } = exchange;
		const held = placement.token(plugin);
		const sent = request.cluster?.token || undefined;
		const fault = fencingFault({ plugin, node: this.node, held, sent });
		if (!fault && held !== undefined) request.cluster = { ...request.cluster, plugin, token: held };
		return fault;
	}

	/** A call for another start of this node, which nobody has served: its caller's registry was old. */
	#stale({ request: { cluster } }: IncomingExchange): OrchestraError | undefined {
		if (!cluster?.instance || cluster.instance === this.instance) return undefined;
		return new OrchestraError(
			'node_lost',
			`node ${this.node} was started anew since its caller heard of it`,
			{
				retryable: true,
				hint: 'Call again: nothing was done.',
				details: { node: this.node },
			},
		);
	}

	async #join(): Promise<void> {
		const parts = this.#parts;
		if (!parts) return;
		const { membership, placement, link, events } = parts;
		try {
			if (membership.state === 'joining') {
				await membership.offer(this.#catalogue(parts));
				await membership.join();
			} else membership.restored();
			placement.restored();
			if (!this.#isDraining) await placement.begin();
			this.#sync();
			void events;
			this.#tellPlace();
		} catch (error) {
			if (!link.up || this.#isLeaving) return;
			const fault = OrchestraError.from(error, 'cluster_unavailable', `node ${this.node} has not joined`);
			this.#whyOutside = fault.message;
			this.#tell(fault);
			setTimeout(() => {
				if (link.up && !this.#isLeaving) this.#joining = this.#join();
			}, this.#options.leaseMs / 3).unref();
		}
	}

	/** What has changed is looked at once, when all of it has happened. */
	#sync(): void {
		if (this.#isSyncing || !this.#parts || this.#isLeaving) return;
		this.#isSyncing = true;
		queueMicrotask(() => {
			this.#isSyncing = false;
			if (this.#parts && !this.#isLeaving) this.#syncNow(this.#parts);
		});
	}

	#syncNow(parts: Parts): void {
		void parts.membership.offer(this.#catalogue(parts));
		this.#hearCalls(parts);
		this.#offerTable ??= offerTable(parts.membership.nodes, this.node);
		const offered = this.#offerTable;
		for (const id of offered.keys()) this.#route(id, parts);
		for (const [id, source] of this.#sources) {
			source.changed(
				new OrchestraError('node_lost', `no node of the cluster runs plugin ${id} any more`, {
					retryable: true,
				}),
			);
		}
		for (const id of this.#placed.keys()) {
			const slot = parts.orchestrator.slot(id);
			const held = parts.placement.token(id) !== undefined;
			if (slot && isAtRest(slot) && (held || offered.has(id))) this.#start(slot);
		}
	}

	/** Settles when what others run can be called here, as far as it can be. Never rejects. */
	async #usable(orchestrator: Orchestrator): Promise<void> {
		await this.#joining;
		if (this.#parts) this.#syncNow(this.#parts);
		const starting = orchestrator.slots.filter(
			({ source, state }) => source instanceof ClusterSource && state === 'starting',
		);
		await Promise.allSettled(starting.map((slot) => slot.start()));
	}

	/** Sees to it that a plugin of other nodes has its slot here. */
	#route(id: string, parts: Parts): void {
		const { orchestrator } = parts;
		const slot = orchestrator.slot(id);
		if (slot) {
			if (slot.source instanceof ClusterSource && isAtRest(slot)) this.#start(slot);
			return;
		}
		// What the configuration has is about to be added.
		if (this.#own.has(id)) return;
		try {
			this.#start(orchestrator.add(this.#source(id, parts), { id }));
		} catch {
			// It stops.
		}
	}

	#start(slot: PluginSlot): void {
		slot.start().catch((error: unknown) => {
			const failure = OrchestraError.from(error, 'start_failed');
			const { code, message } = failure;
			// Its node may be there a moment later, and nothing else may change meanwhile.
			setTimeout(() => this.#sync(), this.#options.leaseMs / 3).unref();
			if (code === 'cancelled' || code === 'plugin_unavailable' || code === 'cluster_unavailable') return;
			this.#tell(retoldError(failure, `plugin ${slot.id} of other nodes cannot be used: ${message}`));
		});
	}

	#source(id: string, { ways }: Parts): ClusterSource {
		const source = this.#sources.get(id) ?? new ClusterSource(id, ways);
		this.#sources.set(id, source);
		return source;
	}

	/** The nodes that run a plugin. Asked for each call: made anew when a node has changed only. */
	#offers(plugin: string): readonly Offer[] {
		this.#offerTable ??= offerTable(this.#parts?.membership.nodes ?? [], this.node);
		return this.#offerTable.get(plugin) ?? [];
	}

	/** What this node runs, for others. */
	#catalogue({ orchestrator, placement }: Parts): CataloguePlugin[] {
		return orchestrator.slots.flatMap((slot) => {
			if (slot.source instanceof ClusterSource || !slot.known) return [];
			const { manifest, tools, prompts } = slot.known;
			const placed = this.#placed.has(slot.id);
			const token = placed ? placement.token(slot.id) : undefined;
			const runs = slot.state === 'running' && (!placed || token !== undefined);
			return {
				id: slot.id,
				version: manifest.version ?? '',
				state: runs ? ('running' as const) : placed ? ('standby' as const) : ('stopped' as const),
				tools: tools.map(({ name = '' }) => name),
				prompts: prompts.map(({ name = '' }) => name),
				storage: manifest.providesStorage ?? [],
				providers: manifest.providesAi ?? [],
				...(placed && token !== undefined ? { exclusive: true, token } : {}),
			};
		});
	}

	/** Hears the calls of what runs here. */
	#hearCalls(parts: Parts): void {
		const wanted = new Map<string, { subject: string; queue: string }>();
		if (!this.#isDraining) {
			for (const { id, version, state } of this.#catalogue(parts)) {
				if (state !== 'running') continue;
				const where = this.#subjects.calls(id, majorOf(version));
				wanted.set(where.queue, where);
			}
		}
		for (const [queue, end] of this.#heard) {
			if (wanted.has(queue)) continue;
			end();
			this.#heard.delete(queue);
		}
		for (const [key, { subject, queue }] of wanted) {
			if (this.#heard.has(key)) continue;
			this.#heard.set(
				key,
				parts.link.subscribe(subject, (message) => parts.served.begin(message), queue),
			);
		}
	}

	/** Hears what is meant for this node, while the name is its own: another of that name may be there. */
	#listen(isMember: boolean): void {
		for (const end of this.#listening.splice(0)) end();
		const parts = this.#parts;
		if (!isMember || !parts) return;
		const { link, served } = parts;
		const { node } = this;
		const subjects = this.#subjects;
		this.#listening.push(
			link.subscribe(subjects.callsOf(node), (message) => served.begin(message)),
			link.subscribe(subjects.controlOf(node), (message) => this.#control(message)),
		);
	}

	/** A node has changed, or is gone. */
	#viewed(name: string): void {
		this.#offerTable = undefined;
		const parts = this.#parts;
		if (!parts) return;
		if (name !== this.node && !parts.membership.node(name)) {
			const error = nodeLost(name);
			parts.calls.lost(name, error);
			parts.served.lost(name);
			parts.ways.direct?.drop(name, error);
		}
		this.#sync();
	}

	#control(message: Heard): void {
		const { reply } = message;
		const parts = this.#parts;
		if (!reply || !parts || message.status !== 0) return;
		const from = this.#subjects.readControl(message.subject);
		const text = new TextDecoder().decode(message.data);
		const answer = (value: object) => {
			try {
				parts.link.publish(reply, new TextEncoder().encode(JSON.stringify(value)));
			} catch {
				// Whoever asked has a time for it.
			}
		};
		if (text === 'ping') {
			if (from !== undefined) answer({ node: this.node, instance: this.instance });
		}
	}

	/** Whether somebody goes by the name of this node. Its own subscription does not hear what it publishes. */
	async #ping(): Promise<'alive' | 'gone' | 'unknown'> {
		const parts = this.#parts;
		if (!parts) return 'unknown';
		try {
			await parts.link.connection.request(
				this.#subjects.control(this.node, this.node),
				new TextEncoder().encode('ping'),
				{ timeout: pingMs },
			);
			return 'alive';
		} catch (error) {
			return /no ?responders/i.test(`${(error as Error).name} ${(error as Error).message}`)
				? 'gone'
				: 'unknown';
		}
	}

	#advertised(orchestrator: Orchestrator): string[] {
		const { advertise } = this.#options;
		if (advertise) return [...advertise];
		return orchestrator.addresses
			.filter(({ carrier }) => carrier !== 'tcp+plain')
			.map((address) => formatAddress(reachable(address)));
	}

	/** That it has its place is said where the log says that it had none; what is wrong next is said anew. */
	#tellPlace(): void {
		const wasOutside = this.#saidAway || this.#whyOutside !== '';
		[this.#saidAway, this.#whyOutside, this.#lastTold] = [false, '', ''];
		if (!wasOutside || this.#isLeaving) return;
		const message = `node ${this.node} has its place in the cluster`;
		this.#options.onLog({ level: 'info', plugin: 'orchestrator', message });
	}

	#tell({ code, message, hint }: OrchestraError): void {
		if (this.#isLeaving || message === this.#lastTold) return;
		// That NATS is away has been said by then, by the way to it.
		if (code === 'cluster_unavailable' && this.#parts?.link.up === false && this.#saidAway) return;
		this.#saidAway = this.#parts?.link.up === false;
		this.#lastTold = message;
		this.#options.onLog({
			level: 'warn',
			plugin: 'orchestrator',
			message: hint ? `${message}. ${hint}` : message,
		});
	}
}

/** What other nodes run, by plugin. */
function offerTable(nodes: readonly SeenNode[], self: string): Map<string, Offer[]> {
	const table = new Map<string, Offer[]>();
	for (const { record, plugins, compatible } of nodes) {
		if (!compatible || record.node === self) continue;
		for (const plugin of plugins) {
			if (plugin.state !== 'running') continue;
			const offers = table.get(plugin.id);
			if (offers) offers.push({ record, plugin });
			else table.set(plugin.id, [{ record, plugin }]);
		}
	}
	return table;
}

/** What a cluster is made of, when it is attached. */
interface Parts {
	readonly orchestrator: Orchestrator;
	readonly link: NatsLink;
	readonly membership: Membership;
	readonly placement: Placement;
	readonly calls: OutgoingCalls;
	readonly served: IncomingCalls;
	readonly ways: RouteWays;
	readonly events: DurableEvents | undefined;
}

/** States in which a slot stays until somebody starts it. */
function isAtRest({ state }: PluginSlot): boolean {
	return state === 'stopped' || state === 'exited' || state === 'crashed' || state === 'failed';
}

/** An address that means something elsewhere. */
function reachable(address: Address): Address {
	return address.host === '0.0.0.0' || address.host === '::' ? { ...address, host: hostname() } : address;
}
