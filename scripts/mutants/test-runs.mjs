// The runs of single test files in a copy of the project.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const server = fileURLToPath(new URL('test-server.mjs', import.meta.url));

/** What a failure says that may only mean that the machine had no time. */
const looksLate = /time[d ]?-? ?out|did not (end|succeed)|in time\b|ETIMEDOUT|deadline|within \d/i;

/** Milliseconds for a test that does not say how long it takes: what a break makes hang shall not cost half a minute. */
const usualTestTimeoutMs = 8000;

export class TestRuns {
	#folder;
	#child;
	#changed = new Set();

	constructor(folder) {
		this.#folder = folder;
		process.once('exit', () => this.close());
	}

	/** A source was broken or mended. */
	changed(file) {
		this.#changed.add(file);
	}

	/** Ends Vitest, its workers too. */
	close() {
		const child = this.#child;
		this.#child = undefined;
		if (!child) return;
		try {
			process.kill(-child.pid, 'SIGKILL');
		} catch {
			// It has ended.
		}
	}

	async #server() {
		if (this.#child) return this.#child;
		const child = fork(server, [this.#folder], {
			cwd: this.#folder,
			detached: true,
			stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
		});
		let said = '';
		child.stderr?.on('data', (chunk) => {
			said = (said + chunk).slice(-4000);
		});
		child.once('exit', () => {
			if (this.#child === child) this.#child = undefined;
			child.emit('message', { tests: [], errors: [`the tests could not be run: ${said}`] });
		});
		this.#child = child;
		const [word] = await once(child, 'message');
		if (word !== 'ready') throw new Error(word.errors[0]);
		return child;
	}

	/**
	 * Runs one test file: all of it, or the tests whose names a pattern matches.
	 *
	 * @returns `{ passed, failed, ms }`, what passed, by name and time, and what failed; `hung` where it had to be given up
	 */
	async run(file, { names, bail = true, testTimeoutMs = usualTestTimeoutMs, timeoutMs }) {
		const child = await this.#server();
		const begin = performance.now();
		const answer = once(child, 'message');
		child.send({ file, names, bail, testTimeoutMs, changed: [...this.#changed] });
		this.#changed.clear();
		let timer;
		const late = new Promise((resolve) => {
			timer = setTimeout(() => resolve(undefined), timeoutMs);
		});
		const answered = await Promise.race([answer, late]);
		clearTimeout(timer);
		const ms = performance.now() - begin;
		if (!answered) {
			this.close();
			return { passed: [], failed: [{ file, name: '', late: true }], hung: true, ms };
		}
		const [{ tests, errors }] = answered;
		const failed = tests
			.filter(({ state }) => state === 'failed')
			.map(({ name, message }) => ({ file, name, message, late: looksLate.test(message) }));
		// An error outside of the tests: in a hook, or while the file is loaded.
		if (failed.length === 0 && errors.length > 0) {
			failed.push({ file, name: '', message: errors[0], late: looksLate.test(errors[0]) });
		}
		const passed = tests.filter(({ state }) => state === 'passed').map(({ name, ms }) => [name, ms]);
		return { passed, failed, ms };
	}
}
