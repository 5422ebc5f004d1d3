import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, ownFolder, privateFolder } from './cache-folder.ts';
import { checksum } from './file-stamp.ts';
import { isSourceRecord, pathsOf, type SourceRecord, stateOf } from './source-record.ts';

/** Bytes of compiled modules that are kept, of all plugins together. The oldest make room. */
const maxBytes = 128 * 1024 * 1024;

/** Compiled modules of one plugin that are kept: a process that runs may be started again from one before the last. */
const maxVersions = 4;

/** Entry that is kept beside a compiled module. */
interface CacheEntry {
	/** Key of everything that the compiled code depends on besides its sources: versions and options. */
	readonly key: string;
	/** Name of the compiled module. */
	readonly file: string;
	/** Its checksum: a file that was cut short by a full disk must not be run. */
	readonly checksum: string;
	readonly sources: SourceRecord;
}

/** A module as the compiler made it. */
export interface CompiledCode {
	readonly code: Uint8Array;
	readonly map: string;
}

/**
 * Compiled modules on disk, so that a plugin that did not change starts without a compiler. One folder an entry module. It is
 * only a cache: whatever is wrong with it, the answer is that the module is not in it.
 */
export class ModuleCache {
	readonly #folder: string | undefined;
	readonly #root: string | undefined;
	readonly #key: string;
	readonly #readOnly: boolean;

	/**
	 * @param key what else the compiled code depends on
	 * @param options `readOnly`: nothing on the disk is changed
	 */
	constructor(entry: string, key: string, { readOnly = false } = {}) {
		const dir = cacheDir();
		const folder = readOnly ? ownFolder : privateFolder;
		this.#root = dir === undefined ? undefined : folder(join(dir, 'modules'));
		this.#readOnly = readOnly;
		this.#folder = this.#root && join(this.#root, checksum(entry).slice(0, 24));
		this.#key = key;
	}

	/** The compiled module, if nothing that it depends on changed since. */
	get(): { readonly file: string; readonly paths: string[] } | undefined {
		if (this.#folder === undefined) return undefined;
		try {
			const entry = readEntry(join(this.#folder, 'entry.json'));
			if (entry?.key !== this.#key) return undefined;
			const file = join(this.#folder, entry.file);
			const state = stateOf(entry.sources);
			if (state.kind === 'stale' || checksum(readFileSync(file)) !== entry.checksum) return undefined;
			if (state.kind === 'touched' && !this.#readOnly) {
				this.#tryWriteEntry({ ...entry, sources: state.record });
			}
			return { file, paths: pathsOf(entry.sources) };
		} catch {
			return undefined; // Absent or damaged.
		}
	}

	/**
	 * Keeps a compiled module.
	 *
	 * @returns where it lies; undefined where it cannot be kept
	 */
	put({ code, map }: CompiledCode, sources: SourceRecord): string | undefined {
		if (this.#folder === undefined || this.#root === undefined || this.#readOnly) return undefined;
		try {
			mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
			if (privateFolder(this.#folder) === undefined) return undefined;
			const file = compiledName(checksum(code));
			const linked = withMapLink(code, file);
			const sum = checksum(linked);
			this.#write(file, linked);
			this.#write(`${file}.map`, map);
			this.#write('entry.json', JSON.stringify({ key: this.#key, file, checksum: sum, sources }));
			dropOldVersions(this.#folder, file);
			makeRoom(this.#root, this.#folder);
			return join(this.#folder, file);
		} catch {
			return undefined; // Read-only, full, somebody else's.
		}
	}

	#tryWriteEntry(entry: CacheEntry): void {
		try {
			this.#write('entry.json', JSON.stringify(entry));
		} catch {
			// Then the next start compares contents again.
		}
	}

	/** Two processes may compile at once: each file appears whole or not at all. */
	#write(name: string, data: string | Uint8Array): void {
		const folder = this.#folder ?? '';
		const scratch = join(folder, `${name}.${process.pid}.tmp`);
		try {
			writeFileSync(scratch, data, { mode: 0o600, flag: 'wx' });
			renameSync(scratch, join(folder, name));
		} catch (error) {
			rmSync(scratch, { force: true });
			throw error;
		}
	}
}

/** The name of a compiled module by the checksum of its code: another module never has the same. */
export function compiledName(sum: string): string {
	return `${sum.slice(0, 24)}.mjs`;
}

/** The code with a line that says where its source map is: debuggers look there. */
export function withMapLink(code: Uint8Array, file: string): Uint8Array {
	return Buffer.concat([code, Buffer.from(`//# sourceMappingURL=${file}.map\n`)]);
}

function readEntry(path: string): CacheEntry | undefined {
	const entry = JSON.parse(readFileSync(path, 'utf8')) as Partial<CacheEntry> | null;
	const { key, file, checksum: sum, sources } = entry ?? {};
	if (typeof key !== 'string' || typeof sum !== 'string') return undefined;
	if (typeof file !== 'string' || !/^[\w-]{24}\.mjs$/.test(file)) return undefined;
	return isSourceRecord(sources) ? { key, file, checksum: sum, sources } : undefined;
}

function dropOldVersions(folder: string, current: string): void {
	const versions = readdirSync(folder)
		.filter((name) => name.endsWith('.mjs') && name !== current)
		.map((name) => ({ name, time: statSync(join(folder, name)).mtimeMs }))
		.sort((a, b) => b.time - a.time);
	for (const { name } of versions.slice(maxVersions - 1)) {
		rmSync(join(folder, name), { force: true });
		rmSync(join(folder, `${name}.map`), { force: true });
	}
}

/** Removes the plugins that were compiled the longest ago, until what is kept is no larger than it may be. */
function makeRoom(root: string, current: string): void {
	const plugins = readdirSync(root).map((name) => {
		const folder = join(root, name);
		return { folder, bytes: bytesIn(folder), time: statSync(folder).mtimeMs };
	});
	let bytes = plugins.reduce((sum, plugin) => sum + plugin.bytes, 0);
	for (const plugin of plugins.sort((a, b) => a.time - b.time)) {
		if (bytes <= maxBytes) return;
		if (plugin.folder === current) continue;
		rmSync(plugin.folder, { recursive: true, force: true });
		bytes -= plugin.bytes;
	}
}

function bytesIn(folder: string): number {
	return readdirSync(folder).reduce(
		(sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
		0,
	);
}
