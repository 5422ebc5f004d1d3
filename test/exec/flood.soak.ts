import { describe, test } from 'vitest';
import { testOnDeno } from '../support/deno-cases.ts';
import { byteCases } from './cases/bytes.ts';
import { createHarness, harnessNames } from './harness.ts';

// A million lines: what the cases take where ORCHESTRA_SOAK is set.
const floods = byteCases.filter(({ name }) => name.startsWith('E5 Y4'));

describe.each(harnessNames)('%s', (name) => {
	for (const { name: caseName, run } of floods) {
		test(caseName, async () => {
			const harness = await createHarness(name);
			try {
				await run(harness);
			} finally {
				await harness.endCase();
				await harness.close();
			}
		}, 300_000);
	}
});

describe.each(harnessNames)('%s on Deno', (name) => {
	testOnDeno(new URL('./deno-runner.ts', import.meta.url), name, floods);
});
