import { forgetOldest } from '../../runtime/platform/forget-oldest.ts';

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
		forgetOldest(this.#ids, this.#most);
		return true;
	}
}
