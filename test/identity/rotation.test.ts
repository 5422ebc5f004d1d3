import { X509Certificate } from 'node:crypto';
import { open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ensureAuthority, loadAuthority } from '../../src/runtime/identity/directory/authority.ts';
import { inspectCertificate } from '../../src/runtime/identity/directory/inspect-certificate.ts';
import { loadIdentity } from '../../src/runtime/identity/directory/load-identity.ts';
import { createIdentity } from '../../src/runtime/identity/upkeep/create-identity.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import {
	currentRotation,
	finishRotation,
	renewAuthority,
	rotateAuthority,
} from '../../src/runtime/identity/upkeep/rotate-authority.ts';
import { createAuthority } from '../../src/runtime/identity/x509/issue.ts';
import { daysFromNow } from './fixtures/at-time.ts';
import { faultOf } from './fixtures/fault-of.ts';
import { handshake } from './fixtures/handshake.ts';
import { ManualClock } from './fixtures/manual-clock.ts';
import { temporaryDir } from './fixtures/temporary-dir.ts';

function blocks(pem: string): string[] {
	return pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
}

async function rotated() {
	const dir = await temporaryDir();
	const before = { weather: await ensureIdentity(dir, 'weather'), authority: await loadAuthority(dir) };
	const report = await rotateAuthority(dir);
	return { dir, before, report, weather: await loadIdentity(dir, 'weather') };
}

describe('a rotation', () => {
	test('puts a new authority first, with its key, and keeps the former one behind it', async () => {
		const { dir, before } = await rotated();
		const [first, second, ...others] = blocks(await readFile(join(dir, 'ca.crt'), 'utf8'));
		expect(others).toEqual([]);
		expect(second).toBe(before.authority.certificatePem.trim());
		// What a Go program does: the first block with the key.
		const authority = new X509Certificate(first ?? '');
		const { privateKeyPem } = await loadAuthority(dir);
		expect(await readFile(join(dir, 'ca.key'), 'utf8')).toBe(privateKeyPem);
		expect(privateKeyPem).not.toBe(before.authority.privateKeyPem);
		expect(authority.subject).toBe(new X509Certificate(second ?? '').subject);
		if (process.platform !== 'win32') {
			for (const file of await readdir(dir)) expect((await stat(join(dir, file))).mode & 0o777).toBe(0o600);
		}
	});

	test.skipIf(process.platform === 'win32')(
		'that a crash interrupts once the new authority is there has kept the word of the former one for it',
		async () => {
			const dir = await temporaryDir();
			const knowsFormer = await ensureIdentity(dir, 'weather');
			const path = join(dir, 'ca.crt');
			const former = await readFile(path, 'utf8');
			const probe = await open(dir, 'r');
			await probe.close();
			const sync = vi.spyOn(Object.getPrototypeOf(probe), 'sync').mockImplementation(async () => {
				if ((await readFile(path, 'utf8')) !== former) throw new Error('crashed');
			});
			try {
				await expect(rotateAuthority(dir)).rejects.toThrow('crashed');
			} finally {
				sync.mockRestore();
			}
			// Issued by the new authority, of which the other peer has never heard.
			const notes = await ensureIdentity(dir, 'notes');
			expect(await handshake(notes, knowsFormer)).toMatchObject({ serverName: 'notes' });
			expect(await handshake(knowsFormer, notes)).toMatchObject({ serverName: 'weather' });
		},
	);

	test('issues every certificate anew, with its key, for peers that know either authority', async () => {
		const { before, weather, report } = await rotated();
		expect(report.renewed).toEqual([{ name: 'weather', problem: undefined }]);
		expect(weather.privateKeyPem).toBe(before.weather.privateKeyPem);
		const [newRoot = ''] = blocks(weather.caPem);
		const knowsFormer = before.weather;
		const knowsNew = { ...weather, caPem: newRoot };
		for (const other of [knowsFormer, knowsNew, weather]) {
			expect(await handshake(weather, other)).toMatchObject({ serverName: 'weather' });
			expect(await handshake(other, weather)).toMatchObject({ serverName: 'weather' });
		}
		// Who has the former certificate and hears of nothing is still taken, and so is what it shows.
		expect(await handshake(weather, { ...before.weather, caPem: weather.caPem })).toBeDefined();
	});

	test('takes what is issued during the overlap to peers of both, too', async () => {
		const { dir, before } = await rotated();
		for (const identity of [await ensureIdentity(dir, 'fresh'), await createIdentity(dir, 'other')]) {
			expect(await handshake(before.weather, identity)).toMatchObject({ clientName: identity.name });
			expect(await handshake(identity, before.weather)).toMatchObject({ serverName: identity.name });
		}
	});

	test('finished, trusts the former authority no more', async () => {
		const { dir, before } = await rotated();
		const { renewed } = await finishRotation(dir);
		expect(renewed).toEqual([]);
		expect((await readdir(dir)).sort()).toEqual(['ca.crt', 'ca.key', 'weather.crt', 'weather.key']);
		const weather = await loadIdentity(dir, 'weather');
		expect(blocks(weather.caPem)).toHaveLength(1);
		await expect(handshake(weather, { ...before.weather, caPem: weather.caPem })).rejects.toThrow();
		expect(await faultOf(finishRotation(dir))).toMatchObject({ code: 'rotation_conflict' });
		await rotateAuthority(dir);
	});

	test('over by time, trusts the former authority no more, although nobody finished it', async () => {
		const clock = new ManualClock();
		try {
			const dir = await temporaryDir();
			const { caPem } = await ensureIdentity(dir, 'weather');
			const { rotation } = await rotateAuthority(dir, { overlapDays: 2 });
			expect(Date.parse(rotation?.endsAt ?? '')).toBe(Date.now() + 2 * 86_400_000);
			clock.jump(1.9 * 86_400_000);
			expect((await loadIdentity(dir, 'weather')).caPem).toContain(caPem);
			clock.jump(0.2 * 86_400_000);
			const after = await loadIdentity(dir, 'weather');
			expect(blocks(after.caPem)).toHaveLength(1);
			expect(after.caPem).not.toContain(caPem);
			expect(await currentRotation(dir)).toBeUndefined();
			expect(blocks((await createIdentity(dir, 'fresh')).certificatePem)).toHaveLength(1);
			await rotateAuthority(dir);
			expect(blocks((await loadIdentity(dir, 'weather')).caPem)).toHaveLength(2);
		} finally {
			clock.release();
		}
	});

	test('is one at a time', async () => {
		const { dir } = await rotated();
		expect(await faultOf(rotateAuthority(dir))).toMatchObject({
			code: 'rotation_conflict',
			hint: expect.stringContaining('--finish'),
		});
		const outcomes = await Promise.allSettled([finishRotation(dir), finishRotation(dir)]);
		expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
	});

	test('outlives a renewal of the new authority', async () => {
		const { dir, before } = await rotated();
		await renewAuthority(dir);
		const fresh = await ensureIdentity(dir, 'fresh');
		expect(await handshake(before.weather, fresh)).toMatchObject({ clientName: 'fresh' });
	});
});

