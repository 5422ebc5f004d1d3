import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { takeFileLock } from '../../src/toolchain/file-lock.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const folders = scratchFolder('lock');
let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(folders, 'case-'));
});
const held = (pid: number | undefined) => new OrchestraError('conflict', `held by ${pid}`);

test.skipIf(process.platform === 'win32')('a link in the place of a lock leads nowhere', async () => {
	const path = join(folder, 'lock');
	const victim = join(folder, 'victim');
	symlinkSync(victim, path);
	await expect(takeFileLock(path, { waitMs: 0, held })).rejects.toMatchObject({ code: 'conflict' });
	expect(existsSync(victim)).toBe(false);

	// One that leads to what a holder that died may have left: the link is old or not, what it leads to stays.
	const dead = JSON.stringify({ pid: 2 ** 22 + 1, host: 'elsewhere', token: 'x' });
	writeFileSync(victim, dead);
	utimesSync(victim, 1000, 1000);
	await expect(takeFileLock(path, { waitMs: 0, held })).rejects.toMatchObject({ code: 'conflict' });
	expect(readFileSync(victim, 'utf8')).toBe(dead);
});

test('what a holder that died left is taken over, and nothing is left behind', async () => {
	const path = join(folder, 'lock');
	writeFileSync(path, JSON.stringify({ pid: 1, host: 'elsewhere', token: 'x' }));
	utimesSync(path, 1000, 1000);
	const lock = await takeFileLock(path, { waitMs: 0, held });
	await expect(takeFileLock(path, { waitMs: 0, held })).rejects.toMatchObject({
		message: `held by ${process.pid}`,
	});
	lock.release();
	expect(readdirSync(folder)).toEqual([]);
});
