import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import { daysFromNow } from '../identity/fixtures/at-time.ts';
import { temporaryDir } from '../identity/fixtures/temporary-dir.ts';
import { RunningCli, runCli } from '../support/run-cli.ts';

const isPosix = process.platform !== 'win32';
let dir: string;

beforeEach(async () => {
	dir = await temporaryDir();
});

function certs(...args: string[]) {
	return runCli(['certs', ...args, '--certs-dir', dir]);
}

/** What it printed on both streams, as JSON, with the exit code. */
async function certsJson(...args: string[]) {
	const { code, stdout, stderr } = await certs(...args, '--json');
	return {
		exit: code,
		value: stdout === '' ? undefined : JSON.parse(stdout),
		error: stderr === '' ? undefined : JSON.parse(stderr).error,
	};
}

/** A directory as an earlier time left it. */
async function store(authority: { certificatePem: string; privateKeyPem: string }, ...leaves: Identity[]) {
	await mkdir(dir, { mode: 0o700 });
	const files: Record<string, string> = {
		'ca.crt': authority.certificatePem,
		'ca.key': authority.privateKeyPem,
	};
	for (const leaf of leaves) {
		files[`${leaf.name}.crt`] = leaf.certificatePem;
		files[`${leaf.name}.key`] = leaf.privateKeyPem;
	}
	for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text, { mode: 0o600 });
}

describe('certs status', () => {
	test('exits 0 where all is well, and 3 with a code that says what is not', async () => {
		await certs('init');
		await certs('issue', 'weather');
		const fine = await certsJson('status');
		expect(fine).toMatchObject({
			exit: 0,
			error: undefined,
			value: { ok: true, revoked: [], rotation: null },
		});
		expect(fine.value.certificates[1]).toMatchObject({
			name: 'weather',
			status: 'valid',
			used: expect.closeTo(0, 2),
			root: fine.value.certificates[0].certificate.fingerprint,
			// Nobody here may hold it.
			renewal: 'where used',
		});
		await ensureIdentity(dir, 'cli');
		expect((await certsJson('status', 'cli')).value.certificates).toMatchObject([{ renewal: 'automatic' }]);
		expect(await certsJson('status', 'weather', '--expires-in', '10d')).toMatchObject({ exit: 0 });
		expect(await certsJson('status', 'weather', '--expires-in', '31d')).toMatchObject({
			exit: 3,
			value: { ok: false, certificates: [{ name: 'weather', status: 'expires-soon' }] },
			error: { code: 'certificate_expires_soon', hint: expect.stringContaining('certs renew weather') },
		});
		expect(await certsJson('status', 'absent')).toMatchObject({
			exit: 3,
			error: { code: 'certificate_missing' },
		});
		expect((await certs('status', '--expires-in', 'soon')).code).toBe(2);
		await certs('revoke', 'weather', '--reason', 'stolen');
		const revoked = await certs('status');
		expect(revoked.code).toBe(3);
		expect(revoked.stdout).toMatch(/weather\s+revoked/);
		expect(revoked.stdout).toContain('(stolen)');
		expect(await certsJson('status')).toMatchObject({ exit: 3, error: { code: 'certificate_revoked' } });
	});

	test('names the most serious thing first, and shows all', async () => {
		const authority = createAuthority();
		await store(
			authority,
			daysFromNow(-10, () => issueIdentity(authority, 'old', { days: 3 })),
			daysFromNow(-7, () => issueIdentity(authority, 'soon', { days: 10 })),
			daysFromNow(7, () => issueIdentity(authority, 'early')),
			issueIdentity(authority, 'exposed'),
		);
		if (isPosix) await chmod(join(dir, 'exposed.key'), 0o644);
		const { exit, value, error } = await certsJson('status');
		expect(exit).toBe(3);
		expect(error.code).toBe(isPosix ? 'key_exposed' : 'certificate_expired');
		expect(
			value.certificates.map(({ name, status }: { name: string; status: string }) => [name, status]),
		).toEqual([
			['ca', 'valid'],
			['early', 'not-yet-valid'],
			['exposed', isPosix ? 'unusable' : 'valid'],
			['old', 'expired'],
			['soon', 'expires-soon'],
		]);
		for (const [name, code] of [
			['old', 'certificate_expired'],
			['soon', 'certificate_expires_soon'],
			['early', 'certificate_not_yet_valid'],
		] as const) {
			expect(await certsJson('status', name)).toMatchObject({ exit: 3, error: { code } });
		}
	});
});

