import { spawnSync } from 'node:child_process';
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { StorageHandler } from '../../src/runtime/plugin/definition/storage-handler.ts';
import { markdownStorage } from '../../src/runtime/storage/markdown/markdown-storage.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { killWriters } from './kill-writer.ts';

const folders = scratchFolder('markdown');
let workspace = '';
let storage: StorageHandler;
const storageType = 'markdown';
const ctx = {} as never;

beforeEach(() => {
	workspace = mkdtempSync(join(folders, 'case-'));
	storage = markdownStorage({ workspace });
});
const file = (path: string) => join(workspace, '.projects', path);
const read = (path: string) => storage.read({ path, storageType }, ctx);
const write = (
	path: string,
	content: string | Uint8Array,
	expectedVersion: number,
	metadata: JsonObject = {},
) => storage.write({ path, content: Buffer.from(content), metadata, expectedVersion, storageType }, ctx);

function put(path: string, text: string): void {
	mkdirSync(join(file(path), '..'), { recursive: true });
	writeFileSync(file(path), text);
}

test('an entry is a file with its metadata as front matter, and its version beside it', async () => {
	expect(await write('app/a.md', '# A\n', 0, { title: 'yes', labels: ['x'], day: '2026-01-02', n: 3 })).toBe(
		1,
	);
	expect(readFileSync(file('app/a.md'), 'utf8')).toBe(
		'---\nday: "2026-01-02"\nlabels:\n  - "x"\nn: 3\ntitle: "yes"\n---\n\n# A\n',
	);
	expect(readFileSync(file('app/a.md.version'), 'utf8')).toBe('1');
	expect(readdirSync(file('app')).sort()).toEqual(['a.md', 'a.md.version']);
});

test('files of the Go plugin are read as it reads them', async () => {
	put(
		'app/FEAT.md',
		'---\r\nid: FEAT\nlabels:\n    - auth\ncreated: "2025-01-15T10:00:00Z"\n---\n\n# Body\n---\nend\n',
	);
	put('app/FEAT.md.version', '3\n');
	const entry = await read('app/FEAT.md');
	expect({ ...entry, content: String(entry?.content) }).toEqual({
		content: '# Body\n---\nend\n',
		metadata: { id: 'FEAT', labels: ['auth'], created: '2025-01-15T10:00:00Z' },
		version: 3,
	});
	expect(await write('app/FEAT.md', 'new', 3)).toBe(4);
});

test('a file without a version beside it is at version 1', async () => {
	put('hand.md', 'by hand');
	expect(await read('hand.md')).toMatchObject({ version: 1, metadata: {} });
	expect(await write('hand.md', 'more', 1)).toBe(2);
});

test.each([
	['', {}],
	['', { a: 1 }],
	['\n\ntwo blank lines', { a: null }],
	['---\nlooks: like\n---\n', {}],
	['---', {}],
	['---\nwithout end', { a: { b: [true, 'no', '1', 'null'] } }],
	['a\r\nb', { 'key: with "quotes"': '---\n', '': ' blank ' }],
])('content %j and metadata %j come back as they were', async (content, metadata) => {
	await write('a.md', content, 0, metadata as JsonObject);
	const entry = await read('a.md');
	expect([String(entry?.content), entry?.metadata]).toEqual([content, metadata]);
});

test('bytes come back as they were', async () => {
	const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
	await write('a.bin', bytes, 0, { a: 1 });
	expect(Buffer.compare((await read('a.bin'))?.content as Uint8Array, bytes)).toBe(0);
});

test('S12 of writers of one version exactly one wins, and the others are told', async () => {
	await write('a.md', 'one', 0);
	const writes = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => write('a.md', `${i}`, 1)));
	const lost = writes.filter((result) => result.status === 'rejected');
	expect(lost).toHaveLength(19);
	for (const { reason } of lost)
		expect(reason).toMatchObject({
			code: 'storage_conflict',
			details: { expectedVersion: 1, currentVersion: 2 },
		});
	expect(await read('a.md')).toMatchObject({ version: 2 });
});

test.each([
	['is empty', ''],
	['empty part', '../a.md'],
	['empty part', 'a/../../b.md'],
	['empty part', 'a//b.md'],
	['empty part', './a.md'],
	['is absolute', '/etc/passwd'],
	['is absolute', 'C:/a.md'],
	['backslash', 'a\\..\\b.md'],
	['NUL', 'a\0.md'],
	['.version', 'a.md.version'],
	['begins with', 'a/.orchestra-new-1'],
	['longer than 4096', `${'x/'.repeat(2_500)}a.md`],
	['longer than 240', `${'x'.repeat(300)}.md`],
])('a path is refused that %s', async (why, path) => {
	await expect(write(path, 'x', 0)).rejects.toMatchObject({
		code: 'invalid_path',
		message: expect.stringContaining(why),
	});
});

