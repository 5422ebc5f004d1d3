import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type CliOptions, RunningCli, runCli } from '../support/run-cli.ts';

const notes = 'examples/notes';
const scratch = mkdtempSync(join(tmpdir(), 'orchestra-storage-'));
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.each([
	['embedded', []],
	['spawned', ['--spawn']],
])('storage, %s', (name, flags) => {
	const config = ['--config', `file=${join(scratch, `${name}.json`)}`, ...flags];
	const storage = (words: string[], options: CliOptions = {}) =>
		runCli(['storage', ...words, ...config], { env, ...options });

	test('writes, reads, lists and deletes, over the version that is expected', async () => {
		const metadata = ['--metadata', '{"author":"Ada"}'];
		const written = await storage(['write', notes, 'a/inbox.md', 'first\n', '--json', ...metadata]);
		expect(JSON.parse(written.stdout)).toEqual({ path: 'a/inbox.md', version: 1, size: 6 });

		expect(await storage(['read', notes, 'a/inbox.md'])).toMatchObject({
			code: 0,
			stdout: 'first\n',
			stderr: '',
		});
		expect(JSON.parse((await storage(['read', notes, 'a/inbox.md', '--json'])).stdout)).toEqual({
			path: 'a/inbox.md',
			version: 1,
			metadata: { author: 'Ada' },
			text: 'first\n',
		});

		const again = await storage(['write', notes, 'a/inbox.md', 'second', '--json']);
		expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 5, stdout: '' });
		expect(JSON.parse(again.stderr)).toMatchObject({
			error: { code: 'storage_conflict', details: { expectedVersion: 0, currentVersion: 1 } },
		});
		// The words in the other order do the same.
		const piped = [notes, 'write', 'a/inbox.md', '-', '--expected-version', '1'];
		expect(await storage(piped, { input: 'second' })).toMatchObject({
			code: 0,
			stdout: '',
			stderr: 'a/inbox.md is at version 2\n',
		});

		writeFileSync(join(scratch, 'todo'), 'from a file');
		expect((await storage(['write', notes, 'todo.txt', `@${scratch}/todo`])).code).toBe(0);
		expect((await storage([notes, 'read', 'todo.txt'])).stdout).toBe('from a file');

		const listed = JSON.parse((await storage([notes, 'list', '--pattern', '*.md', '--json'])).stdout);
		expect(listed.entries).toMatchObject([{ path: 'a/inbox.md', size: 6, version: 2 }]);
		expect((await storage(['list', notes, '--prefix', 'todo'])).stdout).toMatch(
			/^path.*\ntodo\.txt +11 +1 +20/,
		);

		expect(await storage(['delete', notes, 'todo.txt'])).toMatchObject({
			code: 0,
			stderr: 'todo.txt is deleted\n',
		});
		const gone = await storage(['read', notes, 'todo.txt', '--json']);
		expect(gone.code).toBe(5);
		expect(JSON.parse(gone.stderr)).toMatchObject({ error: { code: 'storage_not_found' } });
	});
});

test('bytes stay what they are, there and back, through something that serves', async () => {
	const file = join(scratch, 'bytes.ts');
	writeFileSync(
		file,
		`import { createPlugin } from 'orchestra-toolchain';
const entries = new Map<string, Uint8Array>();
export default createPlugin('bytes').providesStorage('files', 'more').setStorageHandler({
	read: ({ path }) => { const content = entries.get(path); return content && { content, version: 1 }; },
	write: ({ path, content }) => { entries.set(path, content); return 1; },
	delete: ({ path }) => entries.delete(path),
	list: () => [],
}).build();
`,
	);
	await using cli = new RunningCli(['serve', file, '--listen', 'tcp://127.0.0.1:0', '--json'], { env });
	const [line] = await cli.until(/^.*"event":"ready".*$/m);
	const address = (JSON.parse(line) as { addresses: string[] }).addresses[0] ?? '';
	const bytes = Buffer.from([0, 255, 10, 200]);
	writeFileSync(join(scratch, 'bytes'), bytes);

	const unnamed = await runCli(['storage', 'list', address], { env });
	expect(unnamed).toMatchObject({ code: 2, stderr: expect.stringContaining('--type files') });
	const type = ['--type', 'files'];
	await runCli(['storage', 'write', address, 'logo', `@${scratch}/bytes`, ...type], { env });
	const { stdout } = await runCli(['storage', 'read', address, 'logo', '--json', ...type], { env });
	expect(JSON.parse(stdout)).toEqual({
		path: 'logo',
		version: 1,
		metadata: {},
		base64: bytes.toString('base64'),
	});
	const copy = join(scratch, 'copy');
	const shell = `"$0" bin/orchestra.js storage read "$1" logo --type files > "$2"`;
	const { spawnSync } = await import('node:child_process');
	const piped = spawnSync('sh', ['-c', shell, process.execPath, address, copy], {
		env: { ...process.env, ...env },
	});
	expect(piped.status).toBe(0);
	expect(readFileSync(copy)).toEqual(bytes);
	expect(await runCli(['storage', 'list', address, ...type], { env })).toMatchObject({ code: 0, stdout: '' });
});

test.each([
	['a version that is none', ['write', notes, 'a', 'b', '--expected-version', '-1'], /whole number/],
	['metadata that is no object', ['write', notes, 'a', 'b', '--metadata', '[1]'], /is not a JSON object/],
	['metadata that is no JSON', ['write', notes, 'a', 'b', '--metadata', '{'], /metadata/],
	['a file that is not there', ['write', notes, 'a', '@absent'], /cannot read absent/],
	['no content', ['write', notes, 'a'], /content/],
	['standard input twice', ['write', notes, 'a', '-', '--metadata', '@-'], /asked for twice/],
	['an action that is none', ['raed', notes], /there is no command storage raed/],
])('%s exits 2', async (_name, words, message) => {
	const { code, stderr } = await runCli(['storage', ...words], { env });
	expect(code).toBe(2);
	expect(stderr).toMatch(message);
});

test('a plugin without a storage says so', async () => {
	const { code, stderr } = await runCli(['storage', 'list', 'test/commands/fixtures/kitchen.ts', '--json'], {
		env,
	});
	expect(code).toBe(4);
	expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'storage_unavailable' } });
});