test('certs renew renews what is named, tells of each, and exits with the first problem', async () => {
	const authority = createAuthority();
	const old = daysFromNow(-10, () => issueIdentity(authority, 'old', { days: 3 }));
	await store(authority, old, issueIdentity(authority, 'good'));
	expect(await certsJson('renew', 'old')).toMatchObject({
		exit: 0,
		value: { certificates: [{ name: 'old', renewed: true, problem: null }] },
	});
	expect(await readFile(join(dir, 'old.key'), 'utf8')).toBe(old.privateKeyPem);
	expect(await certsJson('renew', 'old', '--days', '90', '--new-key')).toMatchObject({ exit: 0 });
	expect(await readFile(join(dir, 'old.key'), 'utf8')).not.toBe(old.privateKeyPem);
	expect(await certsJson('status', 'old', '--expires-in', '89d')).toMatchObject({ exit: 0 });
	await writeFile(join(dir, 'old.crt'), 'garbage');
	expect(await certsJson('renew', '--all')).toMatchObject({
		exit: 3,
		value: {
			certificates: [
				{ name: 'good', renewed: true },
				{ name: 'old', renewed: false },
			],
		},
		error: { code: 'certificate_invalid' },
	});
	for (const args of [[], ['--all', 'good'], ['../x'], ['ca']]) {
		expect({ args, code: (await certs('renew', ...args)).code }).toEqual({ args, code: 2 });
	}
});

test('certs rotate and --finish, and what is wrong at each point', async () => {
	await certs('init');
	await certs('issue', 'weather');
	expect(await certsJson('rotate', '--finish')).toMatchObject({
		exit: 2,
		error: { code: 'rotation_conflict' },
	});
	const before = (await certsJson('show', 'ca')).value.certificate.fingerprint;
	const started = await certsJson('rotate', '--overlap', '7d');
	expect(started).toMatchObject({
		exit: 0,
		value: { action: 'started', previous: before, certificates: [{ name: 'weather', renewed: true }] },
	});
	expect(Date.parse(started.value.endsAt)).toBeLessThanOrEqual(Date.now() + 7 * 86_400_000);
	const status = await certs('status');
	expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining('is being rotated') });
	expect(await certsJson('rotate')).toMatchObject({ exit: 2, error: { code: 'rotation_conflict' } });
	expect(await certsJson('rotate', '--finish')).toMatchObject({
		exit: 0,
		value: { action: 'finished', endsAt: null, certificates: [] },
	});
	expect((await certsJson('status')).value.rotation).toBeNull();
	expect((await certs('rotate', '--finish', '--overlap', '1d')).code).toBe(2);
});

describe('certs export and import', () => {
	test('take a certificate to another machine, and no more than that', async () => {
		await certs('init');
		await certs('issue', 'laptop');
		const file = join(dir, '..', 'laptop.pem');
		expect(await certsJson('export', 'laptop', '--out', file)).toMatchObject({
			exit: 0,
			value: { key: true },
		});
		if (isPosix) expect((await stat(file)).mode & 0o777).toBe(0o600);
		expect((await certsJson('export', 'laptop', '--out', file)).error.code).toBe('certificate_exists');
		const text = await readFile(file, 'utf8');
		expect(text.match(/BEGIN [A-Z ]+/g)).toEqual([
			'BEGIN CERTIFICATE',
			'BEGIN PRIVATE KEY',
			'BEGIN CERTIFICATE',
		]);
		expect(text).not.toContain((await readFile(join(dir, 'ca.key'), 'utf8')).split('\n')[1]);

		const there = ['--certs-dir', join(dir, '..', 'there')];
		expect(await runCli(['certs', 'import', file, ...there])).toMatchObject({ code: 0, stderr: '' });
		expect((await readdir(join(dir, '..', 'there'))).sort()).toEqual(['ca.crt', 'laptop.crt', 'laptop.key']);
		const { stdout } = await runCli(['certs', 'status', '--json', ...there]);
		expect(JSON.parse(stdout)).toMatchObject({ ok: true, certificates: [{}, { renewal: 'elsewhere' }] });
		expect((await runCli(['certs', 'import', file, ...there])).code).toBe(2);
		expect((await runCli(['certs', 'import', file, '--force', ...there])).code).toBe(0);
		if (isPosix) {
			await chmod(file, 0o644);
			expect((await runCli(['certs', 'import', file, '--force', ...there])).stderr).toContain('chmod 600');
		}
	});

	test('write to stdout, with the key only where that is no terminal, and never the key of the authority', async () => {
		await certs('init');
		await certs('issue', 'laptop');
		const whole = await certs('export', 'laptop', '--out', '-');
		expect(whole.stdout.match(/PRIVATE KEY/g)).toHaveLength(2);
		expect((await certs('export', 'laptop', '--public', '--out', '-')).stdout).not.toContain('PRIVATE');
		expect((await certs('export', 'ca', '--public', '--out', '-')).stdout).toBe(
			await readFile(join(dir, 'ca.crt'), 'utf8'),
		);
		expect((await certs('export', 'ca', '--out', '-')).code).toBe(2);
		expect((await certs('export', 'laptop', '--out', '-', '--json')).code).toBe(2);
		expect((await certs('export', 'absent', '--out', '-')).code).toBe(3);
		expect((await certs('import', join(dir, 'laptop.crt'))).code).toBe(3);
	});
});

