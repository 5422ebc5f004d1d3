// What the tests say of the sources as they are: a break is noticed only by a test that passes there.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Milliseconds for a test file, where nothing is known of it yet. */
const firstTimeoutMs = 60_000;

/** The key of what is known of a file, or of those of its tests that a pattern matches. */
function entry(file, names) {
	return names === undefined ? file : `${file} ${names}`;
}

export class Baseline {
	#copy;
	#runs;
	#file;
	#known = {};

	constructor(copy, runs, file) {
		this.#copy = copy;
		this.#runs = runs;
		this.#file = file;
		this.#known = this.#read();
	}

	#read() {
		return existsSync(this.#file) ? JSON.parse(readFileSync(this.#file, 'utf8')) : {};
	}

	#key(file) {
		return `${this.#copy.sourcesKey} ${this.#copy.testsKey([file])}`;
	}

	/** Milliseconds that a file, or those of its tests that a pattern matches, may take while something is broken. */
	timeoutMs(file, names) {
		const ms = (this.#known[entry(file, names)] ?? this.#known[file])?.ms;
		return ms === undefined ? firstTimeoutMs : Math.max(40_000, 5 * ms);
	}

	/** How long a file takes, as far as that is known. */
	ms(file) {
		return this.#known[file]?.ms ?? 5000;
	}

	/**
	 * How long a test takes on the sources as they are, which have to be there now; undefined where it does not pass on them. Without
	 * a name: all tests of the file. With a pattern only those run that it matches.
	 */
	async of(file, name, names) {
		const at = entry(file, names);
		let known = this.#known[at];
		if (known?.key !== this.#key(file)) {
			const patience = { testTimeoutMs: 3 * firstTimeoutMs, timeoutMs: 3 * firstTimeoutMs };
			const { passed, failed, ms } = await this.#runs.run(file, { names, bail: false, ...patience });
			known = {
				key: this.#key(file),
				ms: Math.round(ms),
				passed: Object.fromEntries(passed),
				failed: failed.length,
			};
			// Another run may have added to it.
			this.#known = { ...this.#read(), [at]: known };
			mkdirSync(dirname(this.#file), { recursive: true });
			writeFileSync(this.#file, JSON.stringify(this.#known));
		}
		if (name !== '') return known.passed[name] === undefined ? undefined : { ms: known.passed[name] };
		return known.failed === 0 ? { ms: known.ms } : undefined;
	}
}
