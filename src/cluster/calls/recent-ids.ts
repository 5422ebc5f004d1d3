/** Ids that are remembered, at most; the oldest are forgotten first. They take some 10 MB. */
const maxIds = 100_000;

/** Milliseconds for which an id is remembered at least, unless there are too many. */
const rememberedMs = 120_000;

/** Tells ids that were seen lately from new ones. */
export class RecentIds {
	/** The newer half and the older one: what is in neither is forgotten. */
	#newer = new Set<string>();
	#older = new Set<string>();
	#turnedAt = performance.now();

	/** Remembers an id. @returns false where it was seen already */
	add(id: string): boolean {
		if (this.#newer.has(id) || this.#older.has(id)) return false;
		const now = performance.now();
		if (this.#newer.size >= maxIds / 2 || now - this.#turnedAt > rememberedMs) {
			this.#older = this.#newer;
			this.#newer = new Set();
			this.#turnedAt = now;
		}
		this.#newer.add(id);
		return true;
	}
}
