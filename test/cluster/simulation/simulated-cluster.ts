import type { Clock } from '../../../src/cluster/registry/clock.ts';
import { Membership } from '../../../src/cluster/registry/membership.ts';
import { Placement } from '../../../src/cluster/registry/placement.ts';
import type { CataloguePlugin } from '../../../src/cluster/registry/records.ts';
import { EventClock } from './event-clock.ts';
import { seededRandom } from './seeded-random.ts';
import { type Overheads, SimulatedStore } from './simulated-bucket.ts';
import { type ServerModel, SimulatedServer } from './simulated-server.ts';

/** What is simulated. */
export interface ClusterSize {
	readonly seed: number;
	readonly nodes: number;
	/** Of all plugins; each node runs its share of those that are no singletons. */
	readonly plugins: number;
	/** How many of the plugins are singletons, and at how many nodes each may run. */
	readonly singletons: number;
	readonly candidates: number;
	/** Nodes whose whole view is kept. What all the others would hear is counted, not kept: a thousand views of a thousand nodes take gigabytes. */
	readonly observers: number;
	readonly leaseMs: number;
	/** Over which nodes begin. */
	readonly joinMs: number;
	readonly server: ServerModel;
	readonly overheads: Overheads;
}

/** A singleton that ran at a node, on the clock. */
interface Run {
	readonly node: number;
	readonly from: number;
	to: number | undefined;
}

/** A node: what the product would do there, with simulated time, storage and network. */
export interface SimulatedNode {
	readonly name: string;
	readonly membership: Membership;
	readonly placement: Placement;
	alive: boolean;
}

const tools = ['search', 'describe', 'list', 'update'];

function plugin(id: string, more: Partial<CataloguePlugin> = {}): CataloguePlugin {
	return { id, version: '1.4.2', state: 'running', tools, prompts: [], storage: [], providers: [], ...more };
}

/** Many nodes that run the product's own registry, in virtual time. */
export class SimulatedCluster {
	readonly clock = new EventClock();
	readonly size: ClusterSize;
	readonly server: SimulatedServer;
	readonly stores: {
		readonly nodes: SimulatedStore;
		readonly plugins: SimulatedStore;
		readonly leases: SimulatedStore;
	};
	readonly nodes: SimulatedNode[] = [];
	/** Where each singleton has run. */
	readonly runs = new Map<string, Run[]>();
	readonly problems = new Map<string, number>();
	readonly random: () => number;

