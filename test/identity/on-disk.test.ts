import { execFileSync } from 'node:child_process';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadAuthority } from '../../src/runtime/identity/directory/authority.ts';
import { exportIdentity, loadIdentity } from '../../src/runtime/identity/directory/load-identity.ts';
import { readPemFile, replacePemFile } from '../../src/runtime/identity/directory/pem-file.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { importIdentity } from '../../src/runtime/identity/upkeep/import-identity.ts';
import { revoke } from '../../src/runtime/identity/upkeep/revoke.ts';
import { rotateAuthority } from '../../src/runtime/identity/upkeep/rotate-authority.ts';
import { faultOf } from './fixtures/fault-of.ts';
import { temporaryDir } from './fixtures/temporary-dir.ts';

/** What lies in a directory: the files with their contents. */
async function contents(dir: string): Promise<Record<string, string>> {
	const files = (await readdir(dir)).sort();
	return Object.fromEntries(
		await Promise.all(files.map(async (file) => [file, await readFile(join(dir, file), 'utf8')] as const)),
	);
}

test('a reader never finds a file absent, or half of it, while it is replaced', async () => {
	const dir = await temporaryDir();
	await ensureIdentity(dir, 'weather');
	const path = join(dir, 'weather.crt');
	const texts = ['a', 'b'].map((letter) => letter.repeat(20_000));
	await replacePemFile(path, texts[0] ?? '');
	let writing = true;
	const writer = (async () => {
		for (let at = 0; at < 100; at++) await replacePemFile(path, texts[at % 2] ?? '');
		writing = false;
	})();
	while (writing) expect(texts).toContain(await readPemFile(path, false));
	await writer;
});

test('a bundle with the key of another leaves what is there untouched', async () => {
	const dir = await temporaryDir();
	await ensureIdentity(dir, 'weather');
	const other = await ensureIdentity(dir, 'other');
	const bundle = await exportIdentity(dir, 'weather', { includeKey: true });
	const { privateKeyPem } = await loadIdentity(dir, 'weather');
	const file = join(dir, 'foreign.bundle');
	await writeFile(file, bundle.replace(privateKeyPem, other.privateKeyPem), { mode: 0o600 });
	const before = await contents(dir);
	expect(await faultOf(importIdentity(dir, file, { replace: true }))).toMatchObject({
		code: 'certificate_invalid',
		message: expect.stringContaining('its key is not that of its certificate'),
	});
	expect(await contents(dir)).toEqual(before);
});

test.skipIf(process.platform === 'win32')('a pipe in place of a key is an error at once', async () => {
	const dir = await temporaryDir();
	await ensureIdentity(dir, 'weather');
	await rm(join(dir, 'weather.key'));
	execFileSync('mkfifo', ['-m', '600', join(dir, 'weather.key')]);
	expect(await faultOf(loadIdentity(dir, 'weather'))).toMatchObject({
		code: 'certificate_invalid',
		message: expect.stringContaining('it is not a file'),
	});
});

test('a rotation that ends right after the new authority is written goes on where it was', async () => {
	const dir = await temporaryDir();
	await ensureIdentity(dir, 'weather');
	const key = join(dir, 'ca.key');
	const formerKey = await readFile(key, 'utf8');
	await rotateAuthority(dir);
	// As it was between the two files: the certificate is new, its key waits beside.
	await rename(key, join(dir, '.ca.next.key'));
	await writeFile(key, formerKey, { mode: 0o600 });
	const fresh = await ensureIdentity(dir, 'fresh');
	const { crossCertificatePem } = await loadAuthority(dir);
	expect(crossCertificatePem).toBeDefined();
	expect(fresh.certificatePem).toContain(crossCertificatePem?.trim());
	expect(await readdir(dir)).not.toContain('.ca.next.key');
});

test('the command that undoes a revocation can be pasted, whatever the path is', async () => {
	const dir = join(await temporaryDir(), "Ada's certs");
	await ensureIdentity(dir, 'weather');
	await revoke(dir, { name: 'weather' });
	const quoted = `'${dir.replaceAll("'", `'\\''`)}'`;
	expect((await faultOf(ensureIdentity(dir, 'weather'))).hint).toContain(
		`orchestra certs revoke weather --undo --certs-dir ${quoted}`,
	);
});
