/** Milliseconds between two pictures of what is told, at least: ten a second can be read. */
const leastMs = 100;

/** Milliseconds between two pictures, at most. */
const mostMs = 900;

/** Share of a core's time that drawing may take. */
const share = 1 / 28;

/** Share of the last picture's cost in the estimate: one that was dear by chance does not slow down the others for long. */
const weight = 1 / 4;

/** Decides how often to draw: where a picture costs much, because the terminal is large or the machine slow, fewer are drawn. */
export class DrawingPace {
	#costMs = 0;

	/** Draws, and takes the time. */
	draw(work: () => void): void {
		const begin = performance.now();
		work();
		// React renders in a microtask of its own, which was queued before this one.
		queueMicrotask(() => {
			this.#costMs += (performance.now() - begin - this.#costMs) * weight;
		});
	}

	/** Milliseconds to wait before the next picture. */
	get waitMs(): number {
		return Math.min(mostMs, Math.max(leastMs, this.#costMs / share));
	}
}
