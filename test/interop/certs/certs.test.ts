import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { inspectCertificate } from '../../../src/runtime/identity/directory/inspect-certificate.ts';
import { loadIdentity } from '../../../src/runtime/identity/directory/load-identity.ts';
import type { Identity } from '../../../src/runtime/identity/identity.ts';
import { ensureIdentity } from '../../../src/runtime/identity/upkeep/ensure-identity.ts';
import { renewIdentities } from '../../../src/runtime/identity/upkeep/renew-identities.ts';
import { finishRotation, rotateAuthority } from '../../../src/runtime/identity/upkeep/rotate-authority.ts';
import { startChild } from '../../identity/fixtures/start-child.ts';
import { temporaryDir } from '../../identity/fixtures/temporary-dir.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const hasGo = spawnSync('go', ['version']).status === 0;

describe.skipIf(!hasGo)('certificates shared with Go', () => {
	const buildDir = scratchFolder('go');
	let program: string;

	beforeAll(async () => {
		program = join(buildDir, 'certs');
		const built = spawnSync('go', ['build', '-o', program, '.'], {
			cwd: fileURLToPath(new URL('.', import.meta.url)),
			env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' },
			encoding: 'utf8',
		});
		if (built.status !== 0) throw new Error(built.stderr);
	});

	function go(mode: string, dir: string, name: string): string {
		const result = spawnSync(program, [mode, dir, name], { encoding: 'utf8' });
		if (result.status !== 0) throw new Error(result.stderr);
		return result.stdout;
	}

	/** What a Go server calls this client, over mutual TLS. */
	async function nameSeenByGo(dir: string, server: string, client: Identity): Promise<string> {
		const child = startChild(program, ['serve', dir, server]);
		try {
			const port = Number(await child.nextLine());
			return await new Promise<string>((resolve, reject) => {
				const { caPem: ca, certificatePem: cert, privateKeyPem: key } = client;
				const socket = connect({ host: '127.0.0.1', port, ca, cert, key, minVersion: 'TLSv1.3' });
				socket.setEncoding('utf8').on('error', reject).on('data', resolve);
			});
		} finally {
			child.process.kill();
		}
	}

	test('Go loads and verifies ours', async () => {
		const dir = await temporaryDir();
		await ensureIdentity(dir, 'tools.features');
		expect(go('check', dir, 'tools.features')).toBe('tools.features Orchestra CA\n');
		expect(await nameSeenByGo(dir, 'tools.features', await ensureIdentity(dir, 'orchestrator'))).toBe(
			'orchestrator\n',
		);
	});

	test('we load those of Go, and issue with its authority', async () => {
		const dir = await temporaryDir();
		await mkdir(dir, { mode: 0o700 });
		go('make', dir, 'tools.features');
		expect((await loadIdentity(dir, 'tools.features')).name).toBe('tools.features');
		expect(await inspectCertificate(dir, 'tools.features')).toMatchObject({
			status: 'valid',
			key: 'matches',
		});
		const ours = await ensureIdentity(dir, 'orchestrator-to-tools.features');
		expect(go('check', dir, 'orchestrator-to-tools.features')).toBe(
			'orchestrator-to-tools.features Orchestra CA\n',
		);
		expect(await nameSeenByGo(dir, 'tools.features', ours)).toBe('orchestrator-to-tools.features\n');
	});

	test('what Go issued is never renewed by itself, but by a command, for as long as before', async () => {
		const dir = await temporaryDir();
		await mkdir(dir, { mode: 0o700 });
		go('make', dir, 'tools.features');
		const made = await loadIdentity(dir, 'tools.features');
		vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 300 * 86_400_000 });
		try {
			expect(await ensureIdentity(dir, 'tools.features')).toEqual(made);
			vi.setSystemTime(Date.now() + 100 * 86_400_000);
			await expect(ensureIdentity(dir, 'tools.features')).rejects.toMatchObject({
				code: 'certificate_expired',
			});
			expect(await readFile(join(dir, 'tools.features.crt'), 'utf8')).toBe(made.certificatePem);
		} finally {
			vi.useRealTimers();
		}
		expect(await renewIdentities(dir, ['tools.features'])).toEqual([
			{ name: 'tools.features', problem: undefined },
		]);
		const renewed = await loadIdentity(dir, 'tools.features');
		expect(renewed.privateKeyPem).toBe(made.privateKeyPem);
		expect(go('check', dir, 'tools.features')).toBe('tools.features Orchestra CA\n');
		// A Go program would take ours for its own and keep it for ever: beside Go they live as long as Go's.
		for (const identity of [renewed, await ensureIdentity(dir, 'orchestrator')]) {
			const { validTo } = new X509Certificate(identity.certificatePem);
			expect(Date.parse(validTo)).toBeGreaterThan(Date.now() + 360 * 86_400_000);
		}
	});

	test('Go loads and verifies what a rotation leaves, with the new authority and its key', async () => {
		const dir = await temporaryDir();
		await mkdir(dir, { mode: 0o700 });
		go('make', dir, 'tools.features');
		await rotateAuthority(dir);
		await ensureIdentity(dir, 'orchestrator');
		for (const name of ['tools.features', 'orchestrator']) {
			expect(go('check', dir, name)).toBe(`${name} Orchestra CA\n`);
		}
		await finishRotation(dir);
		expect(go('check', dir, 'tools.features')).toBe('tools.features Orchestra CA\n');
	});
});
