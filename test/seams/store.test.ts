import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
	type LoadedSeam,
	loadSeam,
	type StoreClient,
	storeSeam,
	storeSuite,
} from '../../src/runtime/seams.ts';
import { places, seamsAt, seamsFolder } from './load-seams.ts';

const { folder, remove } = seamsFolder();
afterAll(remove);

async function clear(store: StoreClient): Promise<void> {
	for (const { key } of (await store.listFlags()).flags) await store.deleteFlag({ key });
	for (const { key } of (await store.listComponents()).components) await store.deleteComponent({ key });
}

// C1: one suite, the same results and the same errors wherever the implementation is.
describe.each(places)('C1 the seam store, %s', (place) => {
	let loaded: LoadedSeam<(typeof storeSeam)['methods']> | undefined;

	beforeAll(async () => {
		loaded = await loadSeam(storeSeam, await seamsAt(place, folder));
	});
	afterAll(() => loaded?.close());

	test.each(storeSuite)('$name', async ({ run }) => {
		if (!loaded) expect.fail('it was not loaded');
		await clear(loaded.client);
		await run(loaded.client);
	});
});
