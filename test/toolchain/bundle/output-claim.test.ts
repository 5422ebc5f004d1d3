import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { OutputClaim } from '../../../src/toolchain/bundle/output-claim.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const folders = scratchFolder('claim');
let scratch = '';

beforeEach(() => {
	scratch = mkdtempSync(join(folders, 'case-'));
});

test('one of two has the output, and leaves nothing behind', async () => {
	const out = join(scratch, 'new/dist');
	const first = new OutputClaim(out);
	using second = new OutputClaim(out);
	await first.take();
	await first.take();
	await expect(second.take()).rejects.toMatchObject({
		code: 'usage',
		message: expect.stringMatching(new RegExp(`another orchestra build \\(process ${process.pid}\\)`)),
		hint: expect.stringContaining('--out'),
	});
	first[Symbol.dispose]();
	await second.take();
	second[Symbol.dispose]();
	expect(readdirSync(out)).toEqual([]);
});

test('that of a process that has died is taken over, and what was removed with its folder is taken anew', async () => {
	const lock = join(scratch, '.orchestra-build.lock');
	writeFileSync(lock, JSON.stringify({ pid: 2 ** 30, host: hostname(), token: 'x' }));
	using claim = new OutputClaim(scratch);
	await claim.take();
	rmSync(scratch, { recursive: true });
	await claim.take();
	expect(existsSync(lock)).toBe(true);
});
