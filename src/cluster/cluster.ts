import { randomUUID, X509Certificate } from 'node:crypto';
import type { Connection } from '../runtime/carrier/carrier.ts';
import { ownErrorResponse } from '../runtime/hosting/own-error-response.ts';
import type { PluginSource } from '../runtime/hosting/plugin-source.ts';
import type { IdentitySource } from '../runtime/identity/sources/identity-source.ts';
import { keyFingerprintOf } from '../runtime/identity/x509/read-certificate.ts';
import type { Orchestrator } from '../runtime/orchestrator/orchestrator.ts';
import type { LogEntry } from '../runtime/plugin/definition/log.ts';
import { softwareName } from '../runtime/plugin/serving/software.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { ClusterConfiguration } from '../toolchain/configuration/configuration.ts';
import type { PluginToServe, ServingCluster } from '../toolchain/serve/plugin-to-serve.ts';
import { advertisedAddresses } from './advertised-addresses.ts';
import { CallListening } from './calls/call-listening.ts';
import { IncomingCalls } from './calls/incoming-calls.ts';
import { OutgoingCalls } from './calls/outgoing-calls.ts';
import { staleCallFault } from './calls/stale-call.ts';
import { catalogueOf } from './catalogue.ts';
import { ClusterEventBus } from './events/cluster-event-bus.ts';
import { DurableEvents } from './events/durable-events.ts';
import { Joining } from './joining.ts';
import { NatsBucket } from './nats/nats-bucket.ts';
import { NatsLink } from './nats/nats-link.ts';
import { Subjects } from './nats/subjects.ts';
import { OwnTimers } from './own-timers.ts';
import { PlacedPlugins } from './placed-plugins.ts';
import { ProblemLog } from './problem-log.ts';
import { systemClock } from './registry/clock.ts';
import { Membership, type SeenNode } from './registry/membership.ts';
import { Placement } from './registry/placement.ts';
import { ClusterSource, orchestratorOf } from './routes/cluster-source.ts';
import { DirectConnections } from './routes/direct-connections.ts';
import { Elsewhere } from './routes/elsewhere.ts';
import { OfferTable } from './routes/offer-table.ts';
import { PlacedSource } from './routes/placed-source.ts';
import { nodeLost, type RouteWays } from './routes/plugin-route.ts';
import { SlotStarts } from './routes/slot-starts.ts';
import { serveCluster } from './serve-cluster.ts';

/** Settings with which a node is made. */
export interface ClusterOptions extends ClusterConfiguration {
	readonly onLog: (entry: LogEntry) => void;
}

/** Milliseconds that others get to hear that a node drains, before it takes no more calls. */
const drainNoticeMs = 500;

/** Milliseconds that a server waits at most for its cluster, before it starts its own plugins. */
const readyWaitMs = 5_000;

/** An orchestrator as a node of a cluster on NATS: its place in the registry, its calls and its events. */
export class Cluster implements ServingCluster {
	readonly node: string;
	readonly instance: string = randomUUID();
	readonly bus: ClusterEventBus;
	readonly #options: ClusterOptions;
	readonly #problems: ProblemLog;
	readonly #timers = new OwnTimers();
	/** Ids of plugins that the configuration has: they are not routed elsewhere before they are added. */
	readonly #own = new Set<string>();
	#parts: Parts | undefined;
	/** Reason that kept this node from its place when it tried last. */
	#whyOutside = '';
	#isSyncing = false;
	#isLeaving = false;
	#isDraining = false;

	constructor(options: ClusterOptions) {
		this.#options = options;
		this.node = options.node;
		this.#problems = new ProblemLog(options.onLog, () => this.#parts?.link.up !== false);
		this.bus = new ClusterEventBus((plugin, message) => options.onLog({ level: 'warn', plugin, message }));
	}

	/** All nodes that this one sees. */
	get nodes(): SeenNode[] {
		return this.#parts?.membership.nodes ?? [];
	}

	/** This node itself, whether others see it or not. */
	get self(): SeenNode | undefined {
		return this.#parts?.membership.self;
	}

