// What the tests say of the sources as they are: a break is noticed only by a test that passes there.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Milliseconds for a test file, where nothing is known of it yet. */
const firstTimeoutMs = 90_000;

export class Baseline {
	#copy;
	#runs;
	#file;
	#known = {};

	constructor(copy, runs, file) {
		this.#copy = copy;
		this.#runs = runs;
		this.#file = file;
		if (existsSync(file)) this.#known = JSON.parse(readFileSync(file, 'utf8'));
	}

	#key(file) {
		return `${this.#copy.sourcesKey} ${this.#copy.testsKey([file])}`;
	}

	#of(file) {
		const known = this.#known[file];
		return known?.key === this.#key(file) ? known : undefined;
	}

	/** Milliseconds that a file may take while something is broken. */
	timeoutMs(file) {
		const ms = this.#known[file]?.ms;
		return ms === undefined ? firstTimeoutMs : Math.max(45_000, 5 * ms);
	}

	/** How long a file takes, as far as that is known. */
	ms(file) {
		return this.#known[file]?.ms ?? 5000;
	}

	/** Whether a test passes on the sources as they are, which have to be there now. */
	async passes(file, name) {
		let known = this.#of(file);
		if (!known) {
			const { passed, failed, ms } = await this.#runs.run(file, {
				bail: false,
				timeoutMs: 2 * firstTimeoutMs,
			});
			known = { key: this.#key(file), ms: Math.round(ms), passed, failed: failed.map((each) => each.name) };
			this.#known[file] = known;
			mkdirSync(dirname(this.#file), { recursive: true });
			writeFileSync(this.#file, JSON.stringify(this.#known));
		}
		// An error outside of the tests has no name: then none may fail.
		return name === '' ? known.failed.length === 0 && known.passed.length > 0 : known.passed.includes(name);
	}
}
