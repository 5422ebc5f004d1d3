import { X509Certificate } from 'node:crypto';
import { chmod, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { systemSchedule } from '../../src/runtime/identity/sources/certs-watch.ts';
import type { IdentitySource } from '../../src/runtime/identity/sources/identity-source.ts';
import {
	openDirectoryIdentity,
	openOneTimeIdentity,
} from '../../src/runtime/identity/sources/open-identity.ts';
import type { RenewingOptions } from '../../src/runtime/identity/sources/renewing-identity.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { renewIdentities } from '../../src/runtime/identity/upkeep/renew-identities.ts';
import { revoke, undoRevocation } from '../../src/runtime/identity/upkeep/revoke.ts';
import { finishRotation, rotateAuthority } from '../../src/runtime/identity/upkeep/rotate-authority.ts';
import type { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { faultOf } from './fixtures/fault-of.ts';
import { ManualClock } from './fixtures/manual-clock.ts';
import { temporaryDir } from './fixtures/temporary-dir.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

let sources: IdentitySource[] = [];
let problems: OrchestraError[] = [];
/** Sources that are reading or writing files now. */
let refreshing = 0;
const onRefresh = (running: boolean) => {
	refreshing += running ? 1 : -1;
};

beforeEach(() => {
	sources = [];
	problems = [];
	refreshing = 0;
});
afterEach(() => {
	for (const source of sources) source.close();
});

async function opened(opening: Promise<IdentitySource>): Promise<IdentitySource> {
	const source = await opening;
	sources.push(source);
	return source;
}

function open(dir: string, options: RenewingOptions = {}): Promise<IdentitySource> {
	return opened(
		openDirectoryIdentity(dir, 'weather', {
			onProblem: (problem) => problems.push(problem),
			onRefresh,
			...options,
		}),
	);
}

/** The next change. */
function changed(source: IdentitySource): Promise<Identity> {
	return new Promise((resolve) => {
		const unsubscribe = source.subscribe((identity) => {
			unsubscribe();
			resolve(identity);
		});
	});
}

describe('in time', () => {
	let clock: ManualClock;
	beforeEach(() => {
		clock = new ManualClock();
	});
	afterEach(() => clock.release());

	/** Waits for the file work that the clock has set off: it takes real time, in which the clock stands still. */
	async function settled(): Promise<void> {
		await new Promise((resolve) => setImmediate(resolve));
		while (refreshing > 0) await new Promise((resolve) => setTimeout(resolve, 1));
	}

	/** Lets time pass in steps, each with the file work that it sets off. */
	async function pass(ms: number, stepMs: number, until: () => boolean): Promise<boolean> {
		for (let passed = 0; passed < ms && !until(); passed += stepMs) {
			clock.advance(stepMs);
			await settled();
		}
		return until();
	}

	test('a certificate is renewed after two thirds of its life, with its key, and again', async () => {
		const dir = await temporaryDir();
		const source = await open(dir, { schedule: clock.schedule, events: false });
		for (const _round of [1, 2]) {
			const first = source.current;
			let renewed: Identity | undefined;
			source.subscribe((identity) => {
				renewed = identity;
			});
			clock.jump(19.9 * dayMs);
			clock.advance(minuteMs);
			await settled();
			expect(renewed).toBeUndefined();
			expect(await pass(3 * dayMs, dayMs / 24, () => renewed !== undefined)).toBe(true);
			expect(renewed?.certificatePem).not.toBe(first.certificatePem);
			expect(renewed?.privateKeyPem).toBe(first.privateKeyPem);
			expect(source.current).toBe(renewed);
			expect(await readFile(join(dir, 'weather.crt'), 'utf8')).toBe(renewed?.certificatePem);
		}
		expect(problems).toEqual([]);
	});

	test('the days asked for are kept', async () => {
		const dir = await temporaryDir();
		const source = await open(dir, { schedule: clock.schedule, events: false, days: 3 });
		const { certificatePem } = source.current;
		expect(Date.parse(new X509Certificate(certificatePem).validTo)).toBeLessThanOrEqual(
			Date.now() + 3 * dayMs,
		);
		expect(await pass(2.5 * dayMs, dayMs / 24, () => source.current.certificatePem !== certificatePem)).toBe(
			true,
		);
		const life = new X509Certificate(source.current.certificatePem);
		expect(Date.parse(life.validTo) - Date.parse(life.validFrom)).toBeLessThan(3.1 * dayMs);
	});

	test('no timer is longer than the clock may be wrong, whatever the life', async () => {
		const dir = await temporaryDir();
		await open(dir, { schedule: clock.schedule, events: false, days: 300 });
		expect(Math.max(...clock.waits)).toBeLessThanOrEqual(15 * minuteMs);
	});

	test('a clock that jumps past the end is noticed at the next look', async () => {
		const dir = await temporaryDir();
		const source = await open(dir, { schedule: clock.schedule, events: false });
		const { certificatePem } = source.current;
		clock.jump(40 * dayMs);
		expect(await pass(20 * minuteMs, minuteMs, () => source.current.certificatePem !== certificatePem)).toBe(
			true,
		);
		expect(new X509Certificate(source.current.certificatePem).validTo).not.toBe(
			new X509Certificate(certificatePem).validTo,
		);
	});

	test('a renewal that fails is told and tried again, further and further apart; the old one stays', async () => {
		const dir = await temporaryDir();
		const source = await open(dir, { schedule: clock.schedule, events: false });
		const { certificatePem } = source.current;
		await rename(join(dir, 'ca.key'), join(dir, '..', 'ca.key'));
		clock.jump(23 * dayMs);
		clock.advance(15 * minuteMs);
		const waits: number[] = [];
		for (let round = 1; round <= 5; round++) {
			await expect.poll(() => problems.length).toBe(round);
			// The timer of the next try is the one that is furthest away; the others look at the directory.
			await expect.poll(() => clock.furthest).toBeGreaterThan(5_000);
			waits.push(clock.furthest);
			clock.advance(clock.furthest);
		}
		expect(problems[0]).toMatchObject({ code: 'certificate_missing', hint: expect.any(String) });
		expect(waits).toEqual([...waits].sort((a, b) => a - b));
		expect(waits[0]).toBeLessThan(minuteMs);
		expect(waits.at(-1)).toBeGreaterThan(5 * minuteMs);
		expect(source.current.certificatePem).toBe(certificatePem);
		await rename(join(dir, '..', 'ca.key'), join(dir, 'ca.key'));
		expect(await pass(2 * dayMs, minuteMs, () => source.current.certificatePem !== certificatePem)).toBe(
			true,
		);
	});

	test('a certificate that ends with its authority is told of, and kept', async () => {
		const dir = await temporaryDir();
		const source = await open(dir, { schedule: clock.schedule, events: false, days: 365 });
		const { certificatePem } = source.current;
		await renewIdentities(dir, ['weather'], { days: 400 });
		const next = changed(source);
		clock.advance(6_000);
		expect((await next).certificatePem).not.toBe(certificatePem);
		await settled();
		clock.jump(300 * dayMs);
		clock.advance(15 * minuteMs);
		await expect
			.poll(() => problems.at(-1))
			.toMatchObject({
				code: 'certificate_expires_soon',
				hint: expect.stringContaining('certs rotate'),
			});
	});

	test('closing leaves no timer', async () => {
		const dir = await temporaryDir();
		const source = await open(dir, { schedule: clock.schedule, events: false });
		expect(clock.pending).toBeGreaterThan(0);
		source.close();
		expect(clock.pending).toBe(0);
	});

	test('a certificate for one launch is renewed with a new key, and nothing of it is stored', async () => {
		const dir = await temporaryDir();
		const source = await opened(
			openOneTimeIdentity(dir, 'weather', { schedule: clock.schedule, events: false, onRefresh }),
		);
		const first = source.current;
		expect(Date.parse(new X509Certificate(first.certificatePem).validTo)).toBeLessThanOrEqual(
			Date.now() + dayMs,
		);
		expect(await pass(dayMs, 10 * minuteMs, () => source.current !== first)).toBe(true);
		expect(source.current.privateKeyPem).not.toBe(first.privateKeyPem);
		await expect(readFile(join(dir, 'weather.crt'))).rejects.toMatchObject({ code: 'ENOENT' });
		await expect(readFile(join(dir, 'weather.key'))).rejects.toMatchObject({ code: 'ENOENT' });
	});
});

test('a timer beyond what the system can hold does not fire at once', async () => {
	let fired = false;
	const stop = systemSchedule(2 ** 40, () => {
		fired = true;
	});
	await new Promise((resolve) => setTimeout(resolve, 20));
	stop();
	expect(fired).toBe(false);
});

describe.each([
	['told by the system', true],
	['by looking from time to time', false],
])('what others change, %s', (_how, events) => {
	// Looks come every 5 s; here at once.
	const schedule: RenewingOptions['schedule'] = (ms, run) =>
		systemSchedule(ms === 5_000 && !events ? 50 : ms, run);

	test('a renewal by another process is taken up', async () => {
		const dir = await temporaryDir();
		const source = await open(dir, { events, schedule });
		const next = changed(source);
		await renewIdentities(dir, ['weather'], { newKey: true });
		expect(await next).toEqual(await ensureIdentity(dir, 'weather'));
		expect(problems).toEqual([]);
	});

	test('so are a rotation and its end', async () => {
		const dir = await temporaryDir();
		const source = await open(dir, { events, schedule });
		const { caPem } = source.current;
		await rotateAuthority(dir);
		await expect.poll(() => source.current.caPem).toContain(caPem);
		await expect.poll(() => source.current.certificatePem.split('BEGIN').length).toBe(3);
		await finishRotation(dir);
		await expect.poll(() => source.current.caPem.split('BEGIN').length).toBe(2);
		expect(source.current.caPem).not.toBe(caPem);
		expect(problems).toEqual([]);
	});

	test('so is a revocation, of others and of oneself, and its end', async () => {
		const dir = await temporaryDir();
		const source = await open(dir, { events, schedule });
		await revoke(dir, { name: 'other' });
		await expect.poll(() => source.current.revocations?.blocked('other')).toBeDefined();
		expect(problems).toEqual([]);
		const { certificatePem } = source.current;
		await revoke(dir, { name: 'weather' });
		await expect.poll(() => source.current.revocations?.blocked('weather')).toBeDefined();
		await expect.poll(() => problems.map(({ code }) => code)).toEqual(['certificate_revoked']);
		expect(source.current.certificatePem).toBe(certificatePem);
		await undoRevocation(dir, { name: 'weather' });
		await expect.poll(() => source.current.certificatePem).not.toBe(certificatePem);
	});
});

describe('what is broken does not replace what works', () => {
	test('a corrupt certificate, an exposed key, an emptied directory', async () => {
		const dir = await temporaryDir();
		const source = await open(dir);
		const first = source.current;
		const pem = await readFile(join(dir, 'weather.crt'), 'utf8');

		await writeFile(join(dir, 'weather.crt'), 'garbage');
		await expect.poll(() => problems.at(-1)?.code).toBe('certificate_invalid');
		await writeFile(join(dir, 'weather.crt'), pem);
		if (process.platform !== 'win32') {
			await chmod(join(dir, 'weather.key'), 0o644);
			await expect.poll(() => problems.at(-1)?.code).toBe('key_exposed');
			expect(problems.at(-1)?.hint).toContain('chmod 600');
			await chmod(join(dir, 'weather.key'), 0o600);
		}
		await unlink(join(dir, 'weather.crt'));
		await expect.poll(() => problems.at(-1)?.code).toBe('certificate_missing');
		await rm(dir, { recursive: true });
		await expect.poll(() => problems.at(-1)?.code).toBe('certs_dir_unusable');
		expect(source.current).toBe(first);
		await expect(readFile(join(dir, 'ca.crt'))).rejects.toMatchObject({ code: 'ENOENT' });
	});

	test('a list of revocations that cannot be read revokes nobody less', async () => {
		const dir = await temporaryDir();
		const source = await open(dir);
		await revoke(dir, { name: 'other' });
		await expect.poll(() => source.current.revocations?.blocked('other')).toBeDefined();
		await writeFile(join(dir, 'revoked.json'), '{}');
		await expect.poll(() => problems.at(-1)?.message).toContain('revoked.json');
		expect(source.current.revocations?.blocked('other')).toBeDefined();
		expect(await faultOf(ensureIdentity(dir, 'weather'))).toMatchObject({ code: 'certificate_invalid' });
	});
});
