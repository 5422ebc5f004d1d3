import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { archiveLimits } from '../../../src/toolchain/install/archive/archive-limits.ts';
import { extractZip } from '../../../src/toolchain/install/archive/extract-zip.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const scratch = scratchFolder('zip');

const bytes = (text: string) => new TextEncoder().encode(text);

/** A file with the mode of a Unix. */
const withMode = (mode: number, text = 'x'): Zippable[string] => [bytes(text), { os: 3, attrs: mode << 16 }];

/** Unpacks an archive two levels down: what leads out of it stays in the scratch folder. */
async function extract(archive: Uint8Array, limits = archiveLimits) {
	const outside = mkdtempSync(join(scratch, 'case-'));
	const into = join(outside, 'a', 'into');
	mkdirSync(into, { recursive: true });
	const file = join(outside, 'some.mcpb');
	writeFileSync(file, archive);
	try {
		await extractZip(file, into, { limits });
	} finally {
		expect([readdirSync(outside).sort(), readdirSync(join(outside, 'a'))]).toEqual([
			['a', 'some.mcpb'],
			['into'],
		]);
	}
	return into;
}

test('unpacks files and folders, of permissions only that to execute, and what stands before a signature', async () => {
	const archive = zipSync({
		'deep/er/text.txt': bytes('Zürich'),
		'run.sh': withMode(0o104777, 'echo'),
		folder: {},
		empty: new Uint8Array(),
	});
	const signed = Buffer.concat([archive, bytes('MCPB_SIG_V1'), Buffer.alloc(300, 7), bytes('MCPB_SIG_END')]);
	for (const bundle of [archive, signed]) {
		const into = await extract(bundle);
		expect(readFileSync(join(into, 'deep/er/text.txt'), 'utf8')).toBe('Zürich');
		expect(statSync(join(into, 'run.sh')).mode & 0o7777).toBe(0o755);
		expect(statSync(join(into, 'deep/er/text.txt')).mode & 0o777).toBe(0o644);
		expect(statSync(join(into, 'empty')).size).toBe(0);
	}
});

const small = { ...archiveLimits, fileBytes: 1_000, unpackedBytes: 1_500, entries: 5 };
const zeros = new Uint8Array(5_000_000);

test.each<[string, Zippable, string]>([
	['a path that leads out', { '../outside': bytes('x') }, 'invalid relative path'],
	['one that does so on its way', { 'a/../../outside': bytes('x') }, 'invalid relative path'],
	['an absolute path', { '/outside': bytes('x') }, 'absolute path'],
	['a drive', { 'C:/outside': bytes('x') }, 'absolute path'],
	['a backslash', { '..\\outside': bytes('x') }, 'invalid characters'],
	['a device of Windows', { 'aux.js': bytes('x') }, 'not portable'],
	['two names that are one on many disks', { A: bytes('x'), a: bytes('y') }, 'one name on many disks'],
	['a file that is a folder too', { a: bytes('x'), 'a/b': bytes('y') }, 'twice'],
	['a symbolic link', { link: withMode(0o120777, '/etc/passwd') }, 'a symbolic link'],
	['a device', { null: withMode(0o020666) }, 'a device'],
	['a named pipe', { pipe: withMode(0o010666) }, 'a named pipe'],
	['a file that is too large', { bomb: zeros }, 'a file larger than'],
	['too much together', { a: zeros.subarray(0, 800), b: zeros.subarray(0, 800) }, 'unpacks to more than'],
	[
		'too many files',
		Object.fromEntries([1, 2, 3, 4, 5, 6].map((number) => [`${number}`, bytes('x')])),
		'more than 5 files',
	],
])('refuses %s, with nothing outside', async (_what, files, text) => {
	const archive = zipSync(files);
	await expect(extract(archive, small)).rejects.toMatchObject({
		code: 'archive_refused',
		message: expect.stringContaining(text),
		hint: expect.stringContaining('mcpb pack'),
	});
	expect(existsSync('/outside')).toBe(false);
});

/** Changes every place where a size of 5,000,000 is written. */
function lying(archive: Uint8Array, size: number): Uint8Array {
	const changed = Buffer.from(archive);
	const truth = Buffer.alloc(4);
	truth.writeUInt32LE(zeros.length);
	for (let at = changed.indexOf(truth); at >= 0; at = changed.indexOf(truth, at + 1))
		changed.writeUInt32LE(size, at);
	return changed;
}

test('refuses what has more bytes than it says, what is damaged, encrypted, empty or none', async () => {
	const refused = (archive: Uint8Array) =>
		expect(extract(archive, small)).rejects.toMatchObject({ code: 'archive_refused' });
	await refused(lying(zipSync({ bomb: zeros }), 900));
	const whole = zipSync({ a: bytes('a text that is long enough to be packed, packed, packed, packed') });
	await refused(whole.subarray(0, whole.length - 30));
	const encrypted = Buffer.from(whole);
	encrypted[encrypted.indexOf('PK\x01\x02') + 8] = 1;
	await refused(encrypted);
	await refused(zipSync({}));
	await refused(bytes('this is no archive'));
	await refused(new Uint8Array());
	for (let at = 0; at < whole.length; at += 7) {
		const flipped = Buffer.from(whole);
		flipped[at] = (flipped[at] ?? 0) ^ 0xff;
		// It may still be an archive; then it unpacks, or is refused. Nothing else happens.
		await extract(flipped, small).catch((error) => expect(error.code).toBe('archive_refused'));
	}
});
