import { type Bucket, BucketConflict, type BucketEntry } from '../../src/cluster/registry/bucket.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The store behind buckets: a bucket of one process each, which can be cut off alone. */
export class MemoryStore {
	readonly #clock: VirtualClock;
	readonly #ttlMs: number;
	readonly #entries = new Map<string, { value: Uint8Array; revision: number; end: () => void }>();
	readonly #watchers = new Set<(entry: BucketEntry) => void>();
	#revision = 0;

	/** @param ttlMs age at which a value ends, of which nobody is told */
	constructor(clock: VirtualClock, ttlMs = Number.POSITIVE_INFINITY) {
		this.#clock = clock;
		this.#ttlMs = ttlMs;
	}

	get(key: string): BucketEntry | undefined {
		const entry = this.#entries.get(key);
		return entry && { key, value: entry.value, revision: entry.revision };
	}

	put(key: string, value: Uint8Array, expected: number): number {
		const before = this.#entries.get(key);
		if ((before?.revision ?? 0) !== expected) throw new BucketConflict(key);
		before?.end();
		const revision = ++this.#revision;
		const end = Number.isFinite(this.#ttlMs)
			? this.#clock.after(this.#ttlMs, () => this.#entries.delete(key))
			: () => {};
		this.#entries.set(key, { value, revision, end });
		this.#tell({ key, value, revision });
		return revision;
	}

	delete(key: string, expected: number | undefined): void {
		const before = this.#entries.get(key);
		if (expected !== undefined && before?.revision !== expected) throw new BucketConflict(key);
		before?.end();
		this.#entries.delete(key);
		this.#tell({ key, value: undefined, revision: ++this.#revision });
	}

	watch(heard: (entry: BucketEntry) => void): () => void {
		for (const [key, { value, revision }] of this.#entries) heard({ key, value, revision });
		this.#watchers.add(heard);
		return () => this.#watchers.delete(heard);
	}

	#tell(entry: BucketEntry): void {
		for (const heard of this.#watchers) heard(entry);
	}
}

/** One process's way to a store. */
export class MemoryBucket implements Bucket {
	readonly #store: MemoryStore;
	/** Whether nothing arrives, and nothing is heard. */
	cut = false;
	/** Whether the next change arrives, and its answer is lost. */
	losesAnswer = false;

	constructor(store: MemoryStore) {
		this.#store = store;
	}

	async create(key: string, value: Uint8Array): Promise<number> {
		return this.#change(() => this.#store.put(key, value, 0));
	}

	async update(key: string, value: Uint8Array, revision: number): Promise<number> {
		return this.#change(() => this.#store.put(key, value, revision));
	}

	async delete(key: string, revision?: number): Promise<void> {
		this.#change(() => this.#store.delete(key, revision));
	}

	async get(key: string): Promise<BucketEntry | undefined> {
		return this.#change(() => this.#store.get(key));
	}

	async watch(heard: (entry: BucketEntry) => void): Promise<() => void> {
		return this.#change(() =>
			this.#store.watch((entry) => {
				if (!this.cut) heard(entry);
			}),
		);
	}

	#change<T>(work: () => T): T {
		if (this.cut) throw new Error('the way to the bucket is cut');
		const result = work();
		if (!this.losesAnswer) return result;
		this.losesAnswer = false;
		throw new Error('no answer');
	}
}
