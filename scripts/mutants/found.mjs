// What earlier runs found out about the breaks of a folder.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export class Found {
	#copy;
	#file;
	#results = {};

	constructor(copy, file) {
		this.#copy = copy;
		this.#file = file;
		if (existsSync(file)) this.#results = JSON.parse(readFileSync(file, 'utf8'));
	}

	/** Tells whether a break is still the one that was tried. */
	#key(mutant) {
		const { breaks, file, from, to } = mutant;
		return createHash('sha256')
			.update(JSON.stringify([breaks, file, from, to, this.#copy.sourceKey(file)]))
			.digest('hex');
	}

	/** What was found where neither the break, nor its file, nor the tests that decided have changed since. */
	get(mutant, suite) {
		const result = this.#results[this.#key(mutant)];
		if (!result) return undefined;
		const decided = result.noticed ? [result.by.file] : suite;
		if (!decided.every((file) => existsSync(this.#copy.path(file)))) return undefined;
		return result.tests === this.#copy.testsKey(decided) ? result : undefined;
	}

	/** Before the break is made. */
	add(mutant, suite, result) {
		const tests = this.#copy.testsKey(result.noticed ? [result.by.file] : suite);
		this.#results[this.#key(mutant)] = { ...result, tests };
		mkdirSync(dirname(this.#file), { recursive: true });
		writeFileSync(this.#file, JSON.stringify(this.#results));
	}
}
