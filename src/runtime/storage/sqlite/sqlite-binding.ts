import { OrchestraError } from '../../wire/orchestra-error.ts';

/** Parts of `node:sqlite` that are used; the types of Node 20 do not have it. */
export interface Sqlite {
	readonly DatabaseSync: new (file: string) => Database;
}

/** A connection to a database. */
export interface Database {
	exec(sql: string): void;
	prepare(sql: string): Statement;
	close(): void;
}

/** A statement; its methods take what its parameters stand for. */
export interface Statement {
	get(...values: readonly SqliteValue[]): Record<string, SqliteValue> | undefined;
	all(...values: readonly SqliteValue[]): Record<string, SqliteValue>[];
	run(...values: readonly SqliteValue[]): { readonly changes: number | bigint };
}

/** A value in a database. */
export type SqliteValue = null | number | string | Uint8Array;

/**
 * SQLite, as the runtime has it. Not imported: a bundler that runs on Node 20 takes the name for a missing package.
 *
 * @throws OrchestraError `requirement_unmet` on Node before 22.13
 */
export function loadSqlite(): Sqlite {
	const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };
	const sqlite = getBuiltinModule?.call(process, 'node:sqlite') as Sqlite | undefined;
	if (sqlite?.DatabaseSync) return sqlite;
	throw new OrchestraError(
		'requirement_unmet',
		`a storage on SQLite needs Node 22.13 or later, or Deno: this is Node ${process.versions.node}`,
		{
			hint: 'Run it on one of these, or use markdownStorage({ workspace }).',
			details: { needs: '>=22.13', node: process.versions.node },
		},
	);
}
