import { addToBucket, type Chained, removeFromBucket } from '../../bucket-chain.ts';
import type { Linked } from '../../linked-list.ts';
import { LinkedList } from '../../linked-list.ts';

/** An entry of a {@link StreamTable}. It is in one table at most, and in no other list meanwhile. */
export interface StreamEntry<T> extends Linked<T>, Chained<T> {
	/** Number of its stream, which stays the same while the entry is in the table. */
	readonly streamId: number | undefined;
}

const leastBuckets = 64;

/** Numbers of the streams of one kind are so far apart. */
export const streamStep = 4;

/** Streams that are asked in vain for something to read, each by itself, before quiche is asked which have: its list is as dear as thirty questions. */
export const mostAskedInVain = 32;

/** Blocked streams that are tried, each by itself; where there are more, quiche is asked which could take data. */
export const fewStreams = 16;

/**
 * What belongs to the streams of one kind, by their numbers and in the order in which it was added. A Map would do, but for the young garbage
 * collection: see {@link ExchangeTable}. At 64 calls at once a third of all that calls allocate outlived it (measured on Node 20).
 */
export class StreamTable<T extends StreamEntry<T>> {
	#buckets: (T | undefined)[] = new Array<T | undefined>(leastBuckets).fill(undefined);
	readonly #list = new LinkedList<T>();

	get size(): number {
		return this.#list.size;
	}

	/** The entry that was added first. */
	get first(): T | undefined {
		return this.#list.first;
	}

	get(streamId: number): T | undefined {
		let entry = this.#buckets[this.#bucketOf(streamId)];
		while (entry && entry.streamId !== streamId) entry = entry.nextInBucket;
		return entry;
	}

	/** Adds an entry whose number is not in the table. */
	add(entry: T): void {
		if (this.size >= 2 * this.#buckets.length) this.#grow();
		this.#list.add(entry);
		this.#link(entry);
	}

	/** Removes an entry. False where it is not in the table. */
	remove(entry: T): boolean {
		if (entry.streamId === undefined) return false;
		if (!removeFromBucket(this.#buckets, this.#bucketOf(entry.streamId), entry)) return false;
		this.#list.remove(entry);
		return true;
	}

	/** All entries, to go through while they are removed. */
	entries(): T[] {
		return this.#list.items();
	}

	clear(): void {
		for (const entry of this.entries()) this.remove(entry);
	}

	#bucketOf(streamId: number): number {
		return (streamId / streamStep) & (this.#buckets.length - 1);
	}

	#link(entry: T): void {
		addToBucket(this.#buckets, this.#bucketOf(entry.streamId ?? 0), entry);
	}

	#grow(): void {
		this.#buckets = new Array<T | undefined>(this.#buckets.length * 4).fill(undefined);
		for (const entry of this.entries()) this.#link(entry);
	}
}
