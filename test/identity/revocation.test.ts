import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inspectCertificate } from '../../src/runtime/identity/directory/inspect-certificate.ts';
import { loadIdentity } from '../../src/runtime/identity/directory/load-identity.ts';
import { Revocations } from '../../src/runtime/identity/revocations.ts';
import { openOneTimeIdentity } from '../../src/runtime/identity/sources/open-identity.ts';
import { createIdentity } from '../../src/runtime/identity/upkeep/create-identity.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { renewIdentities } from '../../src/runtime/identity/upkeep/renew-identities.ts';
import { revoke, undoRevocation } from '../../src/runtime/identity/upkeep/revoke.ts';
import {
	describeCertificate,
	fingerprintOf,
	keyFingerprintOf,
} from '../../src/runtime/identity/x509/read-certificate.ts';
import { faultOf } from './fixtures/fault-of.ts';
import { temporaryDir } from './fixtures/temporary-dir.ts';

const at = '2026-01-02T03:04:05.000Z';

describe('who is revoked', () => {
	test('a name, with its client, whatever the certificate', () => {
		const revocations = new Revocations([{ name: 'weather', at }]);
		expect(revocations.find({ name: 'weather', fingerprint: 'aa' })).toBeDefined();
		expect(revocations.find({ name: 'weather-client' })).toBeDefined();
		expect(revocations.blocked('weather-client')).toBeDefined();
		for (const name of ['weather-2', 'client', 'orchestrator-to-weather', 'Weather', '']) {
			expect(revocations.find({ name })).toBeUndefined();
		}
	});

	test('one certificate, and no other of that name', () => {
		const revocations = new Revocations([{ fingerprint: 'aa', at }]);
		expect(revocations.find({ name: 'weather', fingerprint: 'aa' })).toBeDefined();
		expect(revocations.find({ name: 'weather', fingerprint: 'bb' })).toBeUndefined();
		expect(revocations.find({ name: 'weather' })).toBeUndefined();
		expect(revocations.blocked('weather')).toBeUndefined();
	});

	test('every certificate for the key of one, before it and after it', () => {
		const revocations = new Revocations([{ fingerprint: 'aa', key: 'kk', at }]);
		expect(revocations.find({ name: 'weather', fingerprint: 'bb', keyFingerprint: 'kk' })).toBeDefined();
		expect(revocations.find({ name: 'weather', fingerprint: 'bb', keyFingerprint: 'll' })).toBeUndefined();
	});

	test('what was issued before a name was allowed again, and what cannot say when it was', () => {
		const revocations = new Revocations([{ name: 'weather', at, issuedBefore: at }]);
		const moment = Date.parse(at);
		expect(revocations.find({ name: 'weather', validFrom: new Date(moment - 1000) })).toBeDefined();
		expect(revocations.find({ name: 'weather', validFrom: new Date(moment) })).toBeUndefined();
		expect(revocations.find({ name: 'weather' })).toBeDefined();
		expect(revocations.blocked('weather')).toBeUndefined();
		expect(revocations.notBefore('weather-client')).toEqual(new Date(at));
	});
});

test('a list that is as long as it may be can be read', async () => {
	const dir = await temporaryDir();
	await ensureIdentity(dir, 'weather');
	const reason = '\u0001'.repeat(200);
	const revoked = Array.from({ length: 999 }, (_, index) => ({
		fingerprint: index.toString(16).padStart(64, '0'),
		at,
		reason,
	}));
	await writeFile(join(dir, 'revoked.json'), JSON.stringify({ version: 1, revoked }), { mode: 0o600 });
	await revoke(dir, { name: 'other' }, reason);
	expect((await loadIdentity(dir, 'weather')).revocations?.blocked('other')).toBeDefined();
	expect(await faultOf(revoke(dir, { name: 'one-more' }))).toMatchObject({ code: 'usage' });
});

test('a certificate that is revoked takes the one before it along: a renewal keeps the key', async () => {
	const dir = await temporaryDir();
	const before = await ensureIdentity(dir, 'weather');
	await renewIdentities(dir, ['weather']);
	const now = await loadIdentity(dir, 'weather');
	expect(now.certificatePem).not.toBe(before.certificatePem);
	const { fingerprint } = describeCertificate(now.certificatePem);
	const { key } = await revoke(dir, { fingerprint });
	const { revocations } = await ensureIdentity(dir, 'other');
	const old = new X509Certificate(before.certificatePem);
	expect(keyFingerprintOf(old)).toBe(key);
	expect(
		revocations?.find({
			name: 'weather',
			fingerprint: fingerprintOf(old),
			keyFingerprint: keyFingerprintOf(old),
		}),
	).toMatchObject({ fingerprint });
	expect(await faultOf(loadIdentity(dir, 'weather'))).toMatchObject({ code: 'certificate_revoked' });
	// A renewal gives it another key, and that is all that it takes.
	await renewIdentities(dir, ['weather']);
	expect((await loadIdentity(dir, 'weather')).name).toBe('weather');
});

