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
	/** Characters of the script that have run. */
	covered = 0;

	/** @param url of the script, as `import.meta.url` gives it */
	constructor(url: string) {
		this.#url = url;
		this.#session.connect();
		this.#session.post('Profiler.enable');
		this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
	}

	/** Whether anything has run since the last time that never ran before. */
	news(): boolean {
		let taken: Taken | undefined;
		// It answers before it returns: the session is with this very thread.
		this.#session.post('Profiler.takePreciseCoverage', (_error, answer) => {
			taken = answer;
		});
		const before = this.covered;
		for (const script of taken?.result ?? []) {
			if (script.url === this.#url) for (const { ranges } of script.functions) this.#add(ranges);
		}
		return this.covered > before;
	}

	#add(ranges: FunctionCoverage['ranges']): void {
		const [whole] = ranges;
		if (!whole) return;
		if (this.#seen.length < whole.endOffset) {
			const larger = new Uint8Array(whole.endOffset * 2);
			larger.set(this.#seen);
			this.#seen = larger;
		}
		// The first range is the function, the others lie within the ones before them and overrule them.
		const ran = new Uint8Array(whole.endOffset - whole.startOffset);
		for (const { startOffset, endOffset, count } of ranges) {
			ran.fill(count > 0 ? 1 : 0, startOffset - whole.startOffset, endOffset - whole.startOffset);
		}
		for (let i = 0; i < ran.length; i++) {
			if (!ran[i] || this.#seen[whole.startOffset + i]) continue;
			this.#seen[whole.startOffset + i] = 1;
			this.covered++;
		}
	}
}
