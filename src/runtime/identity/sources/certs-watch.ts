import { type FSWatcher, statSync, watch } from 'node:fs';

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

/** Milliseconds from a change to the look at it: a writer changes several files, one after the other. */
const settleMs = 50;

/**
 * Milliseconds between two looks that nothing asked for: the system may tell of a change late or not at all (network file
 * systems, a full queue, a directory that was replaced).
 */
const pollMs = 5_000;

/** Options of a {@link CertsWatch}, for tests. */
export interface CertsWatchOptions {
	readonly schedule?: Schedule | undefined;
	/** Whether the system is asked to tell of changes, besides looking from time to time. Default true. */
	readonly events?: boolean | undefined;
}

/** Calls back when the files in a directory may have changed, and every 5 s in any case; never twice at once in 50 ms. */
export class CertsWatch {
	readonly #dir: string;
	readonly #onChange: () => void;
	readonly #concerns: (file: string) => boolean;
	readonly #schedule: Schedule;
	readonly #events: boolean;
	#watcher: FSWatcher | undefined;
	/** Inode of the directory that is watched: the path may be another one's by now. */
	#inode: number | undefined;
	#stopSettling: (() => void) | undefined;
	#stopPolling: (() => void) | undefined;
	#closed = false;

	/** @param concerns tells which files matter */
	constructor(
		dir: string,
		concerns: (file: string) => boolean,
		onChange: () => void,
		options: CertsWatchOptions = {},
	) {
		this.#dir = dir;
		this.#concerns = concerns;
		this.#onChange = onChange;
		this.#schedule = options.schedule ?? systemSchedule;
		this.#events = options.events ?? true;
		this.#watch();
		this.#poll();
	}

	close(): void {
		this.#closed = true;
		this.#unwatch();
		this.#stopSettling?.();
		this.#stopPolling?.();
	}

	#watch(): void {
		if (!this.#events) return;
		try {
			this.#inode = statSync(this.#dir).ino;
			const watcher = watch(this.#dir, { persistent: false }, (_event, file) => {
				if (file === null || this.#concerns(file)) this.#changed();
			});
			// The next look from time to time tries again.
			watcher.on('error', () => this.#unwatch());
			watcher.unref?.();
			this.#watcher = watcher;
		} catch {
			this.#unwatch();
		}
	}

	#unwatch(): void {
		this.#watcher?.close();
		this.#watcher = undefined;
	}

	#changed(): void {
		if (this.#closed) return;
		this.#stopSettling ??= this.#schedule(settleMs, () => {
			this.#stopSettling = undefined;
			if (!this.#closed) this.#onChange();
		});
	}

	#poll(): void {
		this.#stopPolling = this.#schedule(pollMs, () => {
			if (this.#closed) return;
			if (this.#events && (this.#watcher === undefined || inodeOf(this.#dir) !== this.#inode)) {
				this.#unwatch();
				this.#watch();
			}
			this.#onChange();
			this.#poll();
		});
	}
}

function inodeOf(dir: string): number | undefined {
	try {
		return statSync(dir).ino;
	} catch {
		return undefined;
	}
}
