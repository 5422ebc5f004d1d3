/** Node's timers hold at most this many milliseconds; a longer one fires at once. */
const longestMs = 2 ** 31 - 1;

/** Calls back once, after at least `ms` milliseconds or the longest that a timer holds. Returns what stops it. */
export type Schedule = (ms: number, callback: () => void) => () => void;

/** Timers of the system. They keep no process alive. */
export const systemSchedule: Schedule = (ms, callback) => {
	const timer = setTimeout(callback, Math.min(longestMs, Math.max(0, ms)));
	timer.unref();
	return () => clearTimeout(timer);
};
