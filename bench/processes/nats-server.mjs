import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pluginId } from '../workload.mjs';
import { natsClientPort, natsServerProgram } from './nats-program.mjs';
import { OutputTail } from './output-tail.mjs';
import { endWithin, start } from './own-processes.mjs';

/** Milliseconds until it listens. */
const readyMs = 20_000;

/**
 * Starts a NATS server on loopback, with the certificate of the servers of this run, which lets in whoever has one of its names.
 *
 * @param {string} certsDir
 * @param {string[]} users names of certificates
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startNatsServer(certsDir, users) {
	const program = natsServerProgram();
	if (!program) throw new Error('there is no nats-server');
	const folder = mkdtempSync(join(tmpdir(), 'orchestra-bench-nats-'));
	const ports = join(folder, 'ports');
	mkdirSync(ports);
	const configuration = join(folder, 'server.conf');
	const file = (/** @type {string} */ name) => JSON.stringify(join(certsDir, name));
	writeFileSync(
		configuration,
		[
			'listen: "127.0.0.1:-1"',
			`tls { cert_file: ${file(`${pluginId}.crt`)}; key_file: ${file(`${pluginId}.key`)}; ca_file: ${file('ca.crt')}; verify_and_map: true }`,
			`jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }`,
			`authorization { users = [${users.map((user) => `{ user: ${JSON.stringify(user)} }`).join(', ')}] }`,
			'',
		].join('\n'),
	);
	const child = start([program, '-c', configuration, '--ports_file_dir', ports], {
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	if (!child.stderr) throw new Error('a server needs pipes');
	const output = new OutputTail(child.stderr);
	const stop = async () => {
		child.kill('SIGKILL');
		await endWithin(child, 0);
		rmSync(folder, { recursive: true, force: true });
	};
	const endsAt = Date.now() + readyMs;
	for (;;) {
		const port = natsClientPort(ports);
		if (port !== undefined) return { url: `tls://127.0.0.1:${port}`, stop };
		if (child.exitCode !== null || Date.now() > endsAt) {
			await stop();
			throw new Error(`nats-server was not ready in time${output}`);
		}
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}
