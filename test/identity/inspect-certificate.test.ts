import { createHash, X509Certificate } from 'node:crypto';
import { chmod, mkdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadAuthority } from '../../src/runtime/identity/directory/authority.ts';
import {
	inspectCertificate,
	listCertificates,
} from '../../src/runtime/identity/directory/inspect-certificate.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import { daysFromNow } from './fixtures/at-time.ts';
import { faultOf } from './fixtures/fault-of.ts';
import { temporaryDir } from './fixtures/temporary-dir.ts';

describe('inspectCertificate', () => {
	test('describes a certificate that can be used', async () => {
		const dir = await temporaryDir();
		const { certificatePem } = await ensureIdentity(dir, 'tools.features');
		const { raw, validTo } = new X509Certificate(certificatePem);
		expect(await inspectCertificate(dir, 'tools.features')).toEqual({
			name: 'tools.features',
			path: join(dir, 'tools.features.crt'),
			key: 'matches',
			isTrusted: true,
			root: expect.stringMatching(/^[0-9a-f]{64}$/),
			isOurs: true,
			isGiven: false,
			shareUsed: expect.closeTo(0, 3),
			status: 'valid',
			problem: undefined,
			certificate: {
				name: 'tools.features',
				issuer: 'Orchestra CA',
				isAuthority: false,
				serial: expect.stringMatching(/^[0-9a-f]{32}$/),
				fingerprint: createHash('sha256').update(raw).digest('hex'),
				keyType: 'ed25519',
				notBefore: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
				notAfter: new Date(validTo).toISOString(),
				phase: 'valid',
				alternativeNames: ['tools.features', 'localhost', '127.0.0.1', '::1'],
			},
		});
	});

	test('takes the authority under the name ca, with its key or without', async () => {
		const dir = await temporaryDir();
		await ensureIdentity(dir, 'weather');
		expect(await inspectCertificate(dir, 'ca')).toMatchObject({
			key: 'matches',
			isTrusted: true,
			status: 'valid',
			certificate: { name: 'Orchestra CA', isAuthority: true, alternativeNames: [] },
		});
		await unlink(join(dir, 'ca.key'));
		expect(await inspectCertificate(dir, 'ca')).toMatchObject({
			key: 'missing',
			status: 'valid',
			problem: undefined,
		});
	});

	test('says in one word why a certificate cannot be used', async () => {
		const dir = await temporaryDir();
		await ensureIdentity(dir, 'weather');
		const authority = await loadAuthority(dir);
		const write = async (name: string, certificatePem: string, privateKeyPem: string) => {
			await writeFile(join(dir, `${name}.crt`), certificatePem, { mode: 0o600 });
			await writeFile(join(dir, `${name}.key`), privateKeyPem, { mode: 0o600 });
		};
		const old = daysFromNow(-10, () => issueIdentity(authority, 'old', { days: 3 }));
		const soon = daysFromNow(-7, () => issueIdentity(authority, 'soon', { days: 10 }));
		const early = daysFromNow(2, () => issueIdentity(authority, 'early'));
		const foreign = issueIdentity(createAuthority(), 'foreign');
		for (const { name, certificatePem, privateKeyPem } of [old, soon, early, foreign]) {
			await write(name, certificatePem, privateKeyPem);
		}
		await write('mixed', issueIdentity(authority, 'mixed').certificatePem, old.privateKeyPem);
		await write('broken', 'garbage', old.privateKeyPem);
		await write('keyless', issueIdentity(authority, 'keyless').certificatePem, '');
		await unlink(join(dir, 'keyless.key'));
		// What is no certificate of ours is passed over.
		await writeFile(join(dir, '-odd name.crt'), 'garbage');
		await writeFile(join(dir, 'README'), 'garbage');
		const found = await listCertificates(dir);
		expect(found.map(({ name, status, key, problem }) => [name, status, key, problem?.code])).toEqual([
			['ca', 'valid', 'matches', undefined],
			['broken', 'unusable', 'unusable', 'certificate_invalid'],
			['early', 'not-yet-valid', 'matches', 'certificate_not_yet_valid'],
			['foreign', 'untrusted', 'matches', 'certificate_untrusted'],
			['keyless', 'unusable', 'missing', 'certificate_missing'],
			['mixed', 'unusable', 'mismatch', 'certificate_invalid'],
			['old', 'expired', 'matches', 'certificate_expired'],
			['soon', 'expires-soon', 'matches', undefined],
			['weather', 'valid', 'matches', undefined],
		]);
		expect(found.filter(({ isTrusted }) => !isTrusted).map(({ name }) => name)).toEqual([
			'broken',
			'foreign',
		]);
	});

	test.skipIf(process.platform === 'win32')('says that a key is exposed', async () => {
		const dir = await temporaryDir();
		await ensureIdentity(dir, 'weather');
		await chmod(join(dir, 'weather.key'), 0o644);
		expect(await inspectCertificate(dir, 'weather')).toMatchObject({
			key: 'exposed',
			status: 'unusable',
			problem: { code: 'key_exposed' },
		});
	});

	test('fails for a name that is not there, and for a directory that is not', async () => {
		const dir = await temporaryDir();
		expect(await faultOf(listCertificates(dir))).toMatchObject({ code: 'certs_dir_unusable' });
		await mkdir(dir, { mode: 0o700 });
		expect(await listCertificates(dir)).toEqual([]);
		expect(await faultOf(inspectCertificate(dir, 'weather'))).toMatchObject({ code: 'certificate_missing' });
		expect(await faultOf(inspectCertificate(dir, 'ca'))).toMatchObject({ code: 'certificate_missing' });
		expect(await faultOf(inspectCertificate(dir, '../x'))).toMatchObject({ code: 'invalid_name' });
	});
});
