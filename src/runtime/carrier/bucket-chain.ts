/** An entry of a table, chained to the others of its bucket. */
export interface Chained<T> {
	/** The next entry of the same bucket. */
	nextInBucket: T | undefined;
}

/** Puts an entry at the head of its bucket. */
export function addToBucket<T extends Chained<T>>(
	buckets: (T | undefined)[],
	bucket: number,
	entry: T,
): void {
	entry.nextInBucket = buckets[bucket];
	buckets[bucket] = entry;
}

/** Takes an entry out of its bucket. False where it is not there. */
export function removeFromBucket<T extends Chained<T>>(
	buckets: (T | undefined)[],
	bucket: number,
	entry: T,
): boolean {
	let before: T | undefined;
	for (let at = buckets[bucket]; at; at = at.nextInBucket) {
		if (at === entry) {
			if (before) before.nextInBucket = entry.nextInBucket;
			else buckets[bucket] = entry.nextInBucket;
			entry.nextInBucket = undefined;
			return true;
		}
		before = at;
	}
	return false;
}
