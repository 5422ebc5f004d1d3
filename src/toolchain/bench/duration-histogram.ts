/** The shortest duration that is told from a shorter one, in milliseconds. */
const leastMs = 0.001;

/** Ratio of each bucket's end to that of the one before it: the error that a percentile may have. */
const growth = 1.01;

const logGrowth = Math.log(growth);

/** Buckets for durations from a microsecond to some hours. */
const buckets = 2_400;

/** Summary of many durations, in milliseconds. */
export interface DurationSummary {
	readonly min: number;
	readonly mean: number;
	readonly p50: number;
	readonly p90: number;
	readonly p99: number;
	readonly p999: number;
	readonly max: number;
}

/** Number of durations in a range. */
export interface DurationRange {
	readonly fromMs: number;
	readonly toMs: number;
	readonly count: number;
}

/** Counts durations in buckets that grow by one percent: as small after a million of them as after one. */
export class DurationHistogram {
	readonly #counts = new Float64Array(buckets);
	#count = 0;
	#sum = 0;
	#min = Number.POSITIVE_INFINITY;
	#max = 0;

	get count(): number {
		return this.#count;
	}

	add(ms: number): void {
		const index = ms <= leastMs ? 0 : Math.ceil(Math.log(ms / leastMs) / logGrowth);
		const bucket = Math.min(index, buckets - 1);
		this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
		this.#count++;
		this.#sum += ms;
		if (ms < this.#min) this.#min = ms;
		if (ms > this.#max) this.#max = ms;
	}

	/** The duration that a share of them (0 to 1) does not exceed, a percent too much at most; 0 where there are none. */
	percentile(share: number): number {
		if (this.#count === 0) return 0;
		let missing = Math.max(1, Math.ceil(this.#count * share));
		for (let bucket = 0; bucket < buckets; bucket++) {
			missing -= this.#counts[bucket] ?? 0;
			if (missing <= 0) return Math.min(Math.max(endOf(bucket), this.#min), this.#max);
		}
		return this.#max;
	}

	/** Undefined where there are none. */
	summary(): DurationSummary | undefined {
		if (this.#count === 0) return undefined;
		return {
			min: rounded(this.#min),
			mean: rounded(this.#sum / this.#count),
			p50: rounded(this.percentile(0.5)),
			p90: rounded(this.percentile(0.9)),
			p99: rounded(this.percentile(0.99)),
			p999: rounded(this.percentile(0.999)),
			max: rounded(this.#max),
		};
	}

	/** The durations in some ranges of equal ratio, from the shortest to the longest; empty where there are none. */
	ranges(most: number): DurationRange[] {
		if (this.#count === 0) return [];
		const first = this.#counts.findIndex((count) => count > 0);
		const last = this.#counts.findLastIndex((count) => count > 0);
		const width = Math.max(1, Math.ceil((last - first + 1) / most));
		const ranges: DurationRange[] = [];
		for (let begin = first; begin <= last; begin += width) {
			const end = Math.min(begin + width, buckets);
			const count = this.#counts.slice(begin, end).reduce((sum, one) => sum + one, 0);
			const fromMs = begin === 0 ? 0 : endOf(begin - 1);
			ranges.push({ fromMs: rounded(fromMs), toMs: rounded(endOf(end - 1)), count });
		}
		return ranges;
	}
}

function endOf(bucket: number): number {
	return leastMs * growth ** bucket;
}

function rounded(ms: number): number {
	return Math.round(ms * 10_000) / 10_000;
}
