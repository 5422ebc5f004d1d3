/** Chooses the request ids of one connection: short, and never the same twice. */
export class RequestIds {
	#last = 0;

	/**
	 * The id that the caller wants, where it wants one that is free; else the next of our own.
	 *
	 * @param taken the ids in use that callers wanted; it may know our own, too
	 */
	choose(wanted: string | undefined, taken: { has(id: string): boolean }): string {
		if (wanted && !taken.has(wanted) && !this.#mayBeOurs(wanted)) return wanted;
		let id: string;
		do {
			this.#last += 1;
			id = String(this.#last);
		} while (taken.has(id));
		return id;
	}

	#mayBeOurs(id: string): boolean {
		return /^\d+$/.test(id) && Number(id) <= this.#last;
	}
}
