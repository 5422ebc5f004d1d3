/** Clock of sessions: a test may own it. */
export interface ExecClock {
	/** Milliseconds since 1970. */
	now(): number;
	/** Calls once, later, unless what it returns is called before. It does not hold the process open. */
	after(ms: number, work: () => void): () => void;
}

/** The machine's own. */
export const systemExecClock: ExecClock = {
	now: Date.now,
	after(ms, work) {
		const timer = setTimeout(work, ms);
		timer.unref();
		return () => clearTimeout(timer);
	},
};
