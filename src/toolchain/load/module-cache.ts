import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A source file as it was when a module was compiled from it. */
interface InputStamp {
	readonly path: string;
	readonly mtimeMs: number;
	readonly size: number;
}

interface CacheEntry {
	/** What the compiled code depends on besides its inputs: versions and options. */
	readonly key: string;
	readonly file: string;
	readonly inputs: InputStamp[];
}

/** `$ORCHESTRA_CACHE_DIR`, else `orchestra` under `$XDG_CACHE_HOME` or ~/.cache. */
export function cacheDir(): string {
	const { ORCHESTRA_CACHE_DIR, XDG_CACHE_HOME } = process.env;
	return ORCHESTRA_CACHE_DIR || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'orchestra');
}

function stamp(path: string): InputStamp | undefined {
	const stats = statSync(path, { throwIfNoEntry: false });
	return stats && { path, mtimeMs: stats.mtimeMs, size: stats.size };
}

/** Compiled modules on disk, so that a plugin that did not change starts without a compiler. One folder an entry module. */
export class ModuleCache {
	readonly #folder: string;
	readonly #key: string;

	/** @param key what else the compiled code depends on */
	constructor(entry: string, key: string) {
		const name = createHash('sha256').update(entry).digest('hex').slice(0, 24);
		this.#folder = join(cacheDir(), 'modules', name);
		this.#key = key;
	}

	/** The compiled module, if none of its sources changed since. */
	get(): string | undefined {
		let entry: CacheEntry;
		try {
			entry = JSON.parse(readFileSync(join(this.#folder, 'entry.json'), 'utf8')) as CacheEntry;
		} catch {
			return undefined; // Absent or damaged: it is only a cache.
		}
		if (entry.key !== this.#key || !Array.isArray(entry.inputs)) return undefined;
		for (const input of entry.inputs) {
			const now = stamp(input.path);
			if (!now || now.mtimeMs !== input.mtimeMs || now.size !== input.size) return undefined;
		}
		const file = join(this.#folder, entry.file);
		return statSync(file, { throwIfNoEntry: false }) ? file : undefined;
	}

	/** Keeps a compiled module and forgets the one before. */
	put(code: Uint8Array, inputs: readonly string[]): string {
		// Only for this user: what lies here is executed.
		mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
		const name = `${createHash('sha256').update(code).digest('hex').slice(0, 16)}.mjs`;
		const stamps = inputs.map(stamp).filter((input) => input !== undefined);
		const entry: CacheEntry = { key: this.#key, file: name, inputs: stamps };
		this.#write(name, code);
		this.#write('entry.json', JSON.stringify(entry));
		for (const other of readdirSync(this.#folder)) {
			if (other.endsWith('.mjs') && other !== name) rmSync(join(this.#folder, other), { force: true });
		}
		return join(this.#folder, name);
	}

	/** Two processes may compile at once: each file appears whole or not at all. */
	#write(name: string, data: string | Uint8Array): void {
		const scratch = join(this.#folder, `${name}.${process.pid}.tmp`);
		writeFileSync(scratch, data, { mode: 0o600 });
		renameSync(scratch, join(this.#folder, name));
	}
}