describe('against a server that runs', () => {
	test('a revocation is in force at once, told on both sides, and can be undone; a rotation needs no restart', async () => {
		const env = { ORCHESTRA_CERTS_DIR: dir, ORCHESTRA_CACHE_DIR: join(dir, '..', 'cache') };
		const listen = ['--listen', 'quic://127.0.0.1:0', '--listen', 'tcp://127.0.0.1:0'];
		await using server = new RunningCli(
			['serve', 'test/commands/fixtures/kitchen.ts', ...listen, '--json', '-v'],
			{
				env,
			},
		);
		const [ready] = await server.until(/^.*"event":"ready".*$/m);
		const { addresses } = JSON.parse(ready) as { addresses: string[] };
		const call = (address: string, certsDir = dir) =>
			runCli(['call', address, 'greet', 'name=Ada', '--json', '--certs-dir', certsDir]);
		// Another machine: it has a certificate, and neither the list nor the key of the authority.
		expect((await certs('issue', 'laptop')).code).toBe(0);
		const elsewhere = join(dir, '..', 'elsewhere');
		expect((await certs('issue', 'cli', '--force')).code).toBe(0);
		const bundle = join(dir, '..', 'cli.pem');
		expect((await certs('export', 'cli', '--out', bundle)).code).toBe(0);
		expect((await runCli(['certs', 'import', bundle, '--certs-dir', elsewhere])).code).toBe(0);
		for (const address of addresses) expect((await call(address, elsewhere)).code, address).toBe(0);

		expect((await certs('revoke', 'cli', '--reason', 'stolen')).code).toBe(0);
		for (const address of addresses) {
			await expect.poll(async () => (await call(address, elsewhere)).code).toBe(3);
			const { stderr } = await call(address, elsewhere);
			expect(JSON.parse(stderr).error).toMatchObject({
				code: 'certificate_revoked',
				hint: expect.any(String),
			});
			// The caller on this machine hears it before anything is sent.
			expect(JSON.parse((await call(address)).stderr).error).toMatchObject({ code: 'certificate_revoked' });
		}
		await server.until(/refused cli at .*revoked/);
		expect((await certs('revoke', 'cli', '--undo')).code).toBe(0);
		for (const address of addresses) {
			await expect.poll(async () => (await call(address)).code).toBe(0);
			expect((await call(address, elsewhere)).code).toBe(3);
		}
		expect((await certs('rotate')).code).toBe(0);
		for (const address of addresses) expect((await call(address)).code).toBe(0);
		expect((await certs('rotate', '--finish')).code).toBe(0);
		for (const address of addresses) {
			await expect.poll(async () => (await call(address)).code).toBe(0);
			// It still shows what leads to the former authority, which only the caller trusts by now.
			await expect.poll(async () => (await call(address, elsewhere)).code).toBe(4);
			expect(JSON.parse((await call(address, elsewhere)).stderr).error.code).toMatch(
				/^peer_(rejected|untrusted)$/,
			);
		}
	});

	test.skipIf(!isPosix)(
		'a caller whose own certificate cannot be used hears why, on either carrier',
		async () => {
			const authority = createAuthority();
			const foreign = issueIdentity(createAuthority(), 'cli');
			const cases: [string, Identity, number][] = [
				['certificate_expired', daysFromNow(-10, () => issueIdentity(authority, 'cli', { days: 3 })), 3],
				['certificate_not_yet_valid', daysFromNow(10, () => issueIdentity(authority, 'cli')), 3],
				['certificate_untrusted', foreign, 3],
			];
			for (const [code, identity, exit] of cases) {
				dir = await temporaryDir();
				await store(authority, identity);
				// Without the key of the authority nothing mends itself.
				await writeFile(join(dir, 'ca.key'), '');
				await chmod(join(dir, 'ca.key'), 0o000);
				for (const address of ['quic://127.0.0.1:9', 'tcp://127.0.0.1:9']) {
					const { code: exited, stderr } = await runCli(['call', address, 'x', '--json', '--certs-dir', dir]);
					const { error } = JSON.parse(stderr);
					if (code === 'certificate_not_yet_valid') expect(error.code, stderr).toBe(code);
					expect(error.code, stderr).toMatch(/^certificate_/);
					expect(error.hint).toBeTruthy();
					expect(exited).toBe(exit);
				}
			}
			dir = await temporaryDir();
			await store(authority, issueIdentity(authority, 'cli'));
			await chmod(join(dir, 'cli.key'), 0o644);
			for (const address of ['quic://127.0.0.1:9', 'tcp://127.0.0.1:9']) {
				const { code, stderr } = await runCli(['call', address, 'x', '--json', '--certs-dir', dir]);
				expect(JSON.parse(stderr).error).toMatchObject({
					code: 'key_exposed',
					hint: expect.stringContaining('chmod 600'),
				});
				expect(code).toBe(3);
			}
		},
	);
});
