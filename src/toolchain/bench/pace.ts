/** Milliseconds that a timer may be late without anything being wrong. */
const timerMs = 2;

/** Time when the next call is due. */
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
	/** Calls that fall due, from start to end. */
	readonly #all: number;
	#next = 0;

	/** @param perSecond calls; undefined: as soon as a caller is free */
	constructor(perSecond: number | undefined, startAt: number, durationMs: number) {
		this.#perSecond = perSecond;
		this.#startAt = startAt;
		this.#endAt = startAt + durationMs;
		// Not from the difference of the two points in time: rounding would make it a call more, now and then.
		this.#all =
			perSecond === undefined ? Number.POSITIVE_INFINITY : Math.ceil((durationMs * perSecond) / 1000);
	}

	/** When the next call is due; undefined where none is any more. */
	next(): Due | undefined {
		const now = performance.now();
		if (now >= this.#endAt) return undefined;
		if (this.#perSecond === undefined) return { at: now };
		if (this.#next >= this.#all) return undefined;
		return { at: this.#startAt + (this.#next++ * 1000) / this.#perSecond };
	}

	/** Calls that were due and that nobody was free to begin. */
	get notStarted(): number {
		return this.#perSecond === undefined ? 0 : this.#all - this.#next;
	}

	/** Time from which a call counts that begins now: at a rate, from when it was due, unless only a timer was a little late. */
	beginOf(due: Due, waited: boolean): number {
		const now = performance.now();
		return this.#perSecond === undefined || (waited && now - due.at < timerMs) ? now : due.at;
	}
}
