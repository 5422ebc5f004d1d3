import { addToBucket, type Chained, removeFromBucket } from './bucket-chain.ts';

/** An entry of an {@link ExchangeTable}. It is in one table at most. */
export interface TableEntry<T> extends Chained<T> {
	readonly requestId: string;
}

const leastBuckets = 64;
/** Characters at the end of an id that its hash looks at. An id may be as long as a message. */
const hashedLength = 16;

/**
 * Exchanges by their request ids. A Map would do, but where entries come and go with every call it replaces its table again and
 * again, and each dead table keeps the next one, with its dead exchanges, from the young garbage collection: at 64 calls at once
 * that is a quarter of the time (measured on Node 20).
 */
export class ExchangeTable<T extends TableEntry<T>> {
	#buckets: (T | undefined)[] = new Array<T | undefined>(leastBuckets).fill(undefined);
	size = 0;

	get(requestId: string): T | undefined {
		let entry = this.#buckets[this.#bucketOf(requestId)];
		while (entry && entry.requestId !== requestId) entry = entry.nextInBucket;
		return entry;
	}

	has(requestId: string): boolean {
		return this.get(requestId) !== undefined;
	}

	/** Adds an entry whose id is not in the table. */
	add(entry: T): void {
		if (this.size >= 2 * this.#buckets.length) this.#grow();
		addToBucket(this.#buckets, this.#bucketOf(entry.requestId), entry);
		this.size += 1;
	}

	/** Removes an entry, where it is in the table. */
	remove(entry: T): void {
		if (removeFromBucket(this.#buckets, this.#bucketOf(entry.requestId), entry)) this.size -= 1;
	}

	/** All entries, to go through while they are removed. */
	entries(): T[] {
		const entries: T[] = [];
		for (const first of this.#buckets) {
			for (let entry = first; entry; entry = entry.nextInBucket) entries.push(entry);
		}
		return entries;
	}

	#bucketOf(requestId: string): number {
		let hash = requestId.length;
		for (let i = Math.max(0, requestId.length - hashedLength); i < requestId.length; i += 1) {
			hash = (Math.imul(hash, 31) + requestId.charCodeAt(i)) | 0;
		}
		return hash & (this.#buckets.length - 1);
	}

	#grow(): void {
		const entries = this.entries();
		this.#buckets = new Array<T | undefined>(this.#buckets.length * 4).fill(undefined);
		this.size = 0;
		for (const entry of entries) this.add(entry);
	}
}
