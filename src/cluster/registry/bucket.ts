/** Value under a key of a {@link Bucket}. */
export interface BucketEntry {
	readonly key: string;
	/** Undefined where it was deleted. */
	readonly value: Uint8Array | undefined;
	/** Grows with each change of the bucket, whatever key that is about. */
	readonly revision: number;
}

/** A place for values by keys, of which each change has a number. A value may end by its age, where the bucket says so. */
export interface Bucket {
	/** Puts a value where there is none. @returns its revision @throws BucketConflict where there is one */
	create(key: string, value: Uint8Array): Promise<number>;
	/** Replaces the value of that revision. @returns the new one @throws BucketConflict where it is not that any more */
	update(key: string, value: Uint8Array, revision: number): Promise<number>;
	/** Deletes a value. @param revision only where it is that one @throws BucketConflict where it is not */
	delete(key: string, revision?: number): Promise<void>;
	/** The value of a key; undefined where there is none. */
	get(key: string): Promise<BucketEntry | undefined>;
	/** Calls back with each value that is there, then with each change; of one that ends by its age nobody is told. @returns what ends it */
	watch(heard: (entry: BucketEntry) => void): Promise<() => void>;
}

/** Somebody else has changed that key. */
export class BucketConflict extends Error {
	constructor(key: string) {
		super(`${key} has another revision`);
		this.name = 'BucketConflict';
	}
}
