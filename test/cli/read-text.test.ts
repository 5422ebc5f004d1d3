import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBytesFrom, readTextFrom } from '../../src/cli/read-text.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const folder = scratchFolder('read');

function file(bytes: string | Uint8Array, length?: number): string {
	const path = join(folder, 'input');
	writeFileSync(path, bytes);
	if (length !== undefined) truncateSync(path, length);
	return path;
}

test('16 MiB are read, one byte more is too large', async () => {
	const { length } = await readBytesFrom(file('', 16 * 1024 * 1024));
	expect(length).toBe(16 * 1024 * 1024);
	// Its length only: a report of what was read would be as large.
	await expect(readBytesFrom(file('', length + 1)).then((bytes) => bytes.length)).rejects.toMatchObject({
		code: 'usage',
		message: expect.stringContaining('larger than 16 MiB'),
	});
});

test('what is no UTF-8 is refused, and a mark goes where it is no part of the text', async () => {
	await expect(readTextFrom(file(Uint8Array.of(0xff, 0xfe)), false)).rejects.toMatchObject({ code: 'usage' });
	const marked = file('\ufeff{}');
	expect(await readTextFrom(marked, false)).toBe('{}');
	expect(await readTextFrom(marked, true)).toBe('\ufeff{}');
});

test('a file that is not there is named', async () => {
	await expect(readTextFrom(join(folder, 'absent'), false)).rejects.toMatchObject({
		code: 'usage',
		message: expect.stringMatching(/absent: there is no such file/),
	});
});
