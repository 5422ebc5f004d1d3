import { once } from 'node:events';
import {
	createWriteStream,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createGzip, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { extractArchive } from '../../../src/toolchain/install/archive/extract-archive.ts';
import { packArchive } from '../../../src/toolchain/install/archive/pack-archive.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { type RawEntry, tarBytes, tarHeader, tgz } from './tar-bytes.ts';

const scratch = scratchFolder('archive');

/** An empty folder two levels down: what leads out of it stays in the scratch folder. */
function target(): { file: string; into: string; outside: string } {
	const outside = mkdtempSync(join(scratch, 'case-'));
	const into = join(outside, 'a', 'into');
	mkdirSync(into, { recursive: true });
	return { file: join(outside, 'some.tgz'), into, outside };
}

async function extract(bytes: Uint8Array): Promise<string> {
	const { file, into } = target();
	writeFileSync(file, bytes);
	await extractArchive(file, into);
	return into;
}

test('unpacks files and folders, and of permissions only that to execute', async () => {
	const into = await extract(
		tgz([
			{ name: 'package/', type: '5' },
			{ name: 'package/run.sh', content: 'echo', mode: 0o6777 },
			{ name: 'package/deep/./er/text.txt', content: 'Zürich' },
			{ name: './package/empty' },
		]),
	);
	expect(readFileSync(join(into, 'package/deep/er/text.txt'), 'utf8')).toBe('Zürich');
	expect(statSync(join(into, 'package/run.sh')).mode & 0o7777).toBe(0o755);
	expect(statSync(join(into, 'package/empty')).size).toBe(0);
});

test('unpacks what it packs', async () => {
	const content = Buffer.from('x'.repeat(100_000));
	const files = [
		{ path: 'package/b.txt', content },
		{ path: 'package/a.sh', content: Buffer.from('a'), executable: true },
	];
	const into = await extract(await packArchive(files));
	expect(readFileSync(join(into, 'package/b.txt'))).toEqual(content);
	expect(statSync(join(into, 'package/a.sh')).mode & 0o111).not.toBe(0);
	expect(await packArchive([...files].reverse())).toEqual(await packArchive(files));
});

const a = { name: 'package/a', content: 'a' };
const longPath = (name: string): RawEntry[] => {
	const record = ` path=${name}\n`;
	const length = Buffer.byteLength(record);
	const total = length + String(length + String(length).length).length;
	return [{ name: 'meta', type: 'x', content: `${total}${record}` }, a];
};

test.each<[string, RawEntry[], RegExp]>([
	['..', [{ name: 'package/../../evil', content: 'x' }], /leads out of it/],
	['.. in metadata', longPath('../../evil'), /leads out of it/],
	['.. as a folder', [{ name: '../evil/', type: '5' }], /leads out of it/],
	['an absolute path', [{ name: '/tmp/evil', content: 'x' }], /an absolute path/],
	['a path of Windows', [{ name: 'package\\..\\..\\evil' }], /not portable/],
	['a disk of Windows', [{ name: 'C:evil' }], /not portable/],
	['a device of Windows', [{ name: 'package/NUL.txt' }], /not portable/],
	['a name that ends in a dot', [{ name: 'package/a.' }], /not portable/],
	['a control character', [{ name: 'package/\u001b[2Ja' }], /not portable/],
	['a link out', [{ name: 'package/l', type: '2', link: '/etc' }], /a symbolic link/],
	[
		'a link and a file through it',
		[{ name: 'package/l', type: '2', link: '../..' }, { name: 'package/l/evil' }],
		/a symbolic link/,
	],
	['a hard link', [a, { name: 'package/h', type: '1', link: '/etc/passwd' }], /a hard link/],
	['a device', [{ name: 'package/d', type: '3' }], /a device/],
	['a block device', [{ name: 'package/d', type: '4' }], /a device/],
	['a pipe', [{ name: 'package/p', type: '6' }], /a named pipe/],
	['a case clash', [a, { name: 'package/A', content: 'b' }], /one name on many disks/],
	['a case clash of folders', [{ name: 'x/a' }, { name: 'X/b' }], /one name on many disks/],
	['one name in two spellings', [{ name: 'p/e\u0301' }, { name: 'p/\u00e9' }], /one name on many disks/],
	['a file twice', [a, { ...a, content: 'other' }], /twice/],
	['a file that is a folder', [a, { name: 'package/a/b' }], /twice/],
	['a path that is too long', longPath(`p/${'x'.repeat(600)}`), /more than 512 bytes/],
	['folders nested deep', [{ name: `${'a/'.repeat(40)}b` }], /nested deeper than 32/],
	['a file that says it is huge', [{ name: 'package/a', size: 0o7777777777 }], /larger than 256 MiB/],
	['nothing', [], /empty|damaged/],
])('refuses %s, and writes nothing outside', async (_name, entries, said) => {
	const { file, into, outside } = target();
	writeFileSync(file, tgz(entries));
	await expect(extractArchive(file, into)).rejects.toMatchObject({
		code: 'archive_refused',
		message: expect.stringMatching(said),
	});
	expect(readdirSync(outside).sort()).toEqual(['a', 'some.tgz']);
	expect(readdirSync(join(outside, 'a'))).toEqual(['into']);
	expect(existsSync('/tmp/evil')).toBe(false);
});

test.each<[string, Uint8Array]>([
	['no gzip', Buffer.from('this is no archive')],
	['a truncated one', tgz([{ name: 'package/a', content: 'x'.repeat(10_000) }]).subarray(0, 60)],
	[
		'a truncated tar',
		gzipSync(tarBytes([{ name: 'package/a', content: 'x'.repeat(5000) }]).subarray(0, 2048)),
	],
	['a wrong checksum', gzipSync(Buffer.concat([tarHeader(a).fill('9', 0, 3), Buffer.alloc(1536)]))],
	['gzip in gzip', gzipSync(tgz([a]))],
	['nothing at all', Buffer.alloc(0)],
	['text in gzip', gzipSync('hello '.repeat(1000))],
])('refuses %s', async (_name, bytes) => {
	await expect(extract(bytes)).rejects.toMatchObject({ code: 'archive_refused' });
});

describe('bombs', () => {
	/** A gzipped file made of parts that are not held in memory. */
	async function written(parts: Iterable<Uint8Array>): Promise<{ file: string; into: string }> {
		const { file, into } = target();
		const gzip = createGzip({ level: 1 });
		const done = once(gzip.pipe(createWriteStream(file)), 'close');
		for (const part of parts) if (!gzip.write(part)) await once(gzip, 'drain');
		gzip.end();
		await done;
		return { file, into };
	}

	const zeros = Buffer.alloc(1024 * 1024);

	/** One compressed mebibyte, many times: gzip takes members one behind the other, so that 10 GB cost nothing to make. */
	function manyZeros(count: number): Buffer {
		return Buffer.concat(new Array<Buffer>(count).fill(gzipSync(zeros, { level: 9 })));
	}

	test('10 GB of zeros behind the end of an archive', async () => {
		const { file, into } = target();
		writeFileSync(file, Buffer.concat([tgz([a]), manyZeros(10 * 1024)]));
		await expect(extractArchive(file, into)).rejects.toMatchObject({ code: 'archive_refused' });
	});

	test('10 GB of zeros as one file: refused by its header', async () => {
		const { file, into } = target();
		// Sizes over 8 GiB are written in binary.
		const header = tarHeader({ name: 'package/zeros', size: 0 });
		header.fill(0, 124, 136);
		header[124] = 0x80;
		header.writeBigUInt64BE(10n * 1024n ** 3n, 128);
		header.fill(' ', 148, 156);
		header.write(
			`${[...header]
				.reduce((sum, byte) => sum + byte, 0)
				.toString(8)
				.padStart(6, '0')}\0 `,
			148,
			'latin1',
		);
		writeFileSync(file, Buffer.concat([gzipSync(header), manyZeros(10 * 1024)]));
		await expect(extractArchive(file, into)).rejects.toMatchObject({
			message: expect.stringMatching(/256 MiB/),
		});
		expect(readdirSync(into)).toEqual([]);
	});

	test('many large files: refused by the sum of their headers', async () => {
		const { file, into } = await written(
			(function* () {
				for (let i = 0; i < 6; i++) {
					yield tarHeader({ name: `package/${i}`, size: 100 * zeros.length });
					for (let part = 0; part < 100; part++) yield zeros;
				}
			})(),
		);
		await expect(extractArchive(file, into)).rejects.toMatchObject({
			message: expect.stringMatching(/512 MiB/),
		});
	});

	test('100,000 files', async () => {
		const { file, into } = target();
		const headers = Array.from({ length: 100_000 }, (_, index) => tarHeader({ name: `package/${index}` }));
		writeFileSync(file, gzipSync(Buffer.concat(headers), { level: 1 }));
		await expect(extractArchive(file, into)).rejects.toMatchObject({
			message: expect.stringMatching(/20000 files/),
		});
	});
});
