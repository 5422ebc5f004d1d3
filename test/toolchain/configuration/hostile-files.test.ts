import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfiguration } from '../../../src/toolchain/configuration/read-configuration.ts';
import { writeFiles } from '../write-files.ts';
import { TextReader } from './read-text.ts';

const reader = new TextReader();
const { folder } = reader;

async function messageOf(path: string): Promise<string> {
	try {
		await readConfiguration(path, { cwd: folder });
	} catch (error) {
		expect(error).toMatchObject({ code: 'invalid_configuration', hint: expect.any(String) });
		return (error as Error).message;
	}
	throw new Error(`${path} can be read`);
}

test('a file that is none', async () => {
	mkdirSync(join(folder, 'folder.yaml'));
	symlinkSync('loop.yaml', join(folder, 'loop.yaml'));
	expect(await messageOf('none.yaml')).toBe('none.yaml does not exist');
	expect(await messageOf('none/none.yaml')).toBe('none/none.yaml does not exist');
	expect(await messageOf('folder.yaml')).toBe('folder.yaml is a folder');
	expect(await messageOf('loop.yaml')).toBe('loop.yaml is a link that leads nowhere');
	expect(await messageOf('/dev/null')).toBe('/dev/null is not a regular file');
});

test.skipIf(process.platform === 'win32')('a pipe that nobody writes to is an error at once', async () => {
	const pipe = join(folder, 'pipe.yaml');
	const late = join(folder, 'late');
	expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
	// Whoever waits for a writer gets one in the end: it is this thread that would stand still.
	const writer = spawn('sh', ['-c', 'sleep 10; : > "$0"; : > "$1"', late, pipe], { detached: true });
	try {
		expect(await messageOf('pipe.yaml')).toBe('pipe.yaml is not a regular file');
		expect(existsSync(late)).toBe(false);
	} finally {
		process.kill(-(writer.pid ?? expect.fail('it has not started')), 'SIGKILL');
	}
});

test.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
	writeFiles(folder, { 'locked.yaml': 'plugins: []' });
	chmodSync(join(folder, 'locked.yaml'), 0);
	expect(await messageOf('locked.yaml')).toBe('locked.yaml may not be read by this user');
});

test('a file outside of the working folder is named with its whole path', async () => {
	expect(await messageOf('../nowhere/none.yaml')).toMatch(/^\/.*\/nowhere\/none\.yaml does not exist$/);
});

test('bytes that are no text', async () => {
	writeFiles(folder, { 'binary.yaml': Buffer.from([0xff, 0xfe, 0x70, 0x00]) });
	expect(await messageOf('binary.yaml')).toBe('binary.yaml is not UTF-8 text');
	expect(await reader.faults('plugins: []\n# \0')).toEqual(['2:3: : there is a NUL character here']);
});

test('an empty file, or one of comments only, as an editor leaves it while it writes', async () => {
	for (const text of ['', '\n', '# nothing\n', '---\n', 'null', '\ufeff']) {
		expect((await reader.error(text)).message).toBe('orchestra.yaml is empty');
		expect((await reader.error(text, 'plugins.yaml')).message).toBe('plugins.yaml is empty');
	}
});

test('a byte order mark and line ends of Windows', async () => {
	const { plugins } = await reader.read('\ufeffplugins:\r\n  - id: a\r\n    binary: b\r\n');
	expect(plugins.map(({ id }) => id)).toEqual(['a']);
	expect(await reader.faults('\ufeffplugins:\r\n  - id: a\r\n    binry: b\r\n')).toEqual([
		'2:5: plugins[0]: what runs is missing: module, binary, address, mcp',
		'3:5: plugins[0].binry: unknown key; did you mean binary?',
	]);
});

test('a file of one mebibyte is read, one of a byte more is not', async () => {
	const most = 1024 * 1024;
	const text = 'plugins: []\n#';
	expect((await reader.read(text + 'x'.repeat(most - text.length))).plugins).toEqual([]);
	expect((await reader.error(text + 'x'.repeat(most - text.length + 1))).message).toBe(
		'orchestra.yaml is larger than 1 MiB',
	);
});

