import { type Bucket, BucketConflict, type BucketEntry } from '../../../src/cluster/registry/bucket.ts';
import type { SimulatedServer } from './simulated-server.ts';

/** Bytes around a value: subject, headers and what JetStream adds; of each kind of message. Measured: see docs/scale.md. */
export interface Overheads {
	readonly change: number;
	readonly answer: number;
	readonly delivery: number;
}

interface Stored {
	readonly value: Uint8Array;
	readonly revision: number;
	readonly end: () => void;
}

interface Watcher {
	readonly heard: (entry: BucketEntry) => void;
	/** How many the server sends to before this one. */
	readonly order: number;
	readonly wayMs: number;
}

/**
 * What a watcher is called for: everything, some keys, or nothing. The server sends it everything, and that is counted; what would
 * change nothing at that node, or what others of the simulation hear as well, is not kept a thousand times.
 */
export type Listening = 'everything' | 'nothing' | ReadonlySet<string>;

/**
 * A bucket as JetStream keeps it with history 1: a value ends by its age, which each update sets back, and nobody is told of that.
 * What happens in it takes the server's time and the way's.
 */
export class SimulatedStore {
	readonly #server: SimulatedServer;
	readonly #ttlMs: number;
	readonly #overheads: Overheads;
	readonly #entries = new Map<string, Stored>();
	readonly #hearsAll = new Set<Watcher>();
	readonly #hearsKey = new Map<string, Set<Watcher>>();
	#watchers = 0;
	#revision = 0;
	conflicts = 0;

	constructor(server: SimulatedServer, overheads: Overheads, ttlMs = Number.POSITIVE_INFINITY) {
		this.#server = server;
		this.#ttlMs = ttlMs;
		this.#overheads = overheads;
	}

	/** @param isAlive whether that node still is: of one that is not nothing arrives, and it hears nothing */
	bucket(isAlive: () => boolean, listening: Listening): Bucket {
		const change = <T>(bytes: number, work: () => T) => this.#exchange(isAlive, bytes, work);
		return {
			create: (key, value) => change(value.length, () => this.#put(key, value, 0)),
			update: (key, value, revision) => change(value.length, () => this.#put(key, value, revision)),
			delete: (key, revision) => change(0, () => this.#delete(key, revision)),
			get: (key) =>
				change(0, () => {
					const found = this.#entries.get(key);
					if (found) this.#server.send(1, found.value.length + this.#overheads.delivery);
					return found && { key, value: found.value, revision: found.revision };
				}),
			watch: (heard) => change(0, () => this.#watch(isAlive, listening, heard)),
		};
	}

	/** One question to the server and its answer. It never settles for a node that has died meanwhile. */
	#exchange<T>(isAlive: () => boolean, bytes: number, work: () => T): Promise<T> {
		const { clock } = this.#server;
		return new Promise((resolve, reject) => {
			clock.after(this.#server.wayMs(), () => {
				// What has been sent arrives, also of a node that has died since.
				this.#server.receive(bytes + this.#overheads.change);
				clock.after(this.#server.store(), () => {
					let settle: () => void;
					try {
						const result = work();
						settle = () => resolve(result);
					} catch (error) {
						settle = () => reject(error);
					}
					const answerMs = this.#server.send(1, this.#overheads.answer) + this.#server.wayMs();
					clock.after(answerMs, () => {
						if (isAlive()) settle();
					});
				});
			});
		});
	}

	#put(key: string, value: Uint8Array, expected: number): number {
		const before = this.#entries.get(key);
		if ((before?.revision ?? 0) !== expected) {
			this.conflicts++;
			throw new BucketConflict(key);
		}
		before?.end();
		const revision = ++this.#revision;
		const end = Number.isFinite(this.#ttlMs)
			? this.#server.clock.after(this.#ttlMs, () => this.#entries.delete(key))
			: () => {};
		this.#entries.set(key, { value, revision, end });
		this.#tell({ key, value, revision });
		return revision;
	}

	#delete(key: string, expected: number | undefined): void {
		const before = this.#entries.get(key);
		if (expected !== undefined && before?.revision !== expected) {
			this.conflicts++;
			throw new BucketConflict(key);
		}
		before?.end();
		this.#entries.delete(key);
		this.#tell({ key, value: undefined, revision: ++this.#revision });
	}

	#watch(isAlive: () => boolean, listening: Listening, heard: (entry: BucketEntry) => void): () => void {
		const { delivery } = this.#overheads;
		for (const { value } of this.#entries.values())
			this.#server.send(1, value.length + delivery, this.#server.model.watchMicros);
		const order = this.#watchers++;
		const watcher: Watcher = {
			order,
			wayMs: this.#server.wayMs(),
			heard: (entry) => {
				if (isAlive()) heard(entry);
			},
		};
		const places = this.#placesOf(listening);
		for (const place of places) place.add(watcher);
		for (const [key, { value, revision }] of this.#entries) {
			if (listening === 'everything' || (listening !== 'nothing' && listening.has(key))) {
				watcher.heard({ key, value, revision });
			}
		}
		return once(() => {
			this.#watchers--;
			for (const place of places) place.delete(watcher);
		});
	}

	#placesOf(listening: Listening): Set<Watcher>[] {
		if (listening === 'everything') return [this.#hearsAll];
		if (listening === 'nothing') return [];
		return [...listening].map((key) => {
			const place = this.#hearsKey.get(key) ?? new Set();
			this.#hearsKey.set(key, place);
			return place;
		});
	}

	/** A watcher that dies stays in the server's list for as long as its connection does; here, for good. */
	#tell(entry: BucketEntry): void {
		const bytes = (entry.value?.length ?? 0) + this.#overheads.delivery;
		const { clock, model } = this.#server;
		const lastMs = this.#server.send(this.#watchers, bytes, model.watchMicros);
		const firstMs = lastMs - (this.#watchers * model.watchMicros) / model.cores / 1000;
		for (const { order, wayMs, heard } of [...this.#hearsAll, ...(this.#hearsKey.get(entry.key) ?? [])]) {
			const share = Math.min(1, order / Math.max(1, this.#watchers));
			clock.after(firstMs + (lastMs - firstMs) * share + wayMs, () => heard(entry));
		}
	}
}

function once(work: () => void): () => void {
	let done = false;
	return () => {
		if (done) return;
		done = true;
		work();
	};
}
