import { createInterface } from 'node:readline';
import { OutputTail } from './output-tail.mjs';
import { endWithin, start } from './own-processes.mjs';

/** Milliseconds from the end of its stdin to SIGKILL. */
const stopMs = 3_000;

/** A client that is asked for operations, one at a time. */
export class ClientProcess {
	/** @type {import('node:child_process').ChildProcess} */
	#child;
	#output;
	/** @type {{ resolve(result: Record<string, number>): void, reject(error: Error): void } | undefined} */
	#waiting;
	#over = false;

	/** @param {readonly string[]} command */
	constructor(command) {
		this.#child = start(command, { stdio: ['pipe', 'pipe', 'pipe'] });
		const { stdin, stdout, stderr } = this.#child;
		if (!stdin || !stdout || !stderr) throw new Error('a client needs pipes');
		this.#output = new OutputTail(stderr);
		stdin.on('error', () => {});
		createInterface({ input: stdout }).on('line', (line) => this.#answer(line));
		this.#child.once('error', (error) => this.#fail(`did not start: ${error.message}`));
		this.#child.once('exit', () => {
			this.#over = true;
		});
		// Not `exit`: its last words are still to be read.
		this.#child.once('close', (code, signal) => {
			this.#fail(signal ? `was ended by ${signal}` : `ended with exit code ${code}`);
		});
	}

	get pid() {
		return this.#child.pid;
	}

	/**
	 * Where there is no answer in time the process is ended: nothing is known of its state.
	 *
	 * @param {string} op
	 * @param {Record<string, number>} params
	 * @param {number} deadlineMs
	 * @returns {Promise<Record<string, number>>}
	 */
	ask(op, params, deadlineMs) {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				this.#fail(`did not answer ${op} within ${Math.round(deadlineMs / 1000)} s`);
				this.#child.kill('SIGKILL');
			}, deadlineMs);
			this.#waiting = {
				resolve: (result) => {
					clearTimeout(timer);
					resolve(result);
				},
				reject: (error) => {
					clearTimeout(timer);
					reject(error);
				},
			};
			if (this.#over) this.#fail('has ended');
			else this.#child.stdin?.write(`${JSON.stringify({ op, params })}\n`);
		});
	}

	async stop() {
		this.#child.stdin?.end();
		await endWithin(this.#child, stopMs);
	}

	/** @param {string} line */
	#answer(line) {
		const waiting = this.#waiting;
		this.#waiting = undefined;
		const { result, error } = JSON.parse(line);
		if (error === undefined) waiting?.resolve(result);
		else waiting?.reject(new Error(error));
	}

	/** @param {string} why */
	#fail(why) {
		const waiting = this.#waiting;
		this.#waiting = undefined;
		waiting?.reject(new Error(`the client ${why}${this.#output}`));
	}
}