	isElsewhere(source: PluginSource): boolean {
		if (source instanceof PlacedSource) return !this.#parts?.placed.holds(source.elsewhere.plugin);
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
		const parts = this.#make(orchestrator, identity);
		this.#parts = parts;
		const { link, membership, placement, placed, starts, joining, events, subjects } = parts;
		const { node } = this;
		this.bus.attach({ link, subjects, node, durable: events });
		orchestrator.intercept((exchange, next) => {
			const refusal = staleCallFault(exchange.request, this);
			if (refusal) exchange.finish(ownErrorResponse(exchange.request, refusal));
			else next();
		});
		orchestrator.provide(serveCluster(this, operators));
		orchestrator.onChange((change) => {
			if (change.kind === 'stopping') {
				events?.end();
				starts.close();
			}
			if (change.kind === 'plugin_removed' && !(change.slot.source instanceof ClusterSource)) {
				this.#own.delete(change.slot.id);
				placed.remove(change.slot.id);
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
		joining.begin();
		// Plugins of other nodes may be needed by those that are started next, and a server that says that it is ready has them.
		await this.#timers.wait(readyWaitMs, this.#usable(parts));
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
		return replicas === undefined ? plugin : parts.placed.place(plugin, replicas);
	}

	started(): void {
		this.#parts?.events?.begin();
	}

	/** Whether NATS can be reached. */
	get connected(): boolean {
		return this.#parts?.link.up ?? false;
	}

	/** Reason why NATS cannot be reached; undefined where it can. */
	get cut(): OrchestraError | undefined {
		const { link } = this.#parts ?? {};
		return link?.up ? undefined : link?.unavailable;
	}

	/** Reason why this node has no place in the cluster now; empty where it has one. */
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

	/** Takes its turn again after {@link drain}. Never rejects. @returns why others may not have heard of it */
	async resume(): Promise<OrchestraError | undefined> {
		const parts = this.#parts;
		if (!parts || this.#isLeaving) return undefined;
		this.#isDraining = false;
		const unheard = await parts.membership.resume();
		await parts.placement.begin().catch(() => {});
		this.#sync();
		return unheard;
	}

	/**
	 * Takes no more calls from elsewhere than it has to, and gives back what it holds alone. Never rejects.
	 *
	 * @returns why others may not have heard of it, and go on to call here
	 */
	async drain(): Promise<OrchestraError | undefined> {
		const parts = this.#parts;
		if (!parts) return undefined;
		this.#isDraining = true;
		const unheard = await parts.membership.drain();
		this.#sync();
		if (parts.link.up) await this.#timers.wait(drainNoticeMs);
		await parts.placement.end('the node is drained');
		return unheard;
	}

	/** Leaves: others hear of it at once. Never rejects. */
	async leave(): Promise<void> {
		const parts = this.#parts;
		if (!parts || this.#isLeaving) return;
		this.#isLeaving = true;
		this.#problems.close();
		const { link, membership, placement, ways, events, calls } = parts;
		await placement.close('the node leaves');
		await membership.leave();
		await ways.direct?.close();
		events?.close();
		calls.close();
		await link.close();
		this.#timers.close();
	}

	#make(orchestrator: Orchestrator, identity: IdentitySource): Parts {
		const { node, instance } = this;
		const { leaseMs, copies, servers, direct, durable, name, advertise } = this.#options;
		const timers = this.#timers;
		const subjects = new Subjects(name);
		const onProblem = (error: OrchestraError) => {
			if (error.code === 'node_conflict') this.#whyOutside = error.message;
			this.#problems.tell(error);
		};
		const sync = () => this.#sync();
		const timeoutMs = Math.min(5_000, leaseMs / 3);
		const againMs = leaseMs / 3;
		const link = new NatsLink({ servers, node, identity, silenceMs: leaseMs / 3, onProblem });
		const bucket = (what: 'nodes' | 'plugins' | 'leases', ttlMs: number | undefined) =>
			new NatsBucket({ link, name: subjects.stored(what), ttlMs, copies, timeoutMs, timers, onProblem });
		const calls = new OutgoingCalls(link, subjects, node);
		const served = new IncomingCalls(link, subjects, node, orchestrator.handle);
		const listening = new CallListening({ link, subjects, node, instance, calls, served });
		const membership = new Membership({
			node,
			instance,
			leaseMs,
			clock: systemClock,
			nodes: bucket('nodes', leaseMs),
			plugins: bucket('plugins', undefined),
			facts: () => ({
				software: softwareName,
				addresses: advertise ? [...advertise] : advertisedAddresses(orchestrator.addresses),
				fingerprint: keyFingerprintOf(new X509Certificate(identity.current.certificatePem)),
			}),
			ping: () => listening.ping(),
			onView: (changed) => this.#viewed(changed),
			onMember: (isMember) => listening.named(isMember),
			onProblem,
		});
		const placement = new Placement({
			holder: { node, instance },
			leases: bucket('leases', leaseMs),
			leaseMs,
			clock: systemClock,
			onProblem,
			onChange: sync,
		});
		const offers = new OfferTable(node, () => membership.nodes);
		const ways: RouteWays = {
			offers: (plugin) => offers.of(plugin),
			having: (plugin) => offers.having(plugin),
			direct: direct ? new DirectConnections({ identity, silenceMs: leaseMs / 3, onProblem }) : undefined,
			calls,
			cut: () => (link.up ? undefined : link.unavailable),
		};
		const starts = new SlotStarts({ timers, againMs, onAgain: sync, onProblem });
		const isOwn = (id: string) => this.#own.has(id);
		const elsewhere = new Elsewhere({ orchestrator, offers, ways, starts, isOwn });
		const placed = new PlacedPlugins({
			node,
			orchestrator,
			placement,
			elsewhere,
			offers,
			starts,
			timers,
			connected: () => link.up,
			onStopped: sync,
		});
		const joining = new Joining({
			node,
			link,
			membership,
			placement,
			timers,
			againMs,
			catalogue: () => catalogueOf(orchestrator, placed),
			isDraining: () => this.#isDraining,
			onJoined: () => {
				sync();
				this.#problems.solved(`node ${node} has its place in the cluster`, this.#whyOutside !== '');
				this.#whyOutside = '';
			},
			onProblem: (error) => {
				this.#whyOutside = error.message;
				onProblem(error);
			},
		});
		const events =
			durable.length > 0
				? new DurableEvents({ link, subjects, node, topics: durable, copies, onProblem })
				: undefined;
		return {
			orchestrator,
			subjects,
			link,
			membership,
			placement,
			placed,
			calls,
			served,
			listening,
			offers,
			ways,
			elsewhere,
			starts,
			joining,
			events,
		};
	}

	/** Looks at what has changed once, when all of it has happened. */
	#sync(): void {
		if (this.#isSyncing || !this.#parts || this.#isLeaving) return;
		this.#isSyncing = true;
		queueMicrotask(() => {
			this.#isSyncing = false;
			if (this.#parts && !this.#isLeaving) this.#syncNow(this.#parts);
		});
	}

	#syncNow({ orchestrator, membership, listening, elsewhere, placed }: Parts): void {
		const catalogue = catalogueOf(orchestrator, placed);
		void membership.offer(catalogue);
		listening.hear(this.#isDraining ? [] : catalogue);
		elsewhere.route();
		placed.startDue();
	}

	/** Settles when what others run can be called here, as far as it can be. Never rejects. */
	async #usable(parts: Parts): Promise<void> {
		await parts.joining.settled;
		this.#syncNow(parts);
		await parts.elsewhere.usable();
	}

	/** Takes note of a node that has changed, or is gone. */
	#viewed(name: string): void {
		const parts = this.#parts;
		if (!parts) return;
		parts.offers.changed();
		if (name !== this.node && !parts.membership.node(name)) {
			const error = nodeLost(name);
			parts.calls.lost(name, error);
			parts.served.lost(name);
			parts.ways.direct?.drop(name, error);
		}
		this.#sync();
	}
}

/** Parts of a cluster that is attached. */
interface Parts {
	readonly orchestrator: Orchestrator;
	readonly subjects: Subjects;
	readonly link: NatsLink;
	readonly membership: Membership;
	readonly placement: Placement;
	readonly placed: PlacedPlugins;
	readonly calls: OutgoingCalls;
	readonly served: IncomingCalls;
	readonly listening: CallListening;
	readonly offers: OfferTable;
	readonly ways: RouteWays;
	readonly elsewhere: Elsewhere;
	readonly starts: SlotStarts;
	readonly joining: Joining;
	readonly events: DurableEvents | undefined;
}