test('aliases that stand for billions of values', async () => {
	const levels = Array.from({ length: 30 }, (_, level) =>
		level === 0
			? 'a0: &a0 [x, x, x]'
			: `a${level}: &a${level} [*a${level - 1}, *a${level - 1}, *a${level - 1}]`,
	);
	expect(await reader.faults(levels.join('\n'))).toEqual([
		expect.stringMatching(/^\d+:\d+: a\d+\S*: there are more than 100000 values, aliases resolved$/),
	]);
	const merged = Array.from({ length: 30 }, (_, level) =>
		level === 0
			? 'a0: &a0 {x: 1}'
			: `a${level}: &a${level} {<<: [*a${level - 1}, *a${level - 1}, *a${level - 1}]}`,
	);
	expect(await reader.faults(merged.join('\n'))).toEqual([
		expect.stringMatching(/there are more than 100000 values, aliases resolved$/),
	]);
});

test('aliases that stand for a hundred thousand values', async () => {
	const list = (item: string, count: number) => `[${Array(count).fill(item).join(', ')}]`;
	// 101 values, 10,101, and of the last as many again for each.
	const text = (last: number) => `a: &a ${list('x', 100)}\nb: &b ${list('*a', 100)}\nc: ${list('*b', last)}`;
	const tooMany = expect.stringContaining('there are more than 100000 values, aliases resolved');
	expect(await reader.faults(text(8))).not.toContainEqual(tooMany);
	expect(await reader.faults(text(9))).toEqual([tooMany]);
});

const mebibyte = 1024 * 1024 - 64;
/** A file of so many tokens is read, one of four times as many is not. */
const tokens = 200_000;

test.each<[string, string]>([
	['opening brackets', '['],
	['dashes', '- '],
	['anchors', '&a '],
	['directives', '%\n'],
	['quotes', '"'],
])('%s and nothing else are refused before they are parsed', async (_title, part) => {
	expect(await reader.faults(part.repeat(mebibyte / part.length))).toEqual([
		'1:1: : there are more than 250000 marks, words and blanks in it',
	]);
});

test.each<[string, string]>([
	['opening brackets', '['.repeat(tokens)],
	['opening braces', '{'.repeat(tokens)],
	['dashes', '- '.repeat(tokens / 2)],
	['question marks', '? '.repeat(tokens / 2)],
	['anchors', '&a '.repeat(tokens / 2)],
	['tags', '!a '.repeat(tokens / 2)],
	['colons', 'a: '.repeat(tokens / 3)],
	['a long key', `${'k'.repeat(mebibyte)}: 1`],
	['many keys', Array.from({ length: tokens / 5 }, (_, index) => `k${index}:`).join('\n')],
	['many keys of one name', 'k:\n'.repeat(tokens / 5)],
	['many items', `plugins: [${'{},'.repeat(tokens / 5)}]`],
	['many directives', '%\n'.repeat(tokens / 2)],
	['many documents', '---\n'.repeat(tokens / 4)],
	['many aliases', `a: &a 1\nb: [${'*a,'.repeat(tokens / 4)}]`],
	['quotes', '"'.repeat(tokens)],
	['a text that never ends', `"${'x'.repeat(mebibyte)}`],
	['deep lines', Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}k:`).join('\n')],
])('%s, and much of it, is an error of bounded length', async (_title, text) => {
	const error = await reader.error(text);
	expect(error.code).toBe('invalid_configuration');
	expect(Buffer.byteLength(error.message)).toBeLessThan(16_384);
	expect(Buffer.byteLength(JSON.stringify(error.details ?? {}))).toBeLessThan(32_768);
});

test('plugins that depend on each other in a chain of five thousand', async () => {
	const lines = Array.from(
		{ length: 5_000 },
		(_, index) => `  - {id: p${index}, binary: x, depends_on: [p${(index + 1) % 5_000}]}`,
	);
	const [fault] = await reader.faults(`plugins:\n${lines.join('\n')}`);
	expect(fault).toMatch(/goes round in a circle: p0 → p1 → /);
	expect(fault?.length).toBeLessThan(2_000);
});
