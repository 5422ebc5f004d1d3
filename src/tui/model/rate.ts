/** Seconds that a rate is taken over. */
const windowSeconds = 5;

/** Rate of an event: the mean of the last few whole seconds. */
export class Rate {
	/** Counts by second, in a ring: this second and those of the window. */
	readonly #counts = new Uint32Array(windowSeconds + 1);
	#second = 0;
	#first: number | undefined;

	/** @param now milliseconds of Date.now() */
	add(now: number, count = 1): void {
		this.#advance(now);
		const slot = this.#second % this.#counts.length;
		this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
	}

	/** Times a second. */
	perSecond(now: number): number {
		this.#advance(now);
		const current = this.#counts[this.#second % this.#counts.length] ?? 0;
		const sum = this.#counts.reduce((total, count) => total + count, 0) - current;
		// In its first seconds there is no whole window yet.
		const seconds = Math.min(windowSeconds, this.#second - (this.#first ?? this.#second));
		return seconds === 0 ? current : sum / seconds;
	}

	#advance(now: number): void {
		const second = Math.floor(now / 1000);
		if (this.#first === undefined) {
			this.#first = second;
			this.#second = second;
		}
		// A clock that was put back changes nothing.
		const passed = Math.min(second - this.#second, this.#counts.length);
		for (let i = 1; i <= passed; i++) this.#counts[(second - passed + i) % this.#counts.length] = 0;
		this.#second = Math.max(this.#second, second);
	}
}
