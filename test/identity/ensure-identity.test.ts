import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensureAuthority, loadAuthority } from '../../src/runtime/identity/directory/authority.ts';
import { loadIdentity } from '../../src/runtime/identity/directory/load-identity.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { createIdentity } from '../../src/runtime/identity/upkeep/create-identity.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { renewAuthority } from '../../src/runtime/identity/upkeep/rotate-authority.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import { daysFromNow } from './fixtures/at-time.ts';
import { faultOf } from './fixtures/fault-of.ts';
import { temporaryDir } from './fixtures/temporary-dir.ts';

const isPosix = process.platform !== 'win32';

/** Puts files in a directory as an earlier run would have. */
async function store(dir: string, files: Record<string, string>): Promise<void> {
	await mkdir(dir, { recursive: true, mode: 0o700 });
	for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text, { mode: 0o600 });
}

function leafFiles(identity: Identity): Record<string, string> {
	return {
		[`${identity.name}.crt`]: identity.certificatePem,
		[`${identity.name}.key`]: identity.privateKeyPem,
	};
}

async function contents(dir: string): Promise<Record<string, string>> {
	const names = (await readdir(dir)).sort();
	const texts = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')));
	return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
}

describe('on an empty path', () => {
	test('an identity is made once, and loaded after that', async () => {
		const dir = await temporaryDir();
		const made = await ensureIdentity(dir, 'tools.features');
		const files = await contents(dir);
		expect(Object.keys(files)).toEqual(['ca.crt', 'ca.key', 'tools.features.crt', 'tools.features.key']);
		expect(await ensureIdentity(dir, 'tools.features')).toEqual(made);
		expect(await loadIdentity(dir, 'tools.features')).toEqual(made);
		expect(await ensureAuthority(dir)).toEqual(await loadAuthority(dir));
		expect(await contents(dir)).toEqual(files);
	});

	test.skipIf(!isPosix)('only the owner can read what is made', async () => {
		const dir = await temporaryDir();
		await ensureIdentity(join(dir, 'deep', 'er'), 'weather');
		for (const path of [dir, join(dir, 'deep'), join(dir, 'deep', 'er')]) {
			expect((await stat(path)).mode & 0o777).toBe(0o700);
		}
		for (const file of await readdir(join(dir, 'deep', 'er'))) {
			expect((await stat(join(dir, 'deep', 'er', file))).mode & 0o777).toBe(0o600);
		}
	});

	test('loading says what is missing and how to make it', async () => {
		const dir = await temporaryDir();
		expect(await faultOf(loadIdentity(dir, 'weather'))).toMatchObject({ code: 'certs_dir_unusable' });
		await mkdir(dir, { mode: 0o700 });
		expect(await faultOf(loadAuthority(dir))).toMatchObject({
			code: 'certificate_missing',
			message: expect.stringContaining(join(dir, 'ca.crt')),
			hint: expect.stringContaining('orchestra certs init'),
		});
		expect(await faultOf(loadIdentity(dir, 'weather'))).toMatchObject({
			code: 'certificate_missing',
			message: expect.stringContaining(join(dir, 'weather.crt')),
			hint: expect.stringContaining('orchestra certs issue weather'),
		});
		expect(await readdir(dir)).toEqual([]);
	});

	test('a name that leaves the directory is refused before anything is made', async () => {
		const dir = await temporaryDir();
		expect(await faultOf(ensureIdentity(dir, '../x'))).toMatchObject({ code: 'invalid_name' });
		expect(await readdir(dirname(dir))).toEqual([]);
	});
});

