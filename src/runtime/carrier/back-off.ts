/** Delays between attempts. */
export interface BackOffOptions {
	/** Milliseconds before the first repetition, at most. Default 100. */
	readonly firstMs?: number | undefined;
	/** Milliseconds that no wait exceeds. Default 30,000. */
	readonly longestMs?: number | undefined;
}

/**
 * Exponential back-off with full jitter: each wait is drawn from 0 to twice the bound of the one before, so that many clients of
 * one server that comes back do not come back together.
 */
export class BackOff {
	readonly longestMs: number;
	readonly #firstMs: number;
	readonly #random: () => number;
	#failures = 0;

	/** @param random from 0 to 1, without 1 */
	constructor(options: BackOffOptions = {}, random: () => number = Math.random) {
		this.#firstMs = options.firstMs ?? 100;
		this.longestMs = options.longestMs ?? 30_000;
		this.#random = random;
	}

	/** Milliseconds until the next attempt. */
	next(): number {
		return this.after(this.#failures++);
	}

	/** Milliseconds to wait after that many failures before the last one, whatever this has counted itself. */
	after(failures: number): number {
		return this.#random() * Math.min(this.longestMs, this.#firstMs * 2 ** Math.min(failures, 50));
	}

	/** Begins anew. */
	reset(): void {
		this.#failures = 0;
	}
}
