import { chmod, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createPemFile, readPemFile, replacePemFile } from '../../src/runtime/identity/directory/pem-file.ts';
import { faultOf } from './fixtures/fault-of.ts';
import { temporaryDir } from './fixtures/temporary-dir.ts';

async function madeDir(): Promise<string> {
	const dir = await temporaryDir();
	await mkdir(dir, { recursive: true, mode: 0o700 });
	return dir;
}

const isWindows = process.platform === 'win32';

test.skipIf(isWindows)(
	'a file is on the disk before it has its name, and so is the name in the end',
	async () => {
		const dir = await madeDir();
		const path = join(dir, 'a.crt');
		const probe = await open(dir, 'r');
		await probe.close();
		const sync = vi.spyOn(Object.getPrototypeOf(probe), 'sync');
		/** What the file was each time that something was synced. */
		const found: string[] = [];
		sync.mockImplementation(async () => {
			found.push(await readFile(path, 'utf8').catch(() => 'absent'));
		});
		try {
			expect(await createPemFile(path, 'one')).toBe(true);
			expect(found.splice(0)).toEqual(['absent', 'one']);
			await replacePemFile(path, 'two');
			expect(found).toEqual(['one', 'two']);
		} finally {
			sync.mockRestore();
		}
	},
);

test('a file that is too large is not read', async () => {
	const path = join(await madeDir(), 'a.crt');
	await writeFile(path, 'x'.repeat(256 * 1024));
	expect(await readPemFile(path, false)).toHaveLength(256 * 1024);
	await writeFile(path, 'x'.repeat(256 * 1024 + 1));
	expect(await faultOf(readPemFile(path, false))).toMatchObject({
		code: 'certificate_invalid',
		message: expect.stringContaining('larger than 262144 bytes'),
	});
});

test.skipIf(isWindows).each([0o640, 0o604, 0o620])('a key of mode %i is refused', async (mode) => {
	const path = join(await madeDir(), 'a.key');
	await writeFile(path, '-----BEGIN PRIVATE KEY-----');
	await chmod(path, 0o600);
	expect(await readPemFile(path, true)).toBeDefined();
	await chmod(path, mode);
	expect(await faultOf(readPemFile(path, true))).toMatchObject({ code: 'key_exposed' });
	expect(await readPemFile(path, false)).toBeDefined();
});