describe('a directory that cannot be used', () => {
	test('is named where a file is in the way', async () => {
		const dir = await temporaryDir();
		await writeFile(dir, '');
		const expected = { code: 'certs_dir_unusable', message: expect.stringContaining(dir) };
		expect(await faultOf(ensureIdentity(dir, 'weather'))).toMatchObject(expected);
		expect(await faultOf(loadIdentity(dir, 'weather'))).toMatchObject(expected);
		expect(await faultOf(ensureIdentity(join(dir, 'below'), 'weather'))).toMatchObject({
			code: 'certs_dir_unusable',
		});
	});

	test.skipIf(process.platform !== 'linux')('is named where nothing can be created', async () => {
		for (const dir of ['/proc/orchestra-certs', '/proc/self']) {
			expect(await faultOf(ensureIdentity(dir, 'weather'))).toMatchObject({
				code: 'certs_dir_unusable',
				message: expect.stringContaining(dir),
			});
		}
	});

	test.skipIf(!isPosix)('is refused where others can put files into it', async () => {
		const dir = await temporaryDir();
		await ensureIdentity(dir, 'weather');
		await chmod(dir, 0o777);
		const fault = await faultOf(loadIdentity(dir, 'weather'));
		expect(fault).toMatchObject({
			code: 'certs_dir_unusable',
			hint: expect.stringContaining(`chmod go-w ${dir}`),
		});
		await chmod(dir, 0o755);
		expect((await loadIdentity(dir, 'weather')).name).toBe('weather');
	});
});

