/** A node that could serve a call. */
export interface RouteCandidate {
	readonly node: string;
	/** Whether it takes no more than it has to. */
	readonly draining: boolean;
	/** Calls from here that it has not ended. */
	readonly underWay: number;
}

/**
 * The node for a call: of those that are not draining one with the fewest calls under way, and among equals the next in turn.
 *
 * @param turn counts the calls
 */
export function chooseNode<T extends RouteCandidate>(candidates: readonly T[], turn: number): T | undefined {
	let least = Number.POSITIVE_INFINITY;
	let best: T[] = [];
	for (const candidate of candidates) {
		const load = candidate.underWay + (candidate.draining ? drainingLoad : 0);
		if (load < least) {
			least = load;
			best = [candidate];
		} else if (load === least) best.push(candidate);
	}
	return best[turn % Math.max(1, best.length)];
}

/** More calls than any node has. */
const drainingLoad = 2 ** 32;
