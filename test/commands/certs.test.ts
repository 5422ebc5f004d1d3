import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import { daysFromNow } from '../identity/fixtures/at-time.ts';
import { temporaryDir } from '../identity/fixtures/temporary-dir.ts';
import { type CliOptions, type CliResult, runCli } from '../support/run-cli.ts';

let dir: string;

beforeEach(async () => {
	dir = await temporaryDir();
});

function certs(args: readonly string[], options?: CliOptions): Promise<CliResult> {
	return runCli(['certs', ...args, '--certs-dir', dir], options);
}

async function certsJson(...args: string[]) {
	const { code, stdout, stderr } = await certs([...args, '--json']);
	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	return JSON.parse(stdout);
}

async function errorOf(...args: string[]) {
	const { code, stdout, stderr } = await certs([...args, '--json']);
	expect(stdout).toBe('');
	return { exit: code, ...JSON.parse(stderr).error };
}

describe('certs', () => {
	test('from an empty directory to a certificate that verifies', async () => {
		const made = await certs(['init']);
		expect(made).toMatchObject({ code: 0, stderr: '' });
		expect(made.stdout).toMatch(
			/^Made the certificate authority in .*certs\. It is valid until \d{4}-\d\d-\d\d\.\n$/,
		);
		const authority = await readFile(join(dir, 'ca.crt'), 'utf8');
		expect((await certs(['init'])).stdout).toContain('is there already');
		expect(await readFile(join(dir, 'ca.crt'), 'utf8')).toBe(authority);

		expect(await certs(['issue', 'tools.features', '--days', '30'])).toMatchObject({
			code: 0,
			stdout: expect.stringMatching(
				/^Issued .*tools\.features\.crt and its key, valid until \d{4}-\d\d-\d\d\.\n$/,
			),
		});
		const list = await certs(['list']);
		expect(list.stdout).toMatch(
			/^name\s+status\s+valid until\s+issuer\s+fingerprint\nca\s+valid\s.*\ntools\.features\s+valid\s/,
		);
		const show = await certs(['show', 'tools.features']);
		expect(show.stdout).toContain('tools.features, localhost, 127.0.0.1, ::1');
		expect(show.stdout).toContain('Orchestra CA');
		expect(await certs(['verify', 'tools.features'])).toMatchObject({
			code: 0,
			stdout: expect.stringMatching(/tools\.features\.crt is good until/),
		});
	});

	test('with --json every key is there every time', async () => {
		const keys = ['name', 'path', 'status', 'key', 'trusted', 'certificate', 'problem'];
		const made = await certsJson('init');
		expect(Object.keys(made)).toEqual(['action', ...keys]);
		expect(made).toMatchObject({
			action: 'created',
			name: 'ca',
			status: 'valid',
			certificate: { isAuthority: true },
		});
		expect(await certsJson('init')).toMatchObject({ action: 'kept' });
		const issued = await certsJson('issue', 'weather');
		expect(Object.keys(issued)).toEqual(keys);
		expect(issued).toMatchObject({
			name: 'weather',
			path: join(dir, 'weather.crt'),
			status: 'valid',
			key: 'matches',
			trusted: true,
			problem: null,
			certificate: {
				name: 'weather',
				issuer: 'Orchestra CA',
				fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
				alternativeNames: ['weather', 'localhost', '127.0.0.1', '::1'],
			},
		});
		expect(await certsJson('show', 'weather')).toEqual(issued);
		expect(await certsJson('verify', 'weather')).toEqual(issued);
		const { action, ...authority } = await certsJson('init', '--renew');
		expect(action).toBe('renewed');
		expect(await certsJson('list')).toEqual({ certsDir: dir, certificates: [authority, issued] });
	});

	test('issue leaves what is there alone, unless it is forced', async () => {
		await certs(['init']);
		const first = await certsJson('issue', 'weather');
		expect(await errorOf('issue', 'weather')).toMatchObject({ exit: 2, code: 'certificate_exists' });
		expect(await certsJson('show', 'weather')).toEqual(first);
		const second = await certsJson('issue', 'weather', '--force');
		expect(second.certificate.serial).not.toBe(first.certificate.serial);
	});

	test('a directory without certificates is an empty list, one that is not there an error', async () => {
		expect(await errorOf('list')).toMatchObject({
			exit: 3,
			code: 'certs_dir_unusable',
			hint: `Run: orchestra certs init --certs-dir ${dir}.`,
		});
		await mkdir(dir, { mode: 0o700 });
		expect(await certsJson('list')).toEqual({ certsDir: dir, certificates: [] });
		expect(await certs(['list'])).toMatchObject({
			code: 0,
			stdout: '',
			stderr: expect.stringContaining('no certificates'),
		});
		expect(await errorOf('issue', 'weather')).toMatchObject({ exit: 3, code: 'certificate_missing' });
	});

	test('verify exits with 3 and says why', async () => {
		await mkdir(dir, { mode: 0o700 });
		const authority = createAuthority();
		const files: Record<string, string> = {
			'ca.crt': authority.certificatePem,
			'ca.key': authority.privateKeyPem,
		};
		for (const leaf of [
			daysFromNow(-10, () => issueIdentity(authority, 'old', { days: 3 })),
			daysFromNow(-7, () => issueIdentity(authority, 'soon', { days: 10 })),
			issueIdentity(createAuthority(), 'foreign'),
			issueIdentity(authority, 'exposed'),
		]) {
			files[`${leaf.name}.crt`] = leaf.certificatePem;
			files[`${leaf.name}.key`] = leaf.privateKeyPem;
		}
		for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text, { mode: 0o600 });
		await chmod(join(dir, 'exposed.key'), 0o644);

		const old = await certs(['verify', 'old']);
		expect(old).toMatchObject({ code: 3, stdout: '' });
		expect(old.stderr).toMatch(
			/^error the certificate .*old\.crt expired at .*\n→ Run: orchestra certs issue old --force /,
		);
		expect(await errorOf('verify', 'foreign')).toMatchObject({ exit: 3, code: 'certificate_untrusted' });
		expect(await errorOf('verify', 'absent')).toMatchObject({ exit: 3, code: 'certificate_missing' });
		expect((await certs(['verify', 'soon'])).stdout).toContain('but only until');
		if (process.platform !== 'win32') {
			expect(await errorOf('verify', 'exposed')).toMatchObject({ exit: 3, code: 'key_exposed' });
		}

		// Looking is no failure.
		const { certificates } = await certsJson('list');
		expect(certificates.map(({ name, status }: { name: string; status: string }) => [name, status])).toEqual([
			['ca', 'valid'],
			['exposed', process.platform === 'win32' ? 'valid' : 'unusable'],
			['foreign', 'untrusted'],
			['old', 'expired'],
			['soon', 'expires-soon'],
		]);
		expect(await certsJson('show', 'old')).toMatchObject({
			status: 'expired',
			problem: { code: 'certificate_expired' },
		});
		expect((await certs(['list'])).stdout).toContain('✖ the certificate');
	});

	test('a command line that is wrong exits with 2', async () => {
		for (const args of [
			['issue'],
			['issue', '../x'],
			['issue', 'ca'],
			['issue', 'x', '--days', '0'],
			['show'],
			['verify', '-x'],
		]) {
			expect({ args, code: (await certs(args)).code }).toEqual({ args, code: 2 });
		}
		await expect(stat(dir)).rejects.toMatchObject({ code: 'ENOENT' });
	});

	test('the directory comes from the environment too, and no output holds a private key', async () => {
		const env = { ORCHESTRA_CERTS_DIR: dir };
		for (const args of [
			['init'],
			['issue', 'weather'],
			['show', 'weather', '--json'],
			['list'],
			['verify', 'weather'],
		]) {
			const { code, stdout, stderr } = await runCli(['certs', ...args], { env });
			const secret = (await readFile(join(dir, 'ca.key'), 'utf8')).split('\n')[1] ?? '';
			expect({ args, code }).toEqual({ args, code: 0 });
			expect(stdout + stderr).not.toContain(secret);
			expect(stdout + stderr).not.toContain('PRIVATE KEY');
		}
	});

	test('works on Deno', async () => {
		expect(await certs(['init', '--json'], { runtime: 'deno' })).toMatchObject({ code: 0 });
		expect(await certs(['issue', 'weather'], { runtime: 'deno' })).toMatchObject({ code: 0 });
		const { stdout } = await certs(['show', 'weather', '--json'], { runtime: 'deno' });
		expect(JSON.parse(stdout)).toEqual(await certsJson('show', 'weather'));
	});
});
