import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import { describeCertificate } from '../../src/runtime/identity/x509/read-certificate.ts';
import { daysFromNow } from './fixtures/at-time.ts';
import { temporaryDir } from './fixtures/temporary-dir.ts';

const day = 86_400_000;
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('an authority', () => {
	test('is Ed25519, named Orchestra CA, and good for a year', () => {
		const authority = createAuthority();
		const certificate = new X509Certificate(authority.certificatePem);
		expect(certificate.subject).toBe('O=Orchestra\nCN=Orchestra CA');
		expect(certificate.ca).toBe(true);
		expect(certificate.publicKey.asymmetricKeyType).toBe('ed25519');
		expect(certificate.verify(certificate.publicKey)).toBe(true);
		expect(certificate.checkPrivateKey(createPrivateKey(authority.privateKeyPem))).toBe(true);
		expect(authority.privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
		expect(Date.parse(certificate.validFrom)).toBeLessThanOrEqual(Date.now() - 59_000);
		expect(Math.abs(Date.parse(certificate.validTo) - Date.now() - 365 * day)).toBeLessThan(60_000);
	});

	test('made again from its key is trusted in place of the first', () => {
		const first = createAuthority();
		const second = createAuthority({ privateKeyPem: first.privateKeyPem });
		const leaf = new X509Certificate(issueIdentity(first, 'weather').certificatePem);
		const authority = new X509Certificate(second.certificatePem);
		expect(leaf.checkIssued(authority) && leaf.verify(authority.publicKey)).toBe(true);
	});
});

describe('a leaf', () => {
	const authority = createAuthority();

	test('has the name, the key and the addresses of its owner', () => {
		const identity = issueIdentity(authority, 'tools.features');
		const certificate = new X509Certificate(identity.certificatePem);
		expect(identity).toMatchObject({ name: 'tools.features', caPem: authority.certificatePem });
		expect(certificate.subject).toBe('O=Orchestra\nCN=tools.features');
		expect(certificate.ca).toBe(false);
		expect(certificate.checkIssued(new X509Certificate(authority.certificatePem))).toBe(true);
		expect(certificate.checkPrivateKey(createPrivateKey(identity.privateKeyPem))).toBe(true);
		expect(describeCertificate(certificate).alternativeNames).toEqual([
			'tools.features',
			'localhost',
			'127.0.0.1',
			'::1',
		]);
	});

	test.each(['a'.repeat(64), 'a-.b', '127.0.0.1'])(
		'of a name that is no host name, %j, leaves that one out',
		(name) => {
			const { alternativeNames, name: found } = describeCertificate(
				issueIdentity(authority, name).certificatePem,
			);
			expect(found).toBe(name);
			expect(alternativeNames).toEqual(['localhost', '127.0.0.1', '::1']);
		},
	);

	test('ends no later than its authority', () => {
		const old = daysFromNow(-300, () => createAuthority());
		const { notAfter } = describeCertificate(issueIdentity(old, 'weather', { days: 365 }).certificatePem);
		expect(notAfter).toBe(describeCertificate(old.certificatePem).notAfter);
	});

	test('lives as many days as asked for', () => {
		const { notAfter } = describeCertificate(issueIdentity(authority, 'weather', { days: 2 }).certificatePem);
		expect(Math.abs(Date.parse(notAfter) - Date.now() - 2 * day)).toBeLessThan(60_000);
	});

	test('is dated right on both sides of 2050, where the notation of time changes', () => {
		const long = createAuthority({ days: 365 * 60 });
		const { notAfter } = describeCertificate(
			issueIdentity(long, 'weather', { days: 365 * 50 }).certificatePem,
		);
		expect(Math.abs(Date.parse(notAfter) - Date.now() - 365 * 50 * day)).toBeLessThan(60_000);
	});

	test('has a serial number of its own, positive and without padding', () => {
		const serials = Array.from(
			{ length: 50 },
			() => describeCertificate(issueIdentity(authority, 'x').certificatePem).serial,
		);
		expect(new Set(serials).size).toBe(50);
		for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/);
	});

	test('is refused to an authority that is none', () => {
		const leaf = issueIdentity(authority, 'weather');
		const other = createAuthority();
		const wrong = [
			{ certificatePem: leaf.certificatePem, privateKeyPem: leaf.privateKeyPem },
			{ certificatePem: authority.certificatePem, privateKeyPem: other.privateKeyPem },
			{ certificatePem: 'nothing', privateKeyPem: other.privateKeyPem },
		];
		for (const pair of wrong) {
			expect(() => issueIdentity(pair, 'x')).toThrow(
				expect.objectContaining({ code: 'certificate_invalid' }),
			);
		}
		expect(() => issueIdentity(authority, '../x')).toThrow(expect.objectContaining({ code: 'invalid_name' }));
	});

	test.skipIf(!hasOpenssl)('stands up to the strict checks of OpenSSL', async () => {
		const dir = await temporaryDir();
		await mkdir(dir);
		await writeFile(join(dir, 'ca.crt'), authority.certificatePem);
		await writeFile(join(dir, 'leaf.crt'), issueIdentity(authority, 'weather').certificatePem);
		for (const purpose of ['sslserver', 'sslclient']) {
			const args = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'ca.crt', 'leaf.crt'];
			expect(spawnSync('openssl', args, { cwd: dir, encoding: 'utf8' }).stdout).toBe('leaf.crt: OK\n');
		}
		const text = spawnSync('openssl', ['x509', '-noout', '-text', '-in', 'ca.crt'], {
			cwd: dir,
			encoding: 'utf8',
		}).stdout;
		expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:1\s/);
		expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\s/);
	});
});
