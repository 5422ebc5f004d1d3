import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
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
import type { JsonObject } from '../../wire/json-value.ts';
import { ToolError } from '../../wire/orchestra-error.ts';
import { messageOf } from '../../wire/thrown-value.ts';
import { assertEntryPath } from '../entry-path.ts';
import { isFullDisk, noSpace } from '../no-space.ts';
import { type Database, loadSqlite, type Sqlite, type Statement } from './sqlite-binding.ts';

/** Milliseconds that a write waits for one of another process. */
const busyMs = 5_000;

/** Bytes of a page of the database. */
const pageBytes = 4096;

/** Place in which a {@link sqliteStorage} keeps its entries. */
export interface SqliteStorageOptions {
	/** The file of the database; made where it is missing. A relative one counts from the working folder. */
	readonly file: string;
	/** Bytes that the database may grow to; beyond it a write is `no_space`. Default: no limit of ours. */
	readonly maxBytes?: number | undefined;
}

/** A storage that can be closed; one that is not is closed with its process. */
export interface SqliteStorage extends StorageHandler, Disposable {
	close(): void;
}

/**
 * A storage in a SQLite database, by `node:sqlite`: on Deno, and on Node from 22.13 on. A write is acknowledged once it is on the disk, and a
 * process that is killed loses none that it acknowledged. Of writers of one version exactly one wins, in this process and others.
 *
 * Its methods throw `storage_conflict`, `invalid_path` (what could not be a path below a folder), `storage_malformed` (the file is no such
 * database), `no_space`, and `storage_unavailable` where another process holds the database for more than five seconds.
 *
 * @throws OrchestraError `requirement_unmet` on Node before 22.13
 *
 * @example
 * import { createPlugin } from 'orchestra-toolchain';
 * import { sqliteStorage } from 'orchestra-toolchain/storage';
 *
 * export default createPlugin('notes').providesStorage('note').setStorageHandler(sqliteStorage({ file: 'notes.db' })).build();
 */
export function sqliteStorage({ file, maxBytes }: SqliteStorageOptions): SqliteStorage {
	return new DatabaseStorage(loadSqlite(), resolve(file), maxBytes);
}

/** Prepared statements of the database. */
interface Statements {
	readonly read: Statement;
	readonly version: Statement;
	readonly insert: Statement;
	readonly update: Statement;
	readonly delete: Statement;
	readonly list: Statement;
}

class DatabaseStorage implements SqliteStorage {
	readonly #sqlite: Sqlite;
	readonly #file: string;
	readonly #maxBytes: number | undefined;
	#database: Database | undefined;
	#statements: Statements | undefined;
	#closed = false;

	constructor(sqlite: Sqlite, file: string, maxBytes: number | undefined) {
		this.#sqlite = sqlite;
		this.#file = file;
		this.#maxBytes = maxBytes;
	}

	read({ path }: StoragePath): StoredContent | undefined {
		assertEntryPath(path);
		const row = this.#on(path, ({ read }) => read.get(path));
		if (!row) return undefined;
		return {
			content: row.content as Uint8Array,
			metadata: JSON.parse(String(row.metadata)) as JsonObject,
			version: Number(row.version),
		};
	}

	write({ path, content, metadata, expectedVersion }: StorageWrite): number {
		assertEntryPath(path);
		return this.#on(path, (statements) => {
			const values = [content, JSON.stringify(metadata), Date.now()] as const;
			// One statement compares and writes: nobody comes between.
			const { changes } =
				expectedVersion === 0
					? statements.insert.run(path, ...values)
					: statements.update.run(...values, path, expectedVersion);
			if (Number(changes) === 1) return expectedVersion + 1;
			const current = Number(statements.version.get(path)?.version ?? 0);
			throw storageConflict(path, expectedVersion, current);
		});
	}

	delete({ path }: StoragePath): boolean {
		assertEntryPath(path);
		return this.#on(path, (statements) => Number(statements.delete.run(path).changes) === 1);
	}

	list({ prefix, pattern }: StorageList): ListedEntry[] {
		return this.#on(prefix, ({ list }) => list.all())
			.filter(({ path }) => String(path).startsWith(prefix) && matchesPattern(pattern, String(path)))
			.map(({ path, size, version, modified_at }) => ({
				path: String(path),
				size: Number(size),
				version: Number(version),
				modifiedAt: new Date(Number(modified_at)),
			}))
			.sort((a, b) => (a.path < b.path ? -1 : 1));
	}

	close(): void {
		this.#closed = true;
		this.#statements = undefined;
		this.#database?.close();
		this.#database = undefined;
	}

	[Symbol.dispose](): void {
		this.close();
	}

	#on<T>(path: string, work: (statements: Statements) => T): T {
		try {
			this.#statements ??= this.#open();
			return work(this.#statements);
		} catch (error) {
			throw toldError(error, path, this.#file);
		}
	}

	#open(): Statements {
		if (this.#closed) throw new ToolError('storage_unavailable', 'the storage is closed');
		mkdirSync(dirname(this.#file), { recursive: true });
		const database = new this.#sqlite.DatabaseSync(this.#file);
		try {
			database.exec(`PRAGMA busy_timeout = ${busyMs}`);
			// An acknowledged write is on the disk, also where the power goes.
			database.exec('PRAGMA journal_mode = WAL');
			database.exec('PRAGMA synchronous = FULL');
			if (this.#maxBytes !== undefined) {
				database.exec(`PRAGMA page_size = ${pageBytes}`);
				database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(this.#maxBytes / pageBytes))}`);
			}
			database.exec(
				'CREATE TABLE IF NOT EXISTS entries (path TEXT PRIMARY KEY, content BLOB NOT NULL, metadata TEXT NOT NULL, ' +
					'version INTEGER NOT NULL, modified_at INTEGER NOT NULL)',
			);
			const statements: Statements = {
				read: database.prepare('SELECT content, metadata, version FROM entries WHERE path = ?'),
				version: database.prepare('SELECT version FROM entries WHERE path = ?'),
				insert: database.prepare(
					'INSERT INTO entries (path, content, metadata, version, modified_at) VALUES (?, ?, ?, 1, ?) ON CONFLICT DO NOTHING',
				),
				update: database.prepare(
					'UPDATE entries SET content = ?, metadata = ?, modified_at = ?, version = version + 1 WHERE path = ? AND version = ?',
				),
				delete: database.prepare('DELETE FROM entries WHERE path = ?'),
				list: database.prepare(
					'SELECT path, length(content) AS size, version, modified_at FROM entries ORDER BY path',
				),
			};
			this.#database = database;
			return statements;
		} catch (error) {
			database.close();
			throw error;
		}
	}
}

/** Error of SQLite in the words and codes of a storage. */
function toldError(error: unknown, path: string, file: string): unknown {
	if (error instanceof ToolError) return error;
	const text = messageOf(error);
	const options = { cause: error, details: { path } };
	if (/disk is full|No space left/i.test(text) || isFullDisk(error)) return noSpace(path, error);
	if (/not a database|malformed|no such column/i.test(text))
		return new ToolError('storage_malformed', `${file} is no database of entries: ${text}`, options);
	if (/is locked|is busy/i.test(text))
		return new ToolError('storage_unavailable', `another process holds ${file}`, {
			...options,
			retryable: true,
		});
	return error;
}