test('links lead nowhere', async () => {
	const outside = mkdtempSync(join(tmpdir(), 'orchestra-outside-'));
	try {
		writeFileSync(join(outside, 'secret.md'), 'secret');
		await write('a.md', 'x', 0);
		symlinkSync(outside, file('out'));
		symlinkSync(join(outside, 'secret.md'), file('link.md'));
		for (const path of ['out/secret.md', 'out/deep/new.md', 'link.md']) {
			await expect(read(path)).rejects.toMatchObject({ code: 'invalid_path' });
			await expect(write(path, 'x', 0)).rejects.toMatchObject({ code: 'invalid_path' });
		}
		expect(readdirSync(outside)).toEqual(['secret.md']);
		const listed = await storage.list({ prefix: '', pattern: '', storageType }, ctx);
		expect(listed.map(({ path }) => path)).toEqual(['a.md']);
	} finally {
		rmSync(outside, { recursive: true });
	}
});

test.each(['---\na: [\n---\n', '---\n- list\n---\n', '---\nno end\n'])(
	'front matter %j is malformed',
	async (text) => {
		put('a.md', text);
		await expect(read('a.md')).rejects.toMatchObject({ code: 'storage_malformed' });
		expect(readFileSync(file('a.md'), 'utf8')).toBe(text);
	},
);

test('entries are listed by path, with what a prefix and a glob leave of them, and deleted', async () => {
	for (const path of ['b/two.md', 'a.md', 'b/one.txt', 'bc.md']) await write(path, path, 0);
	const list = async (prefix: string, pattern: string) =>
		(await storage.list({ prefix, pattern, storageType }, ctx)).map(({ path, version }) => [path, version]);
	expect(await list('', '')).toEqual([
		['a.md', 1],
		['b/one.txt', 1],
		['b/two.md', 1],
		['bc.md', 1],
	]);
	expect(await list('b', '*.md')).toEqual([
		['b/two.md', 1],
		['bc.md', 1],
	]);
	expect(await storage.delete({ path: 'a.md', storageType }, ctx)).toBe(true);
	expect(await storage.delete({ path: 'a.md', storageType }, ctx)).toBe(false);
	expect(await read('a.md')).toBeUndefined();
	expect(readdirSync(file('.')).sort()).toEqual(['b', 'bc.md', 'bc.md.version']);
});

test('processes that are killed in the middle of a write lose nothing that they acknowledged', async () => {
	const program = await bundleProgram(new URL('./fixtures/writer.ts', import.meta.url), workspace);
	await killWriters((lane) => [process.execPath, [program, 'markdown', join(workspace, `lane-${lane}`)]]);
});

describe('a disk with little room', () => {
	const full = (path: string) => ({
		code: 'no_space',
		message: `the disk is full: "${path}" is as it was`,
		retryable: true,
	});
	const expected = {
		first: 1,
		tooLarge: full('a.md'),
		read: { size: 100, metadata: { size: 100 }, version: 1 },
		newTooLarge: full('b.md'),
		readNew: null,
		files: ['a.md', 'a.md.version'],
		again: 2,
	};

	test('refuses what does not fit, and keeps what was there: files as large as a user may make', async () => {
		const program = await bundleProgram(new URL('./fixtures/small-disk.ts', import.meta.url), workspace);
		const words = [process.execPath, program, join(workspace, 'small')];
		// In blocks of 512 or 1,024 bytes, as the shell has it.
		const shell = spawnSync('sh', ['-c', 'ulimit -f 64 && exec "$@"', 'sh', ...words], { encoding: 'utf8' });
		expect(shell.stderr).toBe('');
		expect(JSON.parse(shell.stdout)).toEqual(expected);
	});

	test('refuses what does not fit, and keeps what was there: a file system that is full', async ({
		skip,
	}) => {
		const disk = join(workspace, 'disk');
		mkdirSync(disk);
		if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status !== 0)
			skip('this user may not mount a file system');
		try {
			const program = await bundleProgram(new URL('./fixtures/small-disk.ts', import.meta.url), workspace);
			const { stdout } = spawnSync(process.execPath, [program, disk], { encoding: 'utf8' });
			expect(JSON.parse(stdout)).toEqual(expected);
		} finally {
			spawnSync('umount', [disk]);
		}
	});
});
