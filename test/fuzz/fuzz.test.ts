import { beforeAll, describe, expect, test } from 'vitest';
import { bundleProgram } from '../support/bundle-program.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { runFuzzer } from './run-fuzzer.ts';
import { fuzzSeed, soaking } from './soak.ts';

/** Inputs of the long run; together more than two million. The short one has a fortieth. */
const inputs: Readonly<Record<string, number>> = {
	'frame-decoder': 300_000,
	requests: 400_000,
	responses: 400_000,
	struct: 300_000,
	address: 200_000,
	'ready-line': 200_000,
	'tool-arguments': 200_000,
	'quic-packets': 200_000,
};

const mebibyte = 1024 * 1024;

const folder = scratchFolder('fuzz');
let program = '';
beforeAll(async () => {
	program = await bundleProgram(new URL('fuzz-program.ts', import.meta.url), folder);
});

describe(`mutated inputs, with seed ${fuzzSeed},`, () => {
	test.each(Object.entries(inputs))(
		'%s: no crash, no hang, bounded memory',
		async (target, total) => {
			const count = soaking ? total : total / 40;
			const report = await runFuzzer(program, target, count, fuzzSeed, 180_000);
			if (soaking) process.stdout.write(`${JSON.stringify(report)}\n`);
			expect(report.inputs).toBeGreaterThanOrEqual(count);
			// What grows with the number of inputs grows by far more than this.
			expect(report.heapGrowth).toBeLessThan(4 * mebibyte);
			expect(report.rssGrowth).toBeLessThan(64 * mebibyte);
		},
		200_000,
	);
});
