import { EventClock } from './event-clock.ts';
import { seededRandom } from './seeded-random.ts';
import { type ClusterSize, SimulatedCluster } from './simulated-cluster.ts';
import { type ServerModel, type ServerTraffic, SimulatedServer, type Traffic } from './simulated-server.ts';

/** What a cluster's registry costs. */
export interface RegistryFigures {
	readonly size: ClusterSize;
	/** Until everybody sees everybody. */
	readonly joined: { readonly ms: number; readonly traffic: ServerTraffic };
	/** While nothing changes, by the second. */
	readonly steady: {
		readonly received: Traffic;
		readonly sent: Traffic;
		/** Cores of the server. */
		readonly cores: number;
		readonly longestWaitMs: number;
		/** What one node hears. */
		readonly perNode: Traffic;
	};
	readonly storm: {
		readonly killed: number;
		/** Singletons that ran at those. */
		readonly orphans: number;
		/** Until an observer saw none of them any more. */
		readonly noticedMs: { readonly first: number; readonly last: number };
		/** Until a singleton ran again. */
		readonly movedMs: { readonly p50: number; readonly p99: number; readonly most: number };
		/** Tries for a lease that another had first. */
		readonly conflicts: number;
		readonly traffic: ServerTraffic;
	};
	/** Singletons that ran twice at a time, ever. */
	readonly overlaps: number;
	readonly problems: Readonly<Record<string, number>>;
}

/** Has a cluster join, rest, and lose a tenth of its nodes at once. */
export async function registryTraffic(size: ClusterSize, restMs: number): Promise<RegistryFigures> {
	const cluster = new SimulatedCluster(size);
	const { clock, server, stores } = cluster;
	const joinedMs = await cluster.start();
	const joined = { ms: joinedMs, traffic: server.traffic };
	await clock.runTo(clock.now() + 2 * size.leaseMs);
	server.count();
	const conflictsBefore = stores.leases.conflicts;
	await clock.runTo(clock.now() + restMs);
	const { received, sent, longestWaitMs, workedMicros } = server.traffic;
	const bySecond = (traffic: Traffic, share = 1): Traffic => ({
		messages: (traffic.messages * share * 1000) / restMs,
		bytes: (traffic.bytes * share * 1000) / restMs,
	});
	const cores = workedMicros / (restMs * 1000);
	const steady = {
		received: bySecond(received),
		sent: bySecond(sent),
		cores,
		longestWaitMs,
		perNode: bySecond(sent, 1 / size.nodes),
	};
	server.count();
	const victims = cluster.nodes.filter((_, index) => index % 10 === 5);
	const at = clock.now();
	const running = cluster.running();
	cluster.kill(victims);
	const orphans = running - cluster.running();
	let first: number | undefined;
	const last = await cluster.until(() => {
		const blind = cluster.observers.filter(
			({ alive, membership }) => alive && victims.every(({ name }) => !membership.node(name)),
		).length;
		if (blind > 0) first ??= clock.now();
		return blind === cluster.observers.filter(({ alive }) => alive).length;
	}, 20 * size.leaseMs);
	await cluster.until(() => cluster.isSettled(), 20 * size.leaseMs);
	await clock.runTo(clock.now() + 2 * size.leaseMs);
	const moves = [...cluster.runs.values()]
		.flatMap((runs) => runs.filter(({ from }) => from > at).map(({ from }) => from - at))
		.sort((a, b) => a - b);
	return {
		size,
		joined,
		steady,
		storm: {
			killed: victims.length,
			orphans,
			noticedMs: { first: (first ?? last) - at, last: last - at },
			movedMs: { p50: quantile(moves, 0.5), p99: quantile(moves, 0.99), most: moves.at(-1) ?? 0 },
			conflicts: stores.leases.conflicts - conflictsBefore,
			traffic: server.traffic,
		},
		overlaps: cluster.overlaps(),
		problems: Object.fromEntries(cluster.problems),
	};
}

/** What events cost that many nodes hear. */
export interface FanOut {
	readonly seed: number;
	readonly subscribers: number;
	/** Of all publishers together. */
	readonly eventsPerSecond: number;
	readonly bytes: number;
	readonly seconds: number;
	/** Bytes a second that each subscriber takes; the slow ones take a hundredth. */
	readonly subscriberBytesPerSecond: number;
	readonly slow: number;
	/** Bytes for one client after which a server takes it for a slow consumer. */
	readonly maxPending: number;
	readonly server: ServerModel;
}

export interface FanOutFigures {
	readonly given: FanOut;
	readonly sent: Traffic;
	/** Cores of the server. */
	readonly cores: number;
	/** From publishing to hearing, of subscribers that are not slow. */
	readonly heardMs: { readonly p50: number; readonly p99: number; readonly most: number };
	/** Subscribers that the server has disconnected. */
	readonly disconnected: number;
	/** Milliseconds until the first of those. */
	readonly firstDisconnectedMs: number | undefined;
}

/** Publishes events to many subscribers, some of whom are slow. */
export async function eventFanOut(given: FanOut): Promise<FanOutFigures> {
	const clock = new EventClock();
	const random = seededRandom(given.seed);
	const server = new SimulatedServer(clock, random, given.server);
	const { subscribers, slow, subscriberBytesPerSecond, bytes, maxPending, seconds, eventsPerSecond } = given;
	const all = Array.from({ length: subscribers }, (_, index) => ({
		bytesPerMs: (subscriberBytesPerSecond * (index < slow ? 0.01 : 1)) / 1000,
		isSlow: index < slow,
		/** When it will have taken what is sent so far. */
		freeAt: 0,
		connected: true,
	}));
	const heard: number[] = [];
	let firstDisconnectedMs: number | undefined;
	const publish = () => {
		const publishedAt = clock.now();
		clock.after(server.wayMs(), () => {
			server.receive(bytes);
			for (const subscriber of all) {
				if (!subscriber.connected) continue;
				const sentAt = clock.now() + server.send(1, bytes);
				const pending = Math.max(0, subscriber.freeAt - sentAt) * subscriber.bytesPerMs;
				if (pending > maxPending) {
					subscriber.connected = false;
					firstDisconnectedMs ??= sentAt;
					continue;
				}
				subscriber.freeAt = Math.max(sentAt, subscriber.freeAt) + bytes / subscriber.bytesPerMs;
				if (!subscriber.isSlow) heard.push(subscriber.freeAt + server.wayMs() - publishedAt);
			}
		});
	};
	const count = eventsPerSecond * seconds;
	for (let event = 0; event < count; event++) {
		clock.after(((event + random()) * 1000) / eventsPerSecond, publish);
	}
	await clock.runTo(seconds * 1000 + 60_000);
	heard.sort((a, b) => a - b);
	const { sent } = server.traffic;
	return {
		given,
		sent: { messages: sent.messages / seconds, bytes: sent.bytes / seconds },
		cores: (sent.messages * given.server.sendMicros) / (seconds * 1e6),
		heardMs: { p50: quantile(heard, 0.5), p99: quantile(heard, 0.99), most: heard.at(-1) ?? 0 },
		disconnected: all.filter(({ connected }) => !connected).length,
		firstDisconnectedMs,
	};
}

function quantile(sorted: readonly number[], share: number): number {
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
