import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sqliteStorage } from '../../src/runtime/storage/sqlite/sqlite-storage.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { runCli } from '../support/run-cli.ts';
import { runtimeCommand } from '../support/runtime-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeFiles } from '../toolchain/write-files.ts';
import { killWriters } from './kill-writer.ts';

const scratch = scratchFolder('sqlite');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

const onDeno = (name: string, ...words: string[]) =>
	runtimeCommand('deno', fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url)), ...words);

const hasSqlite = process.getBuiltinModule?.('node:sqlite' as 'node:fs') !== undefined;

test.skipIf(hasSqlite)('on a Node without SQLite it says what it needs when it is made', () => {
	const make = () => sqliteStorage({ file: join(scratch, 'never.db') });
	expect(make).toThrow(OrchestraError);
	expect(make).toThrow(/needs Node 22\.13 or later, or Deno: this is Node \d+/);
});

test('versions, one winner, safe paths, lists, a full disk, a file that is something else, a lock, an end', () => {
	const [command, args] = onDeno('sqlite-cases.ts', scratch);
	const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
	expect(stdout, stderr).not.toBe('');
	expect(JSON.parse(stdout)).toEqual({
		writes: [1, 'storage_conflict', 2],
		stale: 'storage_conflict',
		winners: 1,
		read: { content: 'x', metadata: { a: [1] }, version: 3 },
		list: [
			[
				['b/a.md', 1],
				['c.txt', 2],
			],
			[['b/a.md', 1]],
			[['c.txt', 2]],
			[],
		],
		paths: Array(7).fill('invalid_path'),
		deleted: [true, false],
		full: [1, 'no_space', 1, 2],
		other: 'storage_malformed',
		synchronous: 2,
		waited: 1,
		closed: ['storage_unavailable', 'storage_unavailable'],
	});
});

test('processes that are killed in the middle of a write lose nothing that they acknowledged', async () => {
	await killWriters((lane) => onDeno('writer.ts', 'sqlite', join(scratch, `lane-${lane}.db`)));
});

test('it keeps the contract of storages', async () => {
	const dir = writeFiles(join(scratch, 'plugin'), {
		'plugin.mjs': `import { createPlugin } from 'orchestra-toolchain';
			import { sqliteStorage } from 'orchestra-toolchain/storage';
			export default createPlugin('kept').version('1.0.0').description('Keeps.').providesStorage('kept')
				.setStorageHandler(sqliteStorage({ file: ${JSON.stringify(join(scratch, 'kept.db'))} })).build();`,
	});
	const only = Array.from({ length: 9 }, (_, i) => ['--only', String(801 + i)]).flat();
	const { code, stdout, stderr } = await runCli(['test', dir, ...only, '--carrier', 'tcp', '--json'], {
		env,
		runtime: 'deno',
		timeoutMs: 90_000,
	});
	expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
	const { passed, failed, skipped } = JSON.parse(stdout);
	expect({ passed, failed, skipped }).toEqual({ passed: 9, failed: 0, skipped: 0 });
});
