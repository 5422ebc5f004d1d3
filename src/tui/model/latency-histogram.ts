/** Buckets for each doubling of the time: a quantile is right to about 9 %. */
const perDoubling = 8;

/** Buckets for durations from a microsecond to beyond an hour. */
const bucketCount = 36 * perDoubling;

/** Durations of calls, in a few hundred numbers whatever their count. */
export class LatencyHistogram {
	readonly #buckets = new Uint32Array(bucketCount);
	#count = 0;

	get count(): number {
		return this.#count;
	}

	add(ms: number): void {
		const index = Math.round(Math.log2(Math.max(ms, 0.001) * 1000) * perDoubling);
		const bucket = Math.min(bucketCount - 1, index);
		this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
		this.#count++;
	}

	/** Adds what another has counted. */
	addAll(other: LatencyHistogram): void {
		for (const [bucket, count] of other.#buckets.entries()) {
			this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + count;
		}
		this.#count += other.#count;
	}

	/** Milliseconds that a share of the calls did not exceed; undefined where there was none. @param share from 0 to 1 */
	quantile(share: number): number | undefined {
		if (this.#count === 0) return undefined;
		const wanted = Math.max(1, Math.ceil(share * this.#count));
		let seen = 0;
		for (const [bucket, count] of this.#buckets.entries()) {
			seen += count;
			if (seen >= wanted) return 2 ** (bucket / perDoubling) / 1000;
		}
		return undefined;
	}
}