describe('a rotation that was interrupted', () => {
	test('before the new certificate was in place: as if it had not begun', async () => {
		const dir = await temporaryDir();
		const weather = await ensureIdentity(dir, 'weather');
		const root = new X509Certificate(weather.caPem);
		const previous = root.fingerprint256.replaceAll(':', '').toLowerCase();
		const endsAt = new Date(Date.now() + 86_400_000).toISOString();
		await writeFile(join(dir, '.ca.next.key'), createAuthority().privateKeyPem, { mode: 0o600 });
		await writeFile(
			join(dir, 'rotation.json'),
			JSON.stringify({ version: 1, startedAt: endsAt, endsAt, previous, crossCertificatePem: 'none' }),
		);
		expect(await loadIdentity(dir, 'weather')).toEqual(weather);
		expect(await currentRotation(dir)).toBeUndefined();
		expect(blocks((await ensureIdentity(dir, 'fresh')).certificatePem)).toHaveLength(1);
		expect(await readdir(dir)).not.toContain('.ca.next.key');
		await rotateAuthority(dir);
	});

	test('between certificate and key: the key is found again', async () => {
		const { dir } = await rotated();
		const key = await readFile(join(dir, 'ca.key'), 'utf8');
		await writeFile(join(dir, '.ca.next.key'), key, { mode: 0o600 });
		await writeFile(join(dir, 'ca.key'), createAuthority().privateKeyPem);
		expect((await ensureIdentity(dir, 'fresh')).name).toBe('fresh');
		expect(await readFile(join(dir, 'ca.key'), 'utf8')).toBe(key);
		expect(await readdir(dir)).not.toContain('.ca.next.key');
	});
});

test('a rotation of an authority whose key is elsewhere is refused, and changes nothing', async () => {
	const dir = await temporaryDir();
	const authority = await ensureAuthority(dir);
	const old = daysFromNow(-1, () => createAuthority());
	await writeFile(join(dir, 'ca.key'), old.privateKeyPem);
	expect(await faultOf(rotateAuthority(dir))).toMatchObject({ code: 'certificate_invalid' });
	expect(await readFile(join(dir, 'ca.crt'), 'utf8')).toBe(authority.certificatePem);
	expect((await inspectCertificate(dir, 'ca')).key).toBe('mismatch');
});
