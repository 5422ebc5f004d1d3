import { OutputTail } from './output-tail.mjs';
import { start } from './own-processes.mjs';

/**
 * Runs a program to its end, and returns the figures that it prints as JSON. Any exit code but 0 is an error.
 *
 * @param {readonly string[]} command
 * @param {number} deadlineMs
 * @returns {Promise<Record<string, number>>}
 */
export function runForFigures(command, deadlineMs) {
	return new Promise((resolve, reject) => {
		const child = start(command, { stdio: ['ignore', 'pipe', 'pipe'] });
		if (!child.stdout || !child.stderr) throw new Error('a program needs pipes');
		const trouble = new OutputTail(child.stderr);
		let said = '';
		child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ piece) => {
			said += piece;
		});
		const fail = (/** @type {string} */ why) => {
			clearTimeout(timer);
			reject(new Error(`${command.join(' ')} ${why}${trouble}`));
		};
		const timer = setTimeout(() => {
			child.kill('SIGKILL');
			fail(`did not end within ${deadlineMs / 1000} s`);
		}, deadlineMs);
		child.once('error', (error) => fail(`did not start: ${error.message}`));
		child.once('close', (code) => {
			clearTimeout(timer);
			if (code === 0) resolve(JSON.parse(said));
			else fail(`ended with exit code ${code}`);
		});
	});
}
