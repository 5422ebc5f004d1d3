import type { Vitals } from '../serving/dispatcher.ts';

/** Milliseconds between two beats of the event loop. */
const beatMs = 200;

/** Measures this process: how late its event loop runs, and its memory. Keeps no process alive. */
export class ProcessVitals {
	#expectedAt = performance.now() + beatMs;
	#worstMs = 0;
	readonly #timer: ReturnType<typeof setInterval>;

	constructor() {
		this.#timer = setInterval(() => {
			this.#worstMs = Math.max(this.#worstMs, performance.now() - this.#expectedAt);
			this.#expectedAt = performance.now() + beatMs;
		}, beatMs);
		this.#timer.unref();
	}

	take(): Vitals {
		// A beat that is due now is late already.
		const lagMs = Math.max(this.#worstMs, performance.now() - this.#expectedAt, 0.001);
		this.#worstMs = 0;
		return { loopLagMs: Math.round(lagMs * 1000) / 1000, memoryBytes: process.memoryUsage.rss() };
	}

	close(): void {
		clearInterval(this.#timer);
	}
}
