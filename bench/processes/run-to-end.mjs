import { OutputTail } from './output-tail.mjs';
import { start } from './own-processes.mjs';

/**
 * Runs a program to its end, and says how many milliseconds it took. Any exit code but 0 is an error.
 *
 * @param {readonly string[]} command
 * @param {number} deadlineMs
 * @returns {Promise<number>}
 */
export function runToEnd(command, deadlineMs) {
	return new Promise((resolve, reject) => {
		const begin = performance.now();
		const child = start(command, { stdio: ['ignore', 'pipe', 'pipe'] });
		if (!child.stdout || !child.stderr) throw new Error('a program needs pipes');
		const output = [new OutputTail(child.stdout), new OutputTail(child.stderr)];
		const fail = (/** @type {string} */ why) => {
			clearTimeout(timer);
			reject(new Error(`${command.join(' ')} ${why}${output.join('')}`));
		};
		const timer = setTimeout(() => {
			child.kill('SIGKILL');
			fail(`did not end within ${deadlineMs / 1000} s`);
		}, deadlineMs);
		child.once('error', (error) => fail(`did not start: ${error.message}`));
		child.once('exit', (code) => {
			const milliseconds = performance.now() - begin;
			if (code === 0) {
				clearTimeout(timer);
				resolve(milliseconds);
			} else child.once('close', () => fail(`ended with exit code ${code}`));
		});
	});
}
