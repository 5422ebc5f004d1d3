import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
	type ConformanceCase,
	type LoadedNamedSeam,
	llmSeam,
	llmSuite,
	loadNamedSeam,
	notifierSeam,
	notifierSuite,
	statusProviderSeam,
	statusProviderSuite,
} from '../../src/runtime/seams.ts';
import { places, seamsAt, seamsFolder } from './load-seams.ts';

const { folder, remove } = seamsFolder();
afterAll(remove);

const seams = [
	{ seam: llmSeam, suite: llmSuite, name: 'echo' },
	{ seam: notifierSeam, suite: notifierSuite, name: 'nobody' },
	{ seam: statusProviderSeam, suite: statusProviderSuite, name: 'config' },
] as const;

// C1: one suite for each seam, the same results and the same errors wherever the implementation is.
describe.each(places)('C1 the ready-made seams, %s', (place) => {
	describe.each(seams)('$seam.name', ({ seam, suite, name }) => {
		let loaded: LoadedNamedSeam<never> | undefined;
		beforeAll(async () => {
			loaded = (await loadNamedSeam(seam as never, await seamsAt(place, folder))) as never;
		});
		afterAll(() => loaded?.close());

		test('C6 its name is known when it is loaded', () => {
			expect(loaded?.name).toBe(name);
		});

		test.each(suite as unknown as ConformanceCase<unknown>[])('$name', async ({ run }) => {
			if (!loaded) expect.fail('it was not loaded');
			await run(loaded.client);
		});
	});
});
