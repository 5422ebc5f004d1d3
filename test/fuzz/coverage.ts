import { Session } from 'node:inspector';

interface FunctionCoverage {
	readonly ranges: readonly { startOffset: number; endOffset: number; count: number }[];
}

interface Taken {
	readonly result: readonly { url: string; functions: readonly FunctionCoverage[] }[];
}

/** Tells which parts of one script have run, by V8's own counters: no instrumented copy, and no tool to install. */
export class Coverage {
	readonly #session = new Session();
	readonly #url: string;
	/** One byte for each character of the script: whether it has run. */
	#seen = new Uint8Array(0);
	/** Where code has run for the first time, by the last look. */
	#fresh: number[] = [];
	/** Characters of the script that have run. */
	covered = 0;

	/** @param url of the script, as `import.meta.url` gives it */
	constructor(url: string) {
		this.#url = url;
		this.#session.connect();
		this.#session.post('Profiler.enable');
		this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
	}

	/** Whether anything has run since the last look that is not {@link keep}t. */
	look(): boolean {
		let taken: Taken | undefined;
		// It answers before it returns: the session is with this very thread.
		this.#session.post('Profiler.takePreciseCoverage', (_error, answer) => {
			taken = answer;
		});
		this.#fresh = [];
		for (const script of taken?.result ?? []) {
			if (script.url === this.#url) for (const { ranges } of script.functions) this.#compare(ranges);
		}
		return this.#fresh.length > 0;
	}

	/** Counts what the last look has found as seen. */
	keep(): void {
		for (const at of this.#fresh) this.#seen[at] = 1;
		this.covered += this.#fresh.length;
		this.#fresh = [];
	}

	#compare(ranges: FunctionCoverage['ranges']): void {
		const [whole] = ranges;
		if (!whole) return;
		if (this.#seen.length < whole.endOffset) {
			const larger = new Uint8Array(whole.endOffset * 2);
			larger.set(this.#seen);
			this.#seen = larger;
		}
		// The first range is the function, the others lie within the ones before them and overrule them.
		const start = whole.startOffset;
		const ran = new Uint8Array(whole.endOffset - start);
		for (const { startOffset, endOffset, count } of ranges) {
			ran.fill(count > 0 ? 1 : 0, startOffset - start, endOffset - start);
		}
		for (let i = 0; i < ran.length; i++) {
			if (ran[i] && !this.#seen[start + i]) this.#fresh.push(start + i);
		}
	}
}
