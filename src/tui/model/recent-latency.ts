import { LatencyHistogram } from './latency-histogram.ts';

/** Milliseconds that one half of the window is long. */
const halfMs = 60_000;

/** Durations of the calls of the last one or two minutes. */
export class RecentLatency {
	#current = new LatencyHistogram();
	#previous = new LatencyHistogram();
	#begun: number | undefined;

	/** @param now milliseconds of Date.now() */
	add(ms: number, now: number): void {
		this.#turn(now);
		this.#current.add(ms);
	}

	/** The median and the 99th percentile, in milliseconds; undefined where there was no call. */
	quantiles(now: number): { readonly p50: number | undefined; readonly p99: number | undefined } {
		this.#turn(now);
		const both = new LatencyHistogram();
		both.addAll(this.#previous);
		both.addAll(this.#current);
		return { p50: both.quantile(0.5), p99: both.quantile(0.99) };
	}

	#turn(now: number): void {
		this.#begun ??= now;
		const passed = now - this.#begun;
		if (passed < halfMs) return;
		this.#previous = passed < 2 * halfMs ? this.#current : new LatencyHistogram();
		this.#current = new LatencyHistogram();
		this.#begun = now;
	}
}
