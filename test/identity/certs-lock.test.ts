import { lutimes, mkdir, readdir, stat, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CertsDirectory, openCertsDir } from '../../src/runtime/identity/directory/certs-directory.ts';
import { withCertsLock } from '../../src/runtime/identity/directory/certs-lock.ts';
import { faultOf } from './fixtures/fault-of.ts';
import { temporaryDir } from './fixtures/temporary-dir.ts';

async function emptyDir(): Promise<CertsDirectory> {
	return openCertsDir(await temporaryDir(), true);
}

test('one at a time, and nothing is left behind, also when the work fails', async () => {
	const dir = await emptyDir();
	let inside = 0;
	let most = 0;
	const work = async () => {
		inside += 1;
		most = Math.max(most, inside);
		await readdir(dir);
		inside -= 1;
		throw new Error('the work failed');
	};
	const results = await Promise.allSettled(Array.from({ length: 8 }, () => withCertsLock(dir, work)));
	expect(results.map((result) => result.status === 'rejected' && String(result.reason))).toEqual(
		Array.from({ length: 8 }, () => 'Error: the work failed'),
	);
	expect(most).toBe(1);
	expect(await readdir(dir)).toEqual([]);
});

test('a holder that lives is waited for, but not for ever', async () => {
	const dir = await emptyDir();
	await mkdir(join(dir, '.lock'));
	expect(await faultOf(withCertsLock(dir, async () => undefined, 200))).toMatchObject({
		code: 'certs_dir_unusable',
		retryable: true,
		hint: expect.stringContaining(join(dir, '.lock')),
	});
});

test('what a holder that died left is taken over', async () => {
	const dir = await emptyDir();
	await mkdir(join(dir, '.lock'));
	const longAgo = new Date(Date.now() - 60_000);
	await utimes(join(dir, '.lock'), longAgo, longAgo);
	expect(await withCertsLock(dir, async () => 'done')).toBe('done');
	expect(await readdir(dir)).toEqual([]);
});

test.skipIf(process.platform === 'win32')(
	'a link in its place is not followed, however old it is',
	async () => {
		const dir = await emptyDir();
		const elsewhere = join(await temporaryDir(), 'victim');
		await mkdir(elsewhere, { recursive: true });
		const before = await stat(elsewhere);
		await symlink(elsewhere, join(dir, '.lock'));
		const fault = await faultOf(withCertsLock(dir, async () => undefined, 0));
		expect(fault).toMatchObject({ code: 'certs_dir_unusable' });
		const longAgo = new Date(Date.now() - 60_000);
		await lutimes(join(dir, '.lock'), longAgo, longAgo);
		expect(await withCertsLock(dir, async () => 'done')).toBe('done');
		expect(await readdir(dir)).toEqual([]);
		expect(await stat(elsewhere)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
	},
);
