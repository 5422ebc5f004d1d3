import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { natsServerProgram, startNats, startNatsCluster } from '../support/nats-server.ts';
import { projectRoot } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const scratch = scratchFolder('nats-test');
const certsDir = join(scratch, 'certs');

/** What the server answers to somebody who connects: `PONG`, or why not. */
async function greet(port: number, identity: Identity, withCertificate = true): Promise<string> {
	const socket = connect(port, '127.0.0.1');
	await once(socket, 'data');
	const own = withCertificate ? { cert: identity.certificatePem, key: identity.privateKeyPem } : {};
	const tls = connectTls({ socket, host: '127.0.0.1', ca: identity.caPem, ...own });
	try {
		return await new Promise((resolve, reject) => {
			let text = '';
			tls.setEncoding('utf8').on('data', (piece: string) => {
				text += piece;
				const found = /PONG|-ERR[^\r\n]*/.exec(text);
				if (found) resolve(found[0]);
			});
			tls.once('error', reject).once('close', () => reject(new Error(`it closed after ${text}`)));
			tls.write('CONNECT {"verbose":false}\r\nPING\r\n');
		});
	} finally {
		tls.destroy();
		socket.destroy();
	}
}

describe.skipIf(natsServerProgram() === undefined)('a server for tests (with nats-server)', () => {
	expectNothingLeftBehind();

	it('knows whoever has a certificate by its name, and nobody else', async () => {
		const [known, stranger] = await Promise.all([
			ensureIdentity(certsDir, 'node-a'),
			ensureIdentity(certsDir, 'node-z'),
		]);
		await using server = await startNats({ certsDir, users: ['node-a'] });
		expect(await greet(server.port, known)).toBe('PONG');
		expect(await greet(server.port, stranger)).toMatch(/Authorization Violation/);
		await expect(greet(server.port, known, false)).rejects.toThrow();
	});

	it('is killed and started again on its port', async () => {
		const identity = await ensureIdentity(certsDir, 'node-a');
		await using server = await startNats({ certsDir, users: ['node-a'] });
		const { port, pid } = server;
		await server.kill();
		expect(server.runs).toBe(false);
		await server.start();
		expect(server.port).toBe(port);
		expect(server.pid).not.toBe(pid);
		expect(await greet(port, identity)).toBe('PONG');
	});

	it('says why it does not start', async () => {
		await expect(startNats({ certsDir, users: [], more: 'nonsense {' })).rejects.toThrow(
			/did not start:.*\S/s,
		);
	});

	it('forms a whole with two others', async () => {
		const identity = await ensureIdentity(certsDir, 'node-a');
		await using servers = await startNatsCluster({ certsDir, users: ['node-a'] });
		for (const { port } of servers.all) expect(await greet(port, identity)).toBe('PONG');
	}, 120_000);

	it('ends with the process that started it', async () => {
		const program = `
			const { startNats } = await import(${JSON.stringify(join(projectRoot, 'test/support/nats-server.ts'))});
			const server = await startNats({ certsDir: ${JSON.stringify(certsDir)}, users: [] });
			console.log(server.pid);
		`;
		const holder = spawn('npx', ['deno', 'eval', program], { cwd: projectRoot, detached: true });
		let printed = '';
		holder.stdout.setEncoding('utf8').on('data', (text: string) => {
			printed += text;
		});
		let complaints = '';
		holder.stderr.setEncoding('utf8').on('data', (text: string) => {
			complaints += text;
		});
		await waitUntil(() => /^\d+\n/.test(printed) || holder.exitCode !== null, 60_000);
		const pid = Number(printed);
		expect(pid, complaints).toBeGreaterThan(0);
		process.kill(-(holder.pid as number), 'SIGKILL');
		await waitUntil(() => {
			try {
				process.kill(pid, 0);
				return false;
			} catch {
				return true;
			}
		}, 30_000);
	}, 120_000);
});
