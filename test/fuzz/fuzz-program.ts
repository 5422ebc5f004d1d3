// Fuzzes one target, and prints what came of it as a line of JSON. Needs --expose-gc.
//   node --expose-gc fuzz-program.mjs <target> <inputs> <seed>
import { Coverage } from './coverage.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';
import { targets } from './targets.ts';
import { Watchdog } from './watchdog.ts';

/** What a run came to. */
export interface FuzzReport {
	readonly target: string;
	readonly seed: number;
	/** Inputs that were run. */
	readonly inputs: number;
	readonly seconds: number;
	/** Inputs that led somewhere new, the seeds included. */
	readonly corpus: number;
	/** Characters of the bundle that have run. */
	readonly covered: number;
	/** Bytes of JS memory by which the second half of the run has grown. */
	readonly heapGrowth: number;
	readonly rssGrowth: number;
	readonly slowestMs: number;
	/** The input that broke a promise, made smaller, and how. */
	readonly crash?: { readonly hex: string; readonly error: string };
}

const batchSize = 200;
/** Inputs that lead somewhere new are few; this is a bound, not an aim. */
const maxCorpus = 5000;

const [name = '', count = '1000', seedText = '1'] = process.argv.slice(2);
const seed = Number(seedText);
const makeTarget = targets[name];
if (!makeTarget) throw new Error(`no target ${name}: there are ${Object.keys(targets).join(', ')}`);
const target = await makeTarget();
process.stdout.write(`${JSON.stringify(await fuzz(target, Number(count)))}\n`);
process.exit(0);

async function fuzz(target: FuzzTarget, total: number): Promise<FuzzReport> {
	const random = new Random(seed);
	const corpus = [...target.seeds];
	const watchdog = new Watchdog(target.maxBytes);
	const coverage = target.stateful ? undefined : new Coverage(import.meta.url);
	const startedAt = performance.now();
	let inputs = 0;
	let slowestMs = 0;
	let last: Uint8Array = new Uint8Array(0);
	let half: Memory | undefined;
	let crash: FuzzReport['crash'];

	const run = (input: Uint8Array): void => {
		last = input;
		watchdog.before(input);
		const before = performance.now();
		target.run(input);
		slowestMs = Math.max(slowestMs, performance.now() - before);
	};
	/** Keeps the inputs that lead somewhere new; which ones these are shows when they are run again, by halves. */
	const explore = (batch: readonly Uint8Array[]): void => {
		for (const input of batch) run(input);
		if (!coverage?.look()) return;
		if (batch.length === 1) {
			coverage.keep();
			if (corpus.length < maxCorpus) corpus.push(...batch);
			return;
		}
		const middle = batch.length >> 1;
		explore(batch.slice(0, middle));
		explore(batch.slice(middle));
	};

	try {
		for (const input of target.seeds) run(input);
		if (coverage?.look()) coverage.keep();
		while (inputs < total) {
			const batch = Array.from({ length: batchSize }, () =>
				mutate(random, corpus, target.dictionary ?? [], target.maxBytes),
			);
			explore(batch);
			inputs += batch.length;
			await target.pause?.();
			if (!half && inputs >= total / 2) half = memory();
		}
		await target.finish?.();
	} catch (error) {
		const small = target.stateful ? last : smaller(target, last, String(error));
		crash = { hex: Buffer.from(small).toString('hex'), error: (error as Error).stack ?? String(error) };
	}
	const end = memory();
	await watchdog.stop();
	return {
		target: name,
		seed,
		inputs,
		seconds: Math.round((performance.now() - startedAt) / 100) / 10,
		corpus: corpus.length,
		covered: coverage?.covered ?? 0,
		heapGrowth: end.heap - (half ?? end).heap,
		rssGrowth: end.rss - (half ?? end).rss,
		slowestMs: Math.round(slowestMs),
		...(crash ? { crash } : {}),
	};
}

interface Memory {
	readonly heap: number;
	readonly rss: number;
}

/** What is in use once the garbage is gone. */
function memory(): Memory {
	globalThis.gc?.();
	const { heapUsed, external, rss } = process.memoryUsage();
	return { heap: heapUsed + external, rss };
}

/** Takes pieces out of an input as long as it fails in the same way. */
function smaller(target: FuzzTarget, input: Uint8Array, error: string): Uint8Array {
	let small = Buffer.from(input);
	for (let span = small.length >> 1; span > 0; span >>= 1) {
		for (let at = 0; at + span <= small.length; ) {
			const less = Buffer.concat([small.subarray(0, at), small.subarray(at + span)]);
			if (failure(target, less) === error) small = less;
			else at += span;
		}
	}
	return small;
}

function failure(target: FuzzTarget, input: Uint8Array): string | undefined {
	try {
		target.run(input);
		return undefined;
	} catch (error) {
		return String(error);
	}
}
