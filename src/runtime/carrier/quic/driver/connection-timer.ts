import { clearTimeout, setTimeout } from 'node:timers';

/** The one timer of a connection. It fires when it has to or a little earlier: setting it anew each turn would cost more. */
export class ConnectionTimer {
	readonly #onDue: () => void;
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** On the clock of performance.now(). */
	#at = 0;

	constructor(onDue: () => void) {
		this.#onDue = onDue;
	}

	/** Makes it fire in at most `ms` milliseconds, rounded down by whoever says so; a negative number means now. */
	arm(ms: number): void {
		// A timer that fires too early would only have to be set again.
		const wait = ms < 0 ? 1 : ms + 1;
		const at = performance.now() + wait;
		if (this.#timer !== undefined) {
			if (at >= this.#at) return;
			clearTimeout(this.#timer);
		}
		this.#at = at;
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			this.#onDue();
		}, wait);
	}

	clear(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}
}
