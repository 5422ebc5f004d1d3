import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { Bucket, BucketEntry } from './bucket.ts';
import type { Clock } from './clock.ts';
import { ExpiringMap } from './expiring-map.ts';
import { Lease } from './lease.ts';
import { decodeLease, type LeaseRecord } from './records.ts';

/** A plugin that not every node of its configuration runs. */
export interface PlacedPlugin {
	readonly plugin: string;
	/** Nodes that run it, at most. */
	readonly replicas: number;
	/** Runs it. Where it rejects the lease is given back. @param token the fencing token of its lease */
	start(token: number): Promise<unknown>;
	/** Runs it no more. Must not reject. */
	stop(reason: string): Promise<unknown>;
}

/** Settings of a {@link Placement}. */
export interface PlacementOptions {
	readonly holder: LeaseRecord;
	readonly leases: Bucket;
	readonly leaseMs: number;
	readonly clock: Clock;
	/** Between 0 and 1: so that nodes which see the same do not all do the same at once. Default `Math.random`. */
	readonly random?: (() => number) | undefined;
	readonly onProblem: (error: OrchestraError) => void;
	/** Called when this node has begun or ceased to hold something. Must not throw. */
	readonly onChange: () => void;
}

interface Placed {
	readonly plugin: PlacedPlugin;
	lease: Lease | undefined;
	/** Whether one is being taken, or its plugin started. */
	busy: boolean;
	/** Whether its lease was lost, and its plugin is being stopped. */
	halting: boolean;
	/** On the clock: no try before. */
	notBefore: number;
	/** While its plugin is started: settles, and never rejects, when that is over. */
	starting: Promise<void> | undefined;
}

/** Says which of the plugins that are meant for a limited number of nodes run on this one. */
export class Placement {
	readonly #options: PlacementOptions;
	readonly #placed = new Map<string, Placed>();
	readonly #held: ExpiringMap<LeaseRecord>;
	readonly #random: () => number;
	#stopWatching: (() => void) | undefined;
	#cancelLook: (() => void) | undefined;
	#ended = true;
	#isCut = false;

	constructor(options: PlacementOptions) {
		this.#options = options;
		this.#random = options.random ?? Math.random;
		this.#held = new ExpiringMap(options.clock, options.leaseMs, () => this.#look());
	}

