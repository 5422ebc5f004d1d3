import type { SessionClock } from '../runtime/sessions/session-runtime.ts';

/** Work to run, and when. */
interface Timer {
	at: number;
	/** Milliseconds until it runs again; undefined where it runs once. */
	readonly every: number | undefined;
	readonly run: () => void;
}

/**
 * A clock that stands still until a test moves it. The test host and plugins that are given it follow it; the timers of the runtime
 * itself, such as deadlines of calls, do not.
 */
export class FakeClock implements SessionClock {
	#now: number;
	readonly #timers = new Set<Timer>();

	/** @param now the time to begin with, in milliseconds since 1970. Default: 1 January 2030, 00:00 UTC */
	constructor(now: number = Date.UTC(2030, 0, 1)) {
		this.#now = now;
	}

	/** Milliseconds since 1970. */
	readonly now = (): number => this.#now;

	/** Number of timers that wait. */
	get waiting(): number {
		return this.#timers.size;
	}

	/** Calls back every so many milliseconds, at least one. @returns what ends it */
	readonly every = (ms: number, run: () => void): (() => void) => {
		const every = Math.max(1, ms);
		return this.#add({ at: this.#now + every, every, run });
	};

	/** Calls back once, after so many milliseconds. @returns what prevents it */
	readonly after = (ms: number, run: () => void): (() => void) =>
		this.#add({ at: this.#now + Math.max(0, ms), every: undefined, run });

	/** Resolves after so many milliseconds. @throws the reason of `signal`, once it aborts */
	readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
		new Promise((resolve, reject) => {
			signal?.throwIfAborted();
			const abort = () => {
				prevent();
				reject(signal?.reason);
			};
			const prevent = this.after(ms, () => {
				signal?.removeEventListener('abort', abort);
				resolve();
			});
			signal?.addEventListener('abort', abort, { once: true });
		});

	/**
	 * Moves the time on. What is due runs at its own time, in order, and so does what that starts; between two of them promises that have
	 * settled run on.
	 *
	 * @param ms milliseconds, 0 or more
	 */
	async advance(ms: number): Promise<void> {
		const end = this.#now + ms;
		await settled();
		for (let timer = this.#next(end); timer; timer = this.#next(end)) {
			this.#now = Math.max(this.#now, timer.at);
			if (timer.every === undefined) this.#timers.delete(timer);
			else timer.at += timer.every;
			timer.run();
			await settled();
		}
		this.#now = end;
	}

	#add(timer: Timer): () => void {
		this.#timers.add(timer);
		return () => this.#timers.delete(timer);
	}

	#next(end: number): Timer | undefined {
		let next: Timer | undefined;
		for (const timer of this.#timers) if (timer.at <= end && timer.at < (next?.at ?? Infinity)) next = timer;
		return next;
	}
}

/** A turn of the event loop: every promise that has settled has been heard of. */
function settled(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
