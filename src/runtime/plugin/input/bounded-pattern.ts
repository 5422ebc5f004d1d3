import { type Context, createContext, Script } from 'node:vm';

/** Milliseconds of processor time that the patterns of a schema may take of one check of arguments, all of them together. */
const budgetMs = 100;

/** Milliseconds that a machine which is busy elsewhere may make one pattern take. */
const longestMs = 1_000;

/** Ways to read a text that are tried without a deadline: a millisecond, more or less. */
const mostWays = 100_000;

/** Ends a check of arguments whose pattern takes too long. */
export class PatternTooSlow extends Error {
	override name = 'PatternTooSlow';
}

let spentMs = 0;

/** Gives the patterns their time anew. Called before each check of arguments, which is synchronous. */
export function renewPatternBudget(): void {
	spentMs = 0;
}

/** A pattern that may backtrack, under a deadline. Texts that it reads in little time whatever is in them go without one, which costs 0.1 ms. */
export class BoundedPattern {
	readonly #regExp: RegExp;
	/** Number of its parts that repeat; infinite where a repetition may be in another. */
	readonly #repetitions: number;

	constructor(regExp: RegExp) {
		this.#regExp = regExp;
		this.#repetitions = repetitionsOf(regExp.source);
	}

	/** Text by which the compiler of schemas knows one pattern from another. */
	toString(): string {
		return String(this.#regExp);
	}

	/** Whether a text fits. @throws PatternTooSlow where that took too long to find out */
	test(text: string): boolean {
		if ((text.length + 1) ** this.#repetitions <= mostWays) return this.#regExp.test(text);
		const startedAt = performance.now();
		const before = processorMs();
		try {
			for (;;) {
				try {
					return testWithin(this.#regExp, text, Math.max(1, Math.ceil(budgetMs - spentMs)));
				} catch (error) {
					if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
					// The deadline is the clock's: where this process did not run meanwhile, the pattern did not either.
					const isSlow = spentMs + processorMs() - before > budgetMs / 2;
					if (isSlow || performance.now() - startedAt > longestMs) throw this.#tooSlow(text, error);
				}
			}
		} finally {
			spentMs += processorMs() - before;
		}
	}

	#tooSlow(text: string, cause: unknown): PatternTooSlow {
		const what = `the pattern ${this.#regExp.source} takes more than ${budgetMs} ms to be held against a text of ${text.length} characters`;
		return new PatternTooSlow(what, { cause });
	}
}

/** Milliseconds of processor time that this process has used. */
function processorMs(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}

/** Number of a pattern's parts that repeat, one more where it may begin anywhere; infinite where groups repeat, or are repeated by a reference. */
function repetitionsOf(source: string): number {
	let count = source.startsWith('^') ? 0 : 1;
	for (const [part] of source.matchAll(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\)[*+?{]|\(\?|[*+?{]/g)) {
		if (part.startsWith(')') || /^\\[1-9k]/.test(part)) return Number.POSITIVE_INFINITY;
		if (/^[*+?{]/.test(part)) count++;
	}
	return count;
}

let sandbox: { readonly context: Context; readonly script: Script } | undefined;

/** The only way in which both Node and Deno end an expression that is being held against a text. */
function testWithin(regExp: RegExp, text: string, timeout: number): boolean {
	sandbox ??= { context: createContext({}), script: new Script('regExp.test(text)') };
	const { context, script } = sandbox;
	context.regExp = regExp;
	context.text = text;
	try {
		return script.runInContext(context, { timeout }) as boolean;
	} finally {
		context.regExp = undefined;
		context.text = undefined;
	}
}