	/** Adds a plugin; it is started here when its turn has come. */
	add(plugin: PlacedPlugin): void {
		this.#placed.set(plugin.plugin, {
			plugin,
			lease: undefined,
			busy: false,
			halting: false,
			notBefore: 0,
			starting: undefined,
		});
		this.#look();
	}

	/** Forgets a plugin that is stopped, and gives its lease back. Never rejects. */
	async remove(plugin: string): Promise<void> {
		const placed = this.#placed.get(plugin);
		this.#placed.delete(plugin);
		const lease = placed?.lease;
		if (!lease) return;
		placed.lease = undefined;
		await lease.release();
	}

	/** Whether a plugin is one of those that are placed. */
	has(plugin: string): boolean {
		return this.#placed.has(plugin);
	}

	/** The fencing token of a plugin that this node holds now. */
	token(plugin: string): number | undefined {
		return this.#placed.get(plugin)?.lease?.token;
	}

	/** Begins to look for what is free. Rejects as the bucket does. */
	async begin(): Promise<void> {
		if (!this.#ended) return;
		this.#stopWatching ??= await this.#options.leases.watch((entry) => this.#heard(entry));
		this.#ended = false;
		this.#look();
	}

	/** Takes nothing more, stops what it has, and gives it back. Never rejects. */
	async end(reason: string): Promise<void> {
		this.#ended = true;
		this.#cancelLook?.();
		this.#cancelLook = undefined;
		await Promise.all(
			[...this.#placed.values()].map(async (placed) => {
				const { lease } = placed;
				if (!lease) return;
				placed.lease = undefined;
				await halt(placed, reason);
				await lease.release();
			}),
		);
		this.#options.onChange();
	}

	/** Ends it for good. Never rejects. */
	async close(reason: string): Promise<void> {
		await this.end(reason);
		this.#stopWatching?.();
		this.#held.close();
	}

	/** The way to the bucket is cut: nothing is looked for. What is held ends by itself. */
	cut(): void {
		this.#held.freeze();
		this.#isCut = true;
	}

	/** The way is there again. */
	restored(): void {
		this.#held.thaw();
		this.#isCut = false;
		this.#look();
	}

	#heard({ key, value }: BucketEntry): void {
		const record = value && decodeLease(value);
		if (record) this.#held.hear(key, record);
		else {
			this.#held.delete(key);
			this.#look();
		}
	}

	/** Looks for what is free, now and every third of a lease: an end by age may be seen by nobody. */
	#look(): void {
		if (this.#ended || this.#isCut) return;
		const { clock, leaseMs } = this.#options;
		for (const placed of this.#placed.values()) this.#consider(placed);
		this.#cancelLook?.();
		this.#cancelLook = clock.after(leaseMs / 3, () => this.#look());
	}

	#consider(placed: Placed): void {
		const { clock, leaseMs } = this.#options;
		if (placed.lease || placed.busy || placed.halting || clock.now() < placed.notBefore) return;
		const free = this.#freeIndex(placed.plugin);
		if (free === undefined) return;
		placed.busy = true;
		// A node that has little is first.
		const holds = [...this.#placed.values()].filter(({ lease }) => lease).length;
		const waitMs = ((Math.min(holds, 10) + this.#random()) * leaseMs) / 100;
		clock.after(waitMs, () => void this.#take(placed, free));
	}

	#freeIndex({ plugin, replicas }: PlacedPlugin): number | undefined {
		for (let index = 0; index < replicas; index++) {
			if (!this.#held.get(`${plugin}.${index}`)) return index;
		}
		return undefined;
	}

	async #take(placed: Placed, index: number): Promise<void> {
		const { leases, holder, leaseMs, clock, onProblem, onChange } = this.#options;
		const { plugin } = placed;
		const lease = new Lease({
			bucket: leases,
			key: `${plugin.plugin}.${index}`,
			holder,
			leaseMs,
			clock,
			onLost: (reason) => void this.#lost(placed, lease, reason),
		});
		try {
			const token = this.#ended ? undefined : await lease.acquire();
			if (token === undefined) return;
			if (this.#ended || this.#placed.get(plugin.plugin) !== placed) {
				await lease.release();
				return;
			}
			placed.lease = lease;
			onChange();
			try {
				const started = plugin.start(token);
				placed.starting = started.then(noMatter, noMatter);
				await started;
			} catch (error) {
				placed.notBefore = clock.now() + 10 * leaseMs;
				if (placed.lease === lease) placed.lease = undefined;
				await lease.release();
				throw error;
			}
		} catch (error) {
			onProblem(OrchestraError.from(error, 'start_failed', `plugin ${plugin.plugin} does not run here`));
		} finally {
			placed.starting = undefined;
			placed.busy = false;
			onChange();
		}
	}

	async #lost(placed: Placed, lease: Lease, reason: string): Promise<void> {
		if (placed.lease !== lease) return;
		placed.lease = undefined;
		placed.halting = true;
		const { plugin } = placed;
		this.#options.onChange();
		this.#options.onProblem(
			new OrchestraError('lease_lost', `plugin ${plugin.plugin} is stopped here: ${reason}`, {
				details: { plugin: plugin.plugin, node: this.#options.holder.node },
			}),
		);
		await halt(placed, reason);
		placed.halting = false;
		this.#look();
	}
}

/** Stops a plugin that may be about to start. Never rejects. */
async function halt({ plugin, starting }: Placed, reason: string): Promise<void> {
	await plugin.stop(reason);
	if (starting === undefined) return;
	// A start that was under way may have gone on behind that.
	await starting;
	await plugin.stop(reason);
}

function noMatter(): void {}
