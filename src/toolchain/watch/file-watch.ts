import { dirname } from 'node:path';
import { FolderEvents } from './folder-events.ts';
import { isBare, pathStamp, stampedAt } from './path-stamp.ts';

/** Options of watching files. */
export interface FileWatchOptions {
	/** Called with the paths that have changed, appeared or gone, once nothing has happened to them for a moment. */
	readonly onChange: (paths: readonly string[]) => void;
	/** Called once where the system does not tell of changes: they are found within {@link lookEveryMs} then. */
	readonly onSlow?: ((error: unknown) => void) | undefined;
	/** Milliseconds without an event until a change counts as whole. Default {@link defaultQuietMs}. */
	readonly quietMs?: number | undefined;
	/** Milliseconds between two looks at everything, events or not. Default 2 s. */
	readonly lookEveryMs?: number | undefined;
}

/** An editor writes a file in several steps, and a formatter soon after it. */
export const defaultQuietMs = 15;

/** Times {@link FileWatchOptions.quietMs} after which a change is told, though more happens all the time. */
const patience = 10;

/** Milliseconds that a file which is gone or empty gets to come back: some editors move it away, others empty it before they write. */
const comesBackMs = 60;

/**
 * Watches paths, files and folders, there or not: a folder changes with the names in it. The system's events make it quick; a look at
 * everything every few seconds finds what they do not tell, as on network file systems, in packages, and in folders that were moved.
 */
export class FileWatch implements Disposable {
	readonly #options: FileWatchOptions;
	readonly #quietMs: number;
	readonly #stamps = new Map<string, string>();
	readonly #events: FolderEvents;
	readonly #looking: ReturnType<typeof setInterval>;
	#quiet: ReturnType<typeof setTimeout> | undefined;
	/** Time of the first event that was not looked into yet. */
	#since: number | undefined;
	#slow = false;
	#closed = false;

	constructor(options: FileWatchOptions) {
		this.#options = options;
		this.#quietMs = options.quietMs ?? defaultQuietMs;
		this.#events = new FolderEvents({
			happened: (path) => this.#happened(path),
			failed: (_folder, error) => {
				if (!this.#slow) options.onSlow?.(error);
				this.#slow = true;
			},
		});
		this.#looking = setInterval(() => this.#lookAgain(), options.lookEveryMs ?? 2_000);
	}

	/**
	 * Watches these paths from now on, and no others. A path that was watched before is compared with how it was when it was last told
	 * of, so that nothing is lost in between.
	 *
	 * @param since when a path that is new here was read, in milliseconds of Date.now(): one that has changed since is told of
	 */
	watch(paths: Iterable<string>, since: number = Date.now()): void {
		if (this.#closed) return;
		const wanted = new Set(paths);
		for (const path of [...this.#stamps.keys()]) if (!wanted.has(path)) this.#stamps.delete(path);
		for (const path of wanted) {
			if (this.#stamps.has(path)) continue;
			const stamp = pathStamp(path);
			// Not what it is, so that the next look finds it.
			this.#stamps.set(path, Math.floor(stampedAt(stamp)) > since ? 'changed' : stamp);
		}
		this.#events.follow(wanted);
		this.#happened(undefined);
	}

	close(): void {
		this.#closed = true;
		clearInterval(this.#looking);
		clearTimeout(this.#quiet);
		this.#events.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	#happened(path: string | undefined): void {
		if (this.#closed) return;
		const isOurs = path === undefined || this.#stamps.has(path) || this.#stamps.has(dirname(path));
		if (!isOurs && !this.#leadsToOurs(path)) return;
		const now = performance.now();
		this.#since ??= now;
		const left = this.#since + patience * this.#quietMs - now;
		this.#lookIn(Math.max(0, Math.min(this.#quietMs, left)));
	}

	/** Whether something that is watched would lie in a folder of that path. */
	#leadsToOurs(path: string): boolean {
		for (const watched of this.#stamps.keys()) if (watched.startsWith(`${path}/`)) return true;
		return false;
	}

	#lookIn(ms: number, gone?: boolean): void {
		clearTimeout(this.#quiet);
		this.#quiet = setTimeout(() => this.#look(gone), ms);
	}

	#lookAgain(): void {
		if (this.#quiet === undefined) this.#look();
		// A folder that was moved away and made anew has to be listened to anew.
		this.#events.follow(this.#stamps.keys());
	}

	/** @param patient whether files that are gone or empty had their time to come back */
	#look(patient = false): void {
		this.#quiet = undefined;
		const changed: [path: string, stamp: string][] = [];
		let mayComeBack = false;
		for (const [path, before] of this.#stamps) {
			const stamp = pathStamp(path);
			if (stamp === before) continue;
			changed.push([path, stamp]);
			mayComeBack ||= isBare(stamp) && !isBare(before);
		}
		if (mayComeBack && !patient) {
			this.#lookIn(comesBackMs, true);
			return;
		}
		this.#since = undefined;
		if (changed.length === 0) return;
		for (const [path, stamp] of changed) this.#stamps.set(path, stamp);
		this.#events.follow(this.#stamps.keys());
		this.#options.onChange(changed.map(([path]) => path));
	}
}