describe('what is there is never replaced where it is broken', () => {
	const authority = createAuthority();
	const other = createAuthority();
	const weather = issueIdentity(authority, 'weather');
	const whole = {
		'ca.crt': authority.certificatePem,
		'ca.key': authority.privateKeyPem,
		...leafFiles(weather),
	};

	test.each<[string, Record<string, string>, string, string]>([
		['a corrupt certificate', { 'weather.crt': 'garbage' }, 'certificate_invalid', 'weather.crt'],
		[
			'a damaged certificate',
			{ 'weather.crt': weather.certificatePem.replace(/\n[^\n]+\n/, '\n') },
			'certificate_invalid',
			'weather.crt',
		],
		['an empty certificate', { 'weather.crt': '' }, 'certificate_invalid', 'weather.crt'],
		['a corrupt key', { 'weather.key': 'garbage' }, 'certificate_invalid', 'weather.key'],
		[
			'the key of another',
			{ 'weather.key': issueIdentity(authority, 'weather').privateKeyPem },
			'certificate_invalid',
			'weather.key',
		],
		[
			'the certificate of another',
			leafFiles({ ...issueIdentity(authority, 'other'), name: 'weather' }),
			'certificate_invalid',
			'weather.crt',
		],
		['a corrupt authority', { 'ca.crt': 'garbage' }, 'certificate_invalid', 'ca.crt'],
		['an authority that is none', { 'ca.crt': weather.certificatePem }, 'certificate_invalid', 'ca.crt'],
		[
			'something far too large',
			{ 'weather.crt': 'x'.repeat(1_000_000) },
			'certificate_invalid',
			'weather.crt',
		],
	])('%s', async (_what, broken, code, file) => {
		const dir = await temporaryDir();
		await store(dir, { ...whole, ...broken });
		const before = await contents(dir);
		const expected = { code, message: expect.stringContaining(join(dir, file)), hint: expect.any(String) };
		expect(await faultOf(loadIdentity(dir, 'weather'))).toMatchObject(expected);
		expect(await faultOf(ensureIdentity(dir, 'weather'))).toMatchObject(expected);
		expect(await contents(dir)).toEqual(before);
	});

	test.each<[string, Record<string, string>, string]>([
		['a corrupt key of the authority', { 'ca.key': 'garbage' }, 'ca.key'],
		['the key of another authority', { 'ca.key': other.privateKeyPem }, 'ca.key'],
	])('%s stops issuing, and nothing else', async (_what, broken, file) => {
		const dir = await temporaryDir();
		await store(dir, { ...whole, ...broken });
		const before = await contents(dir);
		const expected = { code: 'certificate_invalid', message: expect.stringContaining(join(dir, file)) };
		expect(await ensureIdentity(dir, 'weather')).toEqual(weather);
		expect(await faultOf(ensureAuthority(dir))).toMatchObject(expected);
		expect(await faultOf(ensureIdentity(dir, 'fresh'))).toMatchObject(expected);
		expect(await faultOf(createIdentity(dir, 'weather', { replace: true }))).toMatchObject(expected);
		expect(await contents(dir)).toEqual(before);
	});

	test('a leaf without its key', async () => {
		const dir = await temporaryDir();
		await store(dir, whole);
		await unlink(join(dir, 'weather.key'));
		expect(await faultOf(ensureIdentity(dir, 'weather'))).toMatchObject({
			code: 'certificate_missing',
			message: expect.stringContaining(join(dir, 'weather.key')),
			hint: expect.stringContaining('--force'),
		});
		expect((await createIdentity(dir, 'weather', { replace: true })).name).toBe('weather');
	});

	test('a directory in place of a file', async () => {
		const dir = await temporaryDir();
		await store(dir, whole);
		await unlink(join(dir, 'weather.key'));
		await mkdir(join(dir, 'weather.key'));
		expect(await faultOf(ensureIdentity(dir, 'weather'))).toMatchObject({ code: 'certificate_invalid' });
	});

	test('an authority without its key serves its leaves and issues none', async () => {
		const dir = await temporaryDir();
		await store(dir, { 'ca.crt': authority.certificatePem, ...leafFiles(weather) });
		expect(await ensureIdentity(dir, 'weather')).toEqual(weather);
		const expected = { code: 'certificate_missing', message: expect.stringContaining(join(dir, 'ca.key')) };
		expect(await faultOf(ensureIdentity(dir, 'fresh'))).toMatchObject(expected);
		expect(await faultOf(ensureAuthority(dir))).toMatchObject(expected);
		expect(Object.keys(await contents(dir))).toEqual(['ca.crt', 'weather.crt', 'weather.key']);
	});

	test.skipIf(!isPosix)('a private key that others can read', async () => {
		const dir = await temporaryDir();
		await store(dir, whole);
		await chmod(join(dir, 'weather.key'), 0o640);
		const fault = await faultOf(loadIdentity(dir, 'weather'));
		expect(fault).toMatchObject({
			code: 'key_exposed',
			hint: expect.stringContaining(`chmod 600 ${dir}/weather.key`),
		});
		expect(await faultOf(ensureIdentity(dir, 'weather'))).toMatchObject({ code: 'key_exposed' });
		expect((await stat(join(dir, 'weather.key'))).mode & 0o777).toBe(0o640);
		await chmod(join(dir, 'ca.key'), 0o604);
		expect(await faultOf(loadAuthority(dir))).toMatchObject({ code: 'key_exposed' });
	});

	test.skipIf(!isPosix)('no error message holds a private key', async () => {
		const dir = await temporaryDir();
		const secret = weather.privateKeyPem.split('\n')[1] ?? '';
		await store(dir, { ...whole, 'weather.key': weather.privateKeyPem.replace('BEGIN', 'BEGUN') });
		const fault = await faultOf(loadIdentity(dir, 'weather'));
		expect(JSON.stringify([fault.message, fault.hint, fault.details, String(fault.cause)])).not.toContain(
			secret,
		);
	});
});

