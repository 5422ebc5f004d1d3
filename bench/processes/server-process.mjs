import { OutputTail } from './output-tail.mjs';
import { endWithin, start } from './own-processes.mjs';

/** Milliseconds from the start of a server to its READY line. */
const readyMs = 20_000;

/** Milliseconds from the end of its stdin, or SIGTERM, to SIGKILL. */
const stopMs = 3_000;

/**
 * @typedef {object} ServerProcess
 * @property {number} pid
 * @property {string} address what stands behind READY
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a server and waits for the line `READY address` on its stderr. It has to end when its stdin does.
 *
 * @param {readonly string[]} command
 * @param {Record<string, string>} env
 * @returns {Promise<ServerProcess>}
 */
export function startServer(command, env = {}) {
	const child = start(command, { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, ...env } });
	const { stdin, stderr } = child;
	if (!stdin || !stderr) throw new Error('a server needs pipes');
	const output = new OutputTail(stderr);
	stdin.on('error', () => {});
	const stop = async () => {
		stdin.end();
		await endWithin(child, stopMs);
	};
	return new Promise((resolve, reject) => {
		const fail = (/** @type {string} */ why) => {
			clearTimeout(timer);
			void stop();
			reject(new Error(`${command.join(' ')} ${why}${output}`));
		};
		const timer = setTimeout(() => fail(`was not ready within ${readyMs / 1000} s`), readyMs);
		child.once('error', (error) => fail(`did not start: ${error.message}`));
		child.once('close', (code) => fail(`ended with exit code ${code} before it was ready`));
		const listen = () => {
			const ready = /^READY (\S+)\n/m.exec(output.text);
			if (!ready) return;
			stderr.off('data', listen);
			clearTimeout(timer);
			resolve({ pid: child.pid ?? 0, address: ready[1] ?? '', stop });
		};
		stderr.on('data', listen);
	});
}