	constructor(size: ClusterSize) {
		this.size = size;
		this.random = seededRandom(size.seed);
		this.server = new SimulatedServer(this.clock, this.random, size.server);
		const store = (ttlMs?: number) => new SimulatedStore(this.server, size.overheads, ttlMs);
		this.stores = { nodes: store(size.leaseMs), plugins: store(), leases: store(size.leaseMs) };
		for (let index = 0; index < size.nodes; index++) this.nodes.push(this.#node(index));
	}

	get observers(): SimulatedNode[] {
		return this.nodes.slice(0, this.size.observers);
	}

	/** Has all nodes join, and waits until every singleton runs and every observer sees everybody. @returns milliseconds that it took */
	async start(): Promise<number> {
		const { joinMs, nodes, leaseMs } = this.size;
		const from = this.clock.now();
		for (const [index, node] of this.nodes.entries()) {
			this.clock.after((index * joinMs) / nodes, () => void this.#begin(node));
		}
		return (await this.until(() => this.isSettled(), joinMs + 20 * leaseMs)) - from;
	}

	/** Whether every singleton runs, and every living observer sees exactly the living nodes with all that they run. */
	isSettled(): boolean {
		const living = this.nodes.filter(({ alive }) => alive).length;
		return (
			this.running() === this.size.singletons &&
			this.observers.every(
				({ alive, membership }) =>
					!alive ||
					(membership.nodes.length === living && membership.nodes.every(({ plugins }) => plugins.length > 0)),
			)
		);
	}

	/** Singletons that run somewhere. */
	running(): number {
		let count = 0;
		for (const runs of this.runs.values()) if (runs.some(({ to }) => to === undefined)) count++;
		return count;
	}

	/** Moves the clock on until something holds. @returns that moment @throws Error where it never does */
	async until(holds: () => boolean, limitMs: number): Promise<number> {
		const end = this.clock.now() + limitMs;
		while (this.clock.now() < end) {
			await this.clock.runTo(this.clock.now() + 50);
			if (holds()) return this.clock.now();
		}
		throw new Error(`this never became true in ${limitMs} ms: ${holds}`);
	}

	/** These nodes are gone from one moment to the next: nothing of them runs on. */
	kill(nodes: readonly SimulatedNode[]): void {
		for (const node of nodes) {
			node.alive = false;
			const index = this.nodes.indexOf(node);
			for (const runs of this.runs.values()) {
				for (const run of runs) if (run.node === index) run.to ??= this.clock.now();
			}
		}
	}

	/** Pairs of runs of one singleton that were at the same time: there may be none. */
	overlaps(): number {
		let count = 0;
		for (const runs of this.runs.values()) {
			for (const [index, run] of runs.entries()) {
				const next = runs[index + 1];
				if (next && (run.to === undefined || run.to > next.from)) count++;
			}
		}
		return count;
	}

	async #begin({ membership, placement }: SimulatedNode): Promise<void> {
		await membership.join();
		await placement.begin();
	}

	#node(index: number): SimulatedNode {
		const { leaseMs, nodes, plugins, singletons, candidates, observers } = this.size;
		const name = `node-${String(index).padStart(4, '0')}`;
		const instance = `5f0c8a52-7c1e-4f7e-9b1d-${String(index).padStart(12, '0')}`;
		const node = { name, alive: true } as { -readonly [Key in keyof SimulatedNode]: SimulatedNode[Key] };
		const isAlive = () => node.alive;
		const clock: Clock = {
			now: () => this.clock.now(),
			after: (ms, work) =>
				this.clock.after(ms, () => {
					if (node.alive) work();
				}),
		};
		const listening = index < observers ? 'everything' : 'nothing';
		const onProblem = ({ code }: { code: string }) =>
			this.problems.set(code, (this.problems.get(code) ?? 0) + 1);
		node.membership = new Membership({
			node: name,
			instance,
			leaseMs,
			clock,
			nodes: this.stores.nodes.bucket(isAlive, listening),
			plugins: this.stores.plugins.bucket(isAlive, listening),
			facts: () => ({
				software: 'orchestra-toolchain/0.1.0',
				addresses: [`tcp://10.0.${index >> 8}.${index & 255}:50101`],
				fingerprint: '9f'.repeat(32),
			}),
			ping: async () => 'unknown',
			onView: () => {},
			onProblem,
		});
		const own: CataloguePlugin[] = [];
		for (let id = index; id < plugins - singletons; id += nodes) own.push(plugin(`acme.tools-${id}`));
		const placed = new Set<string>();
		for (let id = 0; id < singletons; id++) {
			// Each has its candidates in a row: neighbours share some of them.
			const first = Math.floor((id * nodes) / singletons);
			if ((index - first + nodes) % nodes < candidates) placed.add(`acme.single-${id}`);
		}
		const offer = () =>
			void node.membership.offer([
				...own,
				...[...placed].map((id) => {
					const token = node.placement.token(id);
					const held = token === undefined ? {} : { token };
					return plugin(id, { state: token === undefined ? 'standby' : 'running', exclusive: true, ...held });
				}),
			]);
		node.placement = new Placement({
			holder: { node: name, instance },
			// A placement decides by the leases of its own plugins only.
			leases: this.stores.leases.bucket(isAlive, new Set([...placed].map((id) => `${id}.0`))),
			leaseMs,
			clock,
			random: this.random,
			onProblem,
			onChange: offer,
		});
		for (const key of placed) {
			node.placement.add({
				plugin: key,
				replicas: 1,
				start: async () => this.#ran(key, index),
				stop: async () => this.#stopped(key, index),
			});
		}
		offer();
		return node;
	}

	#ran(key: string, node: number): void {
		const runs = this.runs.get(key) ?? [];
		runs.push({ node, from: this.clock.now(), to: undefined });
		this.runs.set(key, runs);
	}

	#stopped(key: string, node: number): void {
		for (const run of this.runs.get(key) ?? []) if (run.node === node) run.to ??= this.clock.now();
	}
}
