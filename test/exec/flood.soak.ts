import { describe, test } from 'vitest';
import { floodWithViewers } from './flood.ts';
import { createHarness, harnessNames } from './harness.ts';

describe.each(harnessNames)('%s', (name) => {
	test('a million lines reach viewers that come and go, each byte once', async () => {
		const harness = await createHarness(name);
		try {
			await floodWithViewers(harness, 1_000_000);
		} finally {
			await harness.endCase();
			await harness.close();
		}
	}, 300_000);
});
