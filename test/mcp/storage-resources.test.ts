import { expect, test } from 'vitest';
import { StorageResources } from '../../src/mcp/resources/storage-resources.ts';
import { createPlugin } from '../../src/runtime/index.ts';
import { testHost } from '../../src/testing/index.ts';

test('where an entry is that names itself by a URI is found without its content, where its storage lists it', async () => {
	const kept = new Map([
		['test://large', true],
		['test://large/other', true],
		['test://unlisted', false],
	]);
	const reads: string[] = [];
	const plugin = createPlugin('far')
		.providesStorage('uri:far')
		.setStorageHandler({
			read({ path }) {
				reads.push(path);
				return kept.has(path) ? { content: Buffer.alloc(1000), version: 1 } : undefined;
			},
			write: () => 1,
			delete: () => true,
			list: ({ prefix }) =>
				[...kept]
					.filter(([path, isListed]) => isListed && path.startsWith(prefix))
					.map(([path]) => ({ path, size: 1000, version: 1 })),
		})
		.build();
	await using host = await testHost(plugin);
	const resources = new StorageResources(host.client);
	expect(await resources.placeOf('test://large')).toEqual({ path: 'test://large', storageType: 'uri:far' });
	expect(reads).toEqual([]);
	expect(await resources.placeOf('test://unlisted')).toMatchObject({ path: 'test://unlisted' });
	expect(reads).toEqual(['test://unlisted']);
	await expect(resources.placeOf('test://lar')).rejects.toMatchObject({ code: 'storage_not_found' });
});
