import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import type { Progress } from '../../wire/generated/messages.ts';

/** Milliseconds between two progress responses of one call. */
export const progressIntervalMs = 50;

/**
 * Sends the progress of one call, at most one in {@link progressIntervalMs} and never faster than the caller reads. What comes
 * in between replaces what waits.
 */
export class ProgressReporter {
	readonly #exchange: IncomingExchange;
	#waiting: Progress | undefined;
	#paused = false;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(exchange: IncomingExchange) {
		this.#exchange = exchange;
	}

	report(progress: number, total = 0, message = ''): void {
		// A fraction of nothing is NaN, which is no reason to fail a call.
		const known = (value: number) => (Number.isFinite(value) ? value : 0);
		this.#waiting = { progress: known(progress), total: known(total), message };
		if (!this.#paused) this.#send();
	}

	/** Sends what still waits: the call is about to end. */
	end(): void {
		if (this.#timer !== undefined) clearTimeout(this.#timer);
		this.#paused = true;
		const last = this.#waiting;
		this.#waiting = undefined;
		if (last && !this.#exchange.finished && !this.#exchange.cancelled)
			this.#exchange.send({ progress: last });
	}

	#send(): void {
		const progress = this.#waiting;
		this.#waiting = undefined;
		if (!progress || this.#exchange.finished || this.#exchange.cancelled) return;
		this.#paused = true;
		const behind = this.#exchange.send({ progress });
		if (behind) void behind.then(() => this.#pause());
		else this.#pause();
	}

	#pause(): void {
		if (this.#exchange.finished) return;
		this.#timer = setTimeout(() => {
			this.#paused = false;
			this.#send();
		}, progressIntervalMs);
		this.#timer.unref?.();
	}
}
