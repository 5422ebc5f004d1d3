import { defaultKeepAlive, type KeepAlive } from './carrier.ts';

/** The two intervals, each at least a millisecond, with their defaults. */
export function keepAliveIntervals(options: KeepAlive = {}): { idleMs: number; answerMs: number } {
	return {
		idleMs: Math.max(1, options.idleMs ?? defaultKeepAlive.idleMs),
		answerMs: Math.max(1, options.answerMs ?? defaultKeepAlive.answerMs),
	};
}
