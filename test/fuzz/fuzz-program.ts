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
	let half: Memory | undefined;
	let crash: FuzzReport['crash'];

	const run = (input: Uint8Array): void => {
		inputs++;
		watchdog.before(input);
		const before = performance.now();
		target.run(input);
		slowestMs = Math.max(slowestMs, performance.now() - before);
	};
	/** Finds the inputs of a batch that were new, by halves. */
	const keepNew = (batch: readonly Uint8Array[]): void => {
		for (const input of batch) run(input);
		if (!coverage?.news() || corpus.length >= maxCorpus) return;
		if (batch.length === 1) corpus.push(...batch);
	};

	try {
		for (const input of target.seeds) run(input);
		coverage?.news();
		while (inputs < total) {
			const batch = Array.from({ length: batchSize }, () =>
				mutate(random, corpus, target.dictionary ?? [], target.maxBytes),
			);
			for (const input of batch) run(input);
			// Which one was new shows when they are run again: what they cover now is forgotten first.
			if (coverage?.news()) for (const input of coverage.culprits(batch, run)) corpus.push(input);
			await target.pause?.();
			if (!half && inputs >= total / 2) half = memory();
		}
		await target.finish?.();
	} catch (error) {
		crash = describe(target, error);
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
