import { beforeAll, describe, test } from 'vitest';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { complianceCases } from './compliance.ts';
import type { Harness } from './harness.ts';
import { createHarness, harnessNames } from './harnesses.ts';

describe.each(harnessNames)('%s on Node', (name) => {
	let harness: Harness;
	expectNothingLeftBehind();

	beforeAll(async () => {
		harness = await createHarness(name);
	});

	for (const compliance of complianceCases) {
		test(compliance.name, async (context) => {
			const reason = compliance.skip?.(harness);
			if (reason) context.skip(reason);
			await compliance.run(harness);
		});
	}
});
