import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { execCases } from './exec-cases.ts';
import { createHarness, type Harness, harnessNames } from './harness.ts';

describe.each(harnessNames)('%s on Node', (name) => {
	let harness: Harness;
	beforeAll(async () => {
		harness = await createHarness(name);
	});
	afterEach(() => harness.endCase());
	afterAll(() => harness.close());

	for (const { name: caseName, run } of execCases) test(caseName, () => run(harness), 60_000);
});
