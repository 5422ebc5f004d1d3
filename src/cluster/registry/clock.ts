/** Time, as the registry sees it: a simulation moves its own. */
export interface Clock {
	/** Milliseconds, monotonic; where it begins means nothing. */
	now(): number;
	/** Calls back once, after so many milliseconds. @returns what cancels it; safe to call later */
	after(ms: number, work: () => void): () => void;
}

/** The clock of this process. Its timers do not keep the process alive. */
export const systemClock: Clock = {
	now: () => performance.now(),
	after(ms, work) {
		const timer = setTimeout(work, ms);
		timer.unref();
		return () => clearTimeout(timer);
	},
};
