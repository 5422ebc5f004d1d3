import type { ArchiveLimits } from './archive-limits.ts';

/** Names that Windows keeps for devices, with any extension. */
const deviceName = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/** Characters that no part of a path may hold: control characters, a separator or stream of Windows, and bytes that were no UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const forbidden = /[\u0000-\u001f\u007f-\u009f\\:\ufffd]/;

/**
 * The paths of one archive. Refuses each that would leave the folder that the archive is unpacked into, and each that would, on any
 * file system, name what an earlier one names.
 */
export class EntryPaths {
	readonly #limits: ArchiveLimits;
	/** Paths as a file system that ignores case and normalisation sees them, and as they were written. */
	readonly #seen = new Map<string, { readonly path: string; readonly isFile: boolean }>();

	constructor(limits: ArchiveLimits) {
		this.#limits = limits;
	}

	/**
	 * Takes the path of the next entry.
	 *
	 * @returns the path, relative, with `/` and no `.` in it; undefined for the root itself
	 * @throws Error with what is wrong, to continue "the archive …"
	 */
	add(written: string, isFile: boolean): string | undefined {
		const shown = JSON.stringify(written.slice(0, 200));
		if (Buffer.byteLength(written) > this.#limits.pathBytes) {
			throw new Error(`has a path of more than ${this.#limits.pathBytes} bytes: ${shown}…`);
		}
		if (forbidden.test(written)) throw new Error(`has a path that is not portable: ${shown}`);
		if (written.startsWith('/')) throw new Error(`has an absolute path: ${shown}`);
		const parts = written.split('/').filter((part) => part !== '' && part !== '.');
		if (parts.includes('..')) throw new Error(`has a path that leads out of it: ${shown}`);
		if (parts.some((part) => /[. ]$/.test(part) || deviceName.test(part))) {
			throw new Error(`has a path that is not portable: ${shown}`);
		}
		if (parts.length === 0) {
			if (isFile) throw new Error(`has a file without a name: ${shown}`);
			return undefined;
		}
		if (parts.length > this.#limits.depth) {
			throw new Error(`has folders nested deeper than ${this.#limits.depth}: ${shown}`);
		}
		for (let length = 1; length < parts.length; length++) this.#take(parts.slice(0, length).join('/'), false);
		const path = parts.join('/');
		this.#take(path, isFile);
		return path;
	}

	#take(path: string, isFile: boolean): void {
		const key = path.normalize('NFC').toLowerCase().normalize('NFC');
		const before = this.#seen.get(key);
		if (!before) {
			this.#seen.set(key, { path, isFile });
			return;
		}
		if (before.path !== path) {
			throw new Error(
				`has ${JSON.stringify(before.path)} and ${JSON.stringify(path)}: one name on many disks`,
			);
		}
		if (before.isFile || isFile) throw new Error(`has ${JSON.stringify(path)} twice`);
	}
}
