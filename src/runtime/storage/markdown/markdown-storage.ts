import { constants } from 'node:fs';
import { mkdir, open, readdir, realpath, rm, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { ListedEntry } from '../../client/listings.ts';
import { matchesPattern } from '../../plugin/definition/matches-pattern.ts';
import { storageConflict } from '../../plugin/definition/storage-error.ts';
import type {
	StorageHandler,
	StorageList,
	StoragePath,
	StorageWrite,
	StoredContent,
} from '../../plugin/definition/storage-handler.ts';
import { ToolError } from '../../wire/orchestra-error.ts';
import { isFullDisk, noSpace } from '../no-space.ts';
import { formatMarkdown, parseMarkdown } from './front-matter.ts';
import { assertInside, fileOf, temporaryPrefix, versionSuffix } from './safe-path.ts';
import { stageFile } from './stage-file.ts';

/** Folder of the entries below a workspace, as the Go plugin storage-markdown keeps them. */
const entriesFolder = '.projects';

/** Place in which a {@link markdownStorage} keeps its entries. */
export interface MarkdownStorageOptions {
	/** The folder of the workspace; entries are files below its `.projects`. A relative one counts from the working folder. */
	readonly workspace: string;
}

/**
 * A storage of Markdown files: each entry is a file whose metadata is its YAML front matter, with its version in a file beside it
 * (`note.md.version`). The Go plugin storage-markdown reads and writes the same files.
 *
 * A write is acknowledged once it is on the disk; a process that is killed leaves each entry as it was, or as it was to become. Of
 * writers of one version exactly one wins, in this process: let one process write to a workspace. A file without a version beside it,
 * one written by hand, is at version 1.
 *
 * Its methods throw `storage_conflict`, `invalid_path` (a path that leads out of the folder, or to what is no regular file),
 * `storage_malformed` (front matter that is no YAML map) and `no_space`.
 *
 * @example
 * import { createPlugin } from 'orchestra-toolchain';
 * import { markdownStorage } from 'orchestra-toolchain/storage';
 *
 * export default createPlugin('notes').providesStorage('note').setStorageHandler(markdownStorage({ workspace: '.' })).build();
 */
export function markdownStorage({ workspace }: MarkdownStorageOptions): StorageHandler {
	return new MarkdownStorage(resolve(workspace, entriesFolder));
}

class MarkdownStorage implements StorageHandler {
	readonly #given: string;
	#folder: Promise<string> | undefined;
	/** The last write to each file, as long as it lasts: one at a time. */
	readonly #writes = new Map<string, Promise<unknown>>();

	constructor(folder: string) {
		this.#given = folder;
	}

	async read({ path }: StoragePath): Promise<StoredContent | undefined> {
		const file = await this.#fileOf(path);
		// A write replaces two files, the version first: what is read between them would be old under a new version.
		return this.#alone(file, async () => {
			const bytes = await readRegular(file);
			if (bytes === undefined) return undefined;
			return { ...parseMarkdown(bytes, path), version: await versionOf(file) };
		});
	}

	async write({ path, content, metadata, expectedVersion }: StorageWrite): Promise<number> {
		const file = await this.#fileOf(path);
		return this.#alone(file, async () => {
			const exists = (await stat(file).catch(() => undefined)) !== undefined;
			const current = exists ? await versionOf(file) : 0;
			if (current !== expectedVersion) throw storageConflict(path, expectedVersion, current);
			// After a create that was killed half way, its version stands there already.
			const version = (exists ? current : await keptVersion(file)) + 1;
			await onDisk(path, () => replaceBoth(file, formatMarkdown({ metadata, content }), String(version)));
			return version;
		});
	}

	async delete({ path }: StoragePath): Promise<boolean> {
		const file = await this.#fileOf(path);
		return this.#alone(file, async () => {
			if ((await stat(file).catch(() => undefined)) === undefined) return false;
			await rm(file);
			await rm(file + versionSuffix, { force: true });
			return true;
		});
	}

	async list({ prefix, pattern }: StorageList): Promise<ListedEntry[]> {
		const folder = await this.#root();
		const found = await readdir(folder, { recursive: true, withFileTypes: true });
		const entries: ListedEntry[] = [];
		for (const entry of found) {
			const { name } = entry;
			if (!entry.isFile() || name.endsWith(versionSuffix) || name.startsWith(temporaryPrefix)) continue;
			const file = join(entry.parentPath, name);
			const path = relative(folder, file).split(sep).join('/');
			if (!path.startsWith(prefix) || !matchesPattern(pattern, path)) continue;
			// It may be deleted meanwhile.
			const stats = await stat(file).catch(() => undefined);
			if (stats)
				entries.push({ path, size: stats.size, version: await versionOf(file), modifiedAt: stats.mtime });
		}
		return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
	}

	async #fileOf(path: string): Promise<string> {
		const folder = await this.#root();
		const file = fileOf(folder, path);
		await assertInside(folder, file, path);
		return file;
	}

	/** The real path of the folder, which is made where it is not there. */
	#root(): Promise<string> {
		this.#folder ??= mkdir(this.#given, { recursive: true })
			.then(() => realpath(this.#given))
			.catch((error: unknown) => {
				this.#folder = undefined;
				throw error;
			});
		return this.#folder;
	}

	/** Works on a file when everybody before has done so. */
	async #alone<T>(file: string, work: () => Promise<T>): Promise<T> {
		const before = this.#writes.get(file);
		const mine = (before ?? Promise.resolve()).then(work, work);
		this.#writes.set(file, mine);
		try {
			return await mine;
		} finally {
			if (this.#writes.get(file) === mine) this.#writes.delete(file);
		}
	}
}

/** The bytes of a regular file; undefined where there is none. Links are not followed. */
async function readRegular(file: string): Promise<Buffer | undefined> {
	const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
	try {
		const handle = await open(file, flags);
		try {
			return await handle.readFile();
		} finally {
			await handle.close();
		}
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
		throw error;
	}
}

/** Version in a file; 0 where it is absent, or no version. */
async function keptVersion(file: string): Promise<number> {
	const text = (await readRegular(file + versionSuffix))?.toString('latin1').trim() ?? '';
	return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

/** The version of a file that is there. */
async function versionOf(file: string): Promise<number> {
	return Math.max(1, await keptVersion(file));
}

/**
 * Replaces an entry and its version. Both are on the disk before the first is put in its place, so that a disk which is full leaves both as they
 * were; the version goes first, since it must never be behind the content.
 */
async function replaceBoth(file: string, content: Uint8Array | string, version: string): Promise<void> {
	const entry = await stageFile(file, content);
	try {
		const beside = await stageFile(file + versionSuffix, version);
		try {
			await beside.commit();
			await entry.commit();
		} finally {
			await beside.discard();
		}
	} finally {
		await entry.discard();
	}
}

async function onDisk(path: string, work: () => Promise<void>): Promise<void> {
	try {
		await work();
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'ENOTDIR' || code === 'EEXIST' || code === 'ENAMETOOLONG')
			throw new ToolError(
				'invalid_path',
				`a folder of ${JSON.stringify(path)} is a file, or its name is too long`,
				{ cause: error },
			);
		throw isFullDisk(error) ? noSpace(path, error) : error;
	}
}
