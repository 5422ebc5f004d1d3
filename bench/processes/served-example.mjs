import { createInterface } from 'node:readline';
import { OutputTail } from './output-tail.mjs';
import { endWithin, start } from './own-processes.mjs';

/** Milliseconds from the start to the ready event. */
const readyMs = 20_000;

/** `orchestra serve`, started when its address is first asked for. */
export class ServedExample {
	#command;
	/** @type {import('node:child_process').ChildProcess | undefined} */
	#child;
	/** @type {Promise<string> | undefined} */
	#address;

	/** @param {readonly string[]} command */
	constructor(command) {
		this.#command = command;
	}

	/** @returns {Promise<string>} */
	address() {
		this.#address ??= this.#serve();
		return this.#address;
	}

	async stop() {
		if (!this.#child) return;
		this.#child.kill('SIGTERM');
		await endWithin(this.#child, 3_000);
	}

	/** @returns {Promise<string>} */
	#serve() {
		const child = start(this.#command, { stdio: ['ignore', 'pipe', 'pipe'] });
		this.#child = child;
		const { stdout, stderr } = child;
		if (!stdout || !stderr) throw new Error('a server needs pipes');
		const output = new OutputTail(stderr);
		return new Promise((resolve, reject) => {
			const timer = setTimeout(
				() => reject(new Error(`orchestra serve was not ready in time${output}`)),
				readyMs,
			);
			child.once('error', reject);
			child.once('close', (code) =>
				reject(new Error(`orchestra serve ended with exit code ${code}${output}`)),
			);
			createInterface({ input: stdout }).on('line', (line) => {
				const { event, addresses } = JSON.parse(line);
				if (event !== 'ready') return;
				clearTimeout(timer);
				resolve(addresses[0]);
			});
		});
	}
}