describe('time', () => {
	test('a leaf that expired fails to load, and is renewed with its key where it can be', async () => {
		const dir = await temporaryDir();
		const authority = createAuthority();
		const old = daysFromNow(-10, () => issueIdentity(authority, 'weather', { days: 3 }));
		await store(dir, { 'ca.crt': authority.certificatePem, ...leafFiles(old) });
		const expected = {
			code: 'certificate_expired',
			message: expect.stringContaining(join(dir, 'weather.crt')),
			hint: expect.stringContaining('orchestra certs issue weather --force'),
		};
		expect(await faultOf(loadIdentity(dir, 'weather'))).toMatchObject(expected);
		expect(await faultOf(ensureIdentity(dir, 'weather'))).toMatchObject({ code: 'certificate_missing' });
		await store(dir, { 'ca.key': authority.privateKeyPem });
		const renewed = await ensureIdentity(dir, 'weather');
		expect(renewed.certificatePem).not.toBe(old.certificatePem);
		expect(renewed.privateKeyPem).toBe(old.privateKeyPem);
		expect(await loadIdentity(dir, 'weather')).toEqual(renewed);
	});

	test('a leaf in the last third of its life is renewed, and still serves where it cannot be', async () => {
		const dir = await temporaryDir();
		const authority = createAuthority();
		const old = daysFromNow(-7, () => issueIdentity(authority, 'weather', { days: 10 }));
		await store(dir, { 'ca.crt': authority.certificatePem, ...leafFiles(old) });
		expect(await ensureIdentity(dir, 'weather')).toEqual(old);
		await store(dir, { 'ca.key': authority.privateKeyPem });
		expect((await ensureIdentity(dir, 'weather')).certificatePem).not.toBe(old.certificatePem);
	});

	test('a leaf that cannot outlive its authority is not renewed in vain', async () => {
		const dir = await temporaryDir();
		const authority = daysFromNow(-300, () => createAuthority());
		const leaf = daysFromNow(-300, () => issueIdentity(authority, 'weather', { days: 365 }));
		await store(dir, {
			'ca.crt': authority.certificatePem,
			'ca.key': authority.privateKeyPem,
			...leafFiles(leaf),
		});
		expect(await ensureIdentity(dir, 'weather')).toEqual(leaf);
	});

	test('an authority that expired is an error until it is renewed, and its leaves then serve again', async () => {
		const dir = await temporaryDir();
		const authority = daysFromNow(-400, () => createAuthority());
		const leaf = issueIdentity(createAuthority({ privateKeyPem: authority.privateKeyPem }), 'weather');
		await store(dir, {
			'ca.crt': authority.certificatePem,
			'ca.key': authority.privateKeyPem,
			...leafFiles(leaf),
		});
		const expected = {
			code: 'certificate_expired',
			message: expect.stringContaining(join(dir, 'ca.crt')),
			hint: expect.stringContaining('orchestra certs init --renew'),
		};
		for (const call of [
			() => loadIdentity(dir, 'weather'),
			() => ensureIdentity(dir, 'weather'),
			() => ensureIdentity(dir, 'fresh'),
			() => ensureAuthority(dir),
		]) {
			expect(await faultOf(call())).toMatchObject(expected);
		}
		await renewAuthority(dir);
		expect((await loadIdentity(dir, 'weather')).certificatePem).toBe(leaf.certificatePem);
	});

	test('what is not valid yet points at the clock, and is renewed where it is ours', async () => {
		const dir = await temporaryDir();
		const authority = createAuthority();
		const early = daysFromNow(2, () => issueIdentity(authority, 'weather'));
		await store(dir, {
			'ca.crt': authority.certificatePem,
			'ca.key': authority.privateKeyPem,
			...leafFiles(early),
		});
		const expected = { code: 'certificate_not_yet_valid', hint: expect.stringContaining('clock') };
		expect(await faultOf(loadIdentity(dir, 'weather'))).toMatchObject(expected);
		// The clock was ahead when it was issued.
		const renewed = await ensureIdentity(dir, 'weather');
		expect(renewed.privateKeyPem).toBe(early.privateKeyPem);
		expect((await loadIdentity(dir, 'weather')).certificatePem).toBe(renewed.certificatePem);
		await store(dir, { 'ca.crt': daysFromNow(2, () => createAuthority()).certificatePem });
		expect(await faultOf(ensureAuthority(dir))).toMatchObject(expected);
		expect(await faultOf(ensureIdentity(dir, 'weather'))).toMatchObject(expected);
	});
});