describe('a name that was revoked', () => {
	test('gets no certificate, in no way, and its old one cannot be loaded', async () => {
		const dir = await temporaryDir();
		const { certificatePem } = await ensureIdentity(dir, 'weather');
		await revoke(dir, { name: 'weather' }, 'stolen');
		const expected = {
			code: 'certificate_revoked',
			message: expect.stringContaining('(stolen)'),
			hint: expect.stringContaining('certs revoke weather --undo'),
		};
		for (const attempt of [
			() => loadIdentity(dir, 'weather'),
			() => ensureIdentity(dir, 'weather'),
			() => ensureIdentity(dir, 'weather-client'),
			() => createIdentity(dir, 'weather', { replace: true }),
			() => openOneTimeIdentity(dir, 'weather'),
		]) {
			expect(await faultOf(attempt())).toMatchObject(expected);
		}
		expect(await renewIdentities(dir, ['weather'])).toMatchObject([
			{ problem: { code: 'certificate_revoked' } },
		]);
		expect(await readFile(join(dir, 'weather.crt'), 'utf8')).toBe(certificatePem);
		expect(await inspectCertificate(dir, 'weather')).toMatchObject({ status: 'revoked' });
		expect((await ensureIdentity(dir, 'other')).revocations?.blocked('weather')).toBeDefined();
	});

	test('is allowed again with a new key; the old certificate stays revoked', async () => {
		const dir = await temporaryDir();
		const old = await ensureIdentity(dir, 'weather');
		const { fingerprint, notBefore } = describeCertificate(old.certificatePem);
		await revoke(dir, { name: 'weather' });
		const { renewed } = await undoRevocation(dir, { name: 'weather' });
		expect(renewed).toEqual([{ name: 'weather', problem: undefined }]);
		const fresh = await loadIdentity(dir, 'weather');
		expect(fresh.privateKeyPem).not.toBe(old.privateKeyPem);
		expect(
			fresh.revocations?.find({ name: 'weather', fingerprint, validFrom: new Date(notBefore) }),
		).toBeDefined();
		expect(await faultOf(undoRevocation(dir, { name: 'weather' }))).toMatchObject({ code: 'usage' });
		// A second time is as good as the first.
		await revoke(dir, { name: 'weather' });
		expect(await faultOf(loadIdentity(dir, 'weather'))).toMatchObject({ code: 'certificate_revoked' });
	});
});

test('a certificate that was revoked by its fingerprint is not replaced silently, but by a command', async () => {
	const dir = await temporaryDir();
	const { certificatePem, privateKeyPem } = await ensureIdentity(dir, 'weather');
	const { fingerprint } = describeCertificate(certificatePem);
	const colons = (fingerprint.match(/../g) ?? []).join(':').toUpperCase();
	await revoke(dir, { fingerprint: colons });
	expect(await faultOf(ensureIdentity(dir, 'weather'))).toMatchObject({
		code: 'certificate_revoked',
		hint: expect.stringContaining('certs renew weather'),
	});
	expect(await renewIdentities(dir, ['weather'])).toEqual([{ name: 'weather', problem: undefined }]);
	expect((await loadIdentity(dir, 'weather')).privateKeyPem).not.toBe(privateKeyPem);
	await undoRevocation(dir, { fingerprint });
	expect((await loadIdentity(dir, 'weather')).revocations).toBeUndefined();
});

test('revocations at the same time are all kept', async () => {
	const dir = await temporaryDir();
	await ensureIdentity(dir, 'weather');
	const names = Array.from({ length: 8 }, (_, index) => `plugin${index}`);
	await Promise.all(names.map((name) => revoke(dir, { name })));
	const { revocations } = await loadIdentity(dir, 'weather');
	expect(names.every((name) => revocations?.blocked(name))).toBe(true);
});

test.each([
	'',
	'[]',
	'{"revoked":7}',
	'{"revoked":[{}]}',
	'{"revoked":[{"name":1}]}',
	'{"revoked":[{"name":"a","issuedBefore":"then"}]}',
])('a list that is damaged stops everything: %s', async (text) => {
	const dir = await temporaryDir();
	await ensureIdentity(dir, 'weather');
	await writeFile(join(dir, 'revoked.json'), text);
	expect(await faultOf(loadIdentity(dir, 'weather'))).toMatchObject({
		code: 'certificate_invalid',
		message: expect.stringContaining('revoked.json'),
		hint: expect.any(String),
	});
});

test.each(['../x', 'ca', ''])('%s cannot be revoked', async (name) => {
	const dir = await temporaryDir();
	await ensureIdentity(dir, 'weather');
	expect(await faultOf(revoke(dir, { name }))).toMatchObject({ code: 'invalid_name' });
	expect(await faultOf(revoke(dir, { fingerprint: name }))).toMatchObject({ code: 'usage' });
});
