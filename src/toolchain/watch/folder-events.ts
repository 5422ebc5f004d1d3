import { existsSync, type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { onDeno } from '../../runtime/platform/on-deno.ts';
import { isPackageFile } from '../compile/package-files.ts';

/** Folders that the system is asked to tell of; each takes a handle of it, on Deno a larger one. What is beyond is looked at only. */
const maxFolders = onDeno ? 24 : 256;

/** Called with changes in folders. */
export interface FolderListener {
	/** Called when something in a folder has changed. @param path undefined where the system does not say which */
	happened(path: string | undefined): void;
	/** The system does not tell of a folder, and why. */
	failed(folder: string, error: unknown): void;
}

/** Changes that the system reports in the folders of some paths, whether the paths are there or not. */
export class FolderEvents {
	readonly #listener: FolderListener;
	readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();

	constructor(listener: FolderListener) {
		this.#listener = listener;
	}

	/** Listens to the folders of these paths from now on, and to no others. Those of packages are left out: there are many. */
	follow(paths: Iterable<string>): void {
		const wanted = new Set<string>();
		for (const path of paths) {
			if (wanted.size >= maxFolders) break;
			if (!isPackageFile(`${path}/`)) wanted.add(nearestFolder(dirname(path)));
		}
		for (const folder of [...this.#watchers.keys()]) {
			// One that was moved away and made anew is another.
			if (!wanted.has(folder) || this.#watchers.get(folder)?.inode !== inodeOf(folder)) this.#end(folder);
		}
		for (const folder of wanted) if (!this.#watchers.has(folder)) this.#begin(folder);
	}

	close(): void {
		for (const folder of [...this.#watchers.keys()]) this.#end(folder);
	}

	#begin(folder: string): void {
		const inode = inodeOf(folder);
		try {
			const watcher = watch(folder, (_event, name) =>
				this.#listener.happened(name === null ? undefined : join(folder, String(name))),
			);
			watcher.on('error', (error) => {
				this.#end(folder);
				if (existsSync(folder)) this.#listener.failed(folder, error);
				this.#listener.happened(undefined);
			});
			this.#watchers.set(folder, { watcher, inode });
		} catch (error) {
			if (existsSync(folder)) this.#listener.failed(folder, error);
		}
	}

	#end(folder: string): void {
		this.#watchers.get(folder)?.watcher.close();
		this.#watchers.delete(folder);
	}
}

function inodeOf(folder: string): number {
	try {
		return statSync(folder, { throwIfNoEntry: false })?.ino ?? 0;
	} catch {
		return 0;
	}
}

/** The folder itself, or the nearest above it that is there. */
function nearestFolder(folder: string): string {
	for (let at = folder; ; at = dirname(at)) {
		if (existsSync(at) || dirname(at) === at) return at;
	}
}
