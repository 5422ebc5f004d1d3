import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { createHarness, type Harness, harnessNames } from './harness.ts';
import { sessionCases } from './session-cases.ts';

describe.each(harnessNames)('%s on Node', (name) => {
	let harness: Harness;
	beforeAll(async () => {
		harness = await createHarness(name);
	});
	afterEach(() => harness.endCase());
	afterAll(() => harness.close());

	for (const { name: caseName, run } of sessionCases) test(caseName, () => run(harness));
});
