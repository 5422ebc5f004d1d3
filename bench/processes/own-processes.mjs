// Every process that the harness has started and that may still run: only these are ever ended.
import { spawn } from 'node:child_process';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * Starts a process that ends with this one.
 *
 * @param {readonly string[]} command
 * @param {import('node:child_process').SpawnOptions} options
 */
export function start([program = '', ...args], options) {
	const child = spawn(program, args, options);
	running.add(child);
	// Not `close`: a grandchild may keep the pipes open.
	child.once('exit', () => running.delete(child));
	child.once('error', () => running.delete(child));
	return child;
}

/**
 * Resolves when a process has ended; after `graceMs` it is killed.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} graceMs
 * @returns {Promise<void>}
 */
export function endWithin(child, graceMs) {
	if (!running.has(child)) return Promise.resolve();
	return new Promise((resolve) => {
		const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
		child.once('exit', () => {
			clearTimeout(timer);
			resolve();
		});
	});
}

/** For the end of the harness, however it comes. */
export function killAll() {
	for (const child of running) child.kill('SIGKILL');
}
