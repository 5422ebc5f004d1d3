/** Milliseconds that a timer may be late without anything being wrong. */
const timerMs = 2;

/** When the next call is due. */
export interface Due {
	/** On the clock of performance.now(). */
	readonly at: number;
}

/**
 * When calls begin: each as soon as the one before it has ended, or so many a second whatever the answers do. In the second case a call
 * that could not begin in time, because all callers waited for answers, counts from when it was due: otherwise a target that stands still
 * would be asked less, and look fast.
 */
export class Pace {
	readonly #perSecond: number | undefined;
	readonly #startAt: number;
	readonly #endAt: number;
	#next = 0;

	/** @param perSecond calls; undefined: as soon as a caller is free */
	constructor(perSecond: number | undefined, startAt: number, durationMs: number) {
		this.#perSecond = perSecond;
		this.#startAt = startAt;
		this.#endAt = startAt + durationMs;
	}

	/** When the next call is due; undefined where none is any more. */
	next(): Due | undefined {
		const now = performance.now();
		if (now >= this.#endAt) return undefined;
		if (this.#perSecond === undefined) return { at: now };
		const at = this.#startAt + (this.#next * 1000) / this.#perSecond;
		if (at >= this.#endAt) return undefined;
		this.#next++;
		return { at };
	}

	/** Calls that were due and that nobody was free to begin. */
	get notStarted(): number {
		if (this.#perSecond === undefined) return 0;
		const all = Math.ceil(((this.#endAt - this.#startAt) * this.#perSecond) / 1000);
		return Math.max(0, all - this.#next);
	}

	/** From when the time of a call counts that begins now: at a rate, from when it was due, unless only a timer was a little late. */
	beginOf(due: Due, waited: boolean): number {
		const now = performance.now();
		return this.#perSecond === undefined || (waited && now - due.at < timerMs) ? now : due.at;
	}
}
