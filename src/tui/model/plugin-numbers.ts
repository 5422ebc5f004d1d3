import { Rate } from './rate.ts';
import { RecentLatency } from './recent-latency.ts';

/** Counts for one plugin. */
export class PluginNumbers {
	readonly #rate = new Rate();
	readonly #latency = new RecentLatency();
	#calls = 0;
	#errors = 0;

	/** Counts a call that ended. @param now milliseconds of Date.now() */
	count(latencyMs: number | undefined, failed: boolean, now: number): void {
		this.#calls++;
		if (failed) this.#errors++;
		this.#rate.add(now);
		if (latencyMs !== undefined) this.#latency.add(latencyMs, now);
	}

	/** The numbers as they are at a moment. */
	at(now: number): PluginFigures {
		return {
			calls: this.#calls,
			errors: this.#errors,
			callsPerSecond: this.#rate.perSecond(now),
			...this.#latency.quantiles(now),
		};
	}
}

/** Numbers of one plugin, of the calls that ended since this view was opened. */
export interface PluginFigures {
	readonly calls: number;
	readonly errors: number;
	readonly callsPerSecond: number;
	/** Milliseconds, of the last one or two minutes; undefined where there was no call. */
	readonly p50: number | undefined;
	readonly p99: number | undefined;
}
