/** Ids that were seen lately, so that what comes twice is taken once. */
export class RecentIds {
	readonly #most: number;
	readonly #ids = new Set<string>();

	/** @param most ids that are remembered */
	constructor(most: number) {
		this.#most = most;
	}

	/** Whether it was not seen lately; it is now. */
	isNew(id: string): boolean {
		if (this.#ids.has(id)) return false;
		this.#ids.add(id);
		if (this.#ids.size > this.#most) {
			for (const oldest of this.#ids) {
				this.#ids.delete(oldest);
				break;
			}
		}
		return true;
	}
}