describe('another authority', () => {
	test('its leaves are not trusted, and issued anew where they can be', async () => {
		const dir = await temporaryDir();
		const authority = createAuthority();
		const old = issueIdentity(createAuthority(), 'weather');
		await store(dir, { 'ca.crt': authority.certificatePem, ...leafFiles(old) });
		expect(await faultOf(loadIdentity(dir, 'weather'))).toMatchObject({ code: 'certificate_untrusted' });
		expect(await faultOf(ensureIdentity(dir, 'weather'))).toMatchObject({ code: 'certificate_missing' });
		await store(dir, { 'ca.key': authority.privateKeyPem });
		const renewed = await ensureIdentity(dir, 'weather');
		expect(renewed).toMatchObject({ caPem: authority.certificatePem, privateKeyPem: old.privateKeyPem });
	});

	test('in the same file is trusted beside the first', async () => {
		const dir = await temporaryDir();
		const [current, former] = [createAuthority(), createAuthority()];
		const leaf = issueIdentity(former, 'weather');
		const caPem = current.certificatePem + former.certificatePem;
		await store(dir, { 'ca.crt': caPem, 'ca.key': current.privateKeyPem, ...leafFiles(leaf) });
		expect(await loadIdentity(dir, 'weather')).toEqual({ ...leaf, caPem });
		expect((await ensureIdentity(dir, 'fresh')).caPem).toBe(caPem);
		await renewAuthority(dir);
		expect((await loadIdentity(dir, 'weather')).certificatePem).toBe(leaf.certificatePem);
	});
});

describe('after an interruption', () => {
	test('a key without a certificate is kept and certified', async () => {
		const dir = await temporaryDir();
		const authority = createAuthority();
		const leaf = issueIdentity(authority, 'weather');
		await store(dir, { 'ca.key': authority.privateKeyPem, 'weather.key': leaf.privateKeyPem });
		const identity = await ensureIdentity(dir, 'weather');
		expect(identity.privateKeyPem).toBe(leaf.privateKeyPem);
		expect((await loadAuthority(dir)).privateKeyPem).toBe(authority.privateKeyPem);
	});

	test('replacing gives a fresh key and leaves nothing else behind', async () => {
		const dir = await temporaryDir();
		const first = await ensureIdentity(dir, 'weather');
		const second = await createIdentity(dir, 'weather', { replace: true });
		expect(second.privateKeyPem).not.toBe(first.privateKeyPem);
		expect(await loadIdentity(dir, 'weather')).toEqual(second);
		expect(await readdir(dir)).toHaveLength(4);
	});
});

describe('creating', () => {
	test('needs an authority and a free name, and takes the days asked for', async () => {
		const dir = await temporaryDir();
		expect(await faultOf(createIdentity(dir, 'weather'))).toMatchObject({
			code: 'certs_dir_unusable',
			hint: `Run: orchestra certs init --certs-dir ${dir}.`,
		});
		await ensureAuthority(dir);
		const made = await createIdentity(dir, 'weather', { days: 2 });
		const certificate = new X509Certificate(made.certificatePem);
		expect(Date.parse(certificate.validTo)).toBeLessThan(Date.now() + 2 * 86_400_000);
		const files = await contents(dir);
		expect(await faultOf(createIdentity(dir, 'weather'))).toMatchObject({
			code: 'certificate_exists',
			message: expect.stringContaining(join(dir, 'weather.crt')),
		});
		expect(await contents(dir)).toEqual(files);
		await unlink(join(dir, 'weather.crt'));
		expect(await faultOf(createIdentity(dir, 'weather'))).toMatchObject({ code: 'certificate_exists' });
	});
});

describe.skipIf(!isPosix)('symbolic links', () => {
	test('of the owner are followed when reading, and replaced, not followed, when writing', async () => {
		const dir = await temporaryDir();
		await ensureIdentity(dir, 'weather');
		const elsewhere = join(dirname(dir), 'elsewhere.key');
		await rename(join(dir, 'weather.key'), elsewhere);
		await symlink(elsewhere, join(dir, 'weather.key'));
		const before = await loadIdentity(dir, 'weather');
		await createIdentity(dir, 'weather', { replace: true });
		expect(await readFile(elsewhere, 'utf8')).toBe(before.privateKeyPem);
		expect((await stat(join(dir, 'weather.key'))).isFile()).toBe(true);
	});
});
