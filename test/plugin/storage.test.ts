import { describe, expect, test } from 'vitest';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { storageConflict } from '../../src/runtime/plugin/definition/storage-error.ts';
import type { StorageHandler, StoredContent } from '../../src/runtime/plugin/definition/storage-handler.ts';
import { answer, serve } from './support/serve.ts';

class Notes implements StorageHandler {
	readonly entries = new Map<string, StoredContent>();
	readonly asked: object[] = [];

	read(request: { path: string }) {
		this.asked.push(request);
		return this.entries.get(request.path);
	}

	write({ path, content, metadata, expectedVersion }: Parameters<StorageHandler['write']>[0]) {
		const version = this.entries.get(path)?.version ?? 0;
		if (version !== expectedVersion) throw storageConflict(path, expectedVersion, version);
		this.entries.set(path, { content, metadata, version: version + 1 });
		return version + 1;
	}

	delete({ path }: { path: string }) {
		return this.entries.delete(path);
	}

	async list(request: Parameters<StorageHandler['list']>[0]) {
		this.asked.push(request);
		return [...this.entries].map(([path, { version }]) => ({
			path,
			size: 1,
			version,
			modifiedAt: new Date(1_700_000_000_123),
		}));
	}
}

const withNotes = () => {
	const notes = new Notes();
	return { notes, ...serve(createPlugin('p').providesStorage('markdown').setStorageHandler(notes)) };
};

describe('a storage', () => {
	test('keeps, lists and deletes entries', async () => {
		const { client, notes } = withNotes();
		expect(await client.storage.write('a.md', 'hello', { metadata: { tags: ['x'] } })).toBe(1);
		const entry = await client.storage.read('a.md');
		expect({ ...entry, content: Buffer.from(entry.content).toString() }).toEqual({
			content: 'hello',
			metadata: { tags: ['x'] },
			version: 1,
		});
		expect(await client.storage.list({ prefix: 'a', pattern: '*.md', storageType: 'notes' })).toEqual([
			{ path: 'a.md', size: 1, version: 1, modifiedAt: new Date(1_700_000_000_123) },
		]);
		expect(notes.asked).toEqual([
			{ path: 'a.md', storageType: 'markdown' },
			{ prefix: 'a', pattern: '*.md', storageType: 'notes' },
		]);
		await client.storage.delete('a.md');
		await expect(client.storage.read('a.md')).rejects.toMatchObject({ code: 'storage_not_found' });
		await expect(client.storage.delete('a.md')).rejects.toMatchObject({ code: 'storage_not_found' });
	});

	test('lets exactly one of many writers win', async () => {
		const { client } = withNotes();
		await client.storage.write('a.md', '0');
		const writes = await Promise.allSettled(
			Array.from({ length: 10 }, (_, i) => client.storage.write('a.md', String(i), { expectedVersion: 1 })),
		);
		expect(writes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
		for (const write of writes) {
			if (write.status === 'rejected') {
				expect(write.reason).toMatchObject({
					code: 'storage_conflict',
					details: { path: 'a.md', expectedVersion: 1, currentVersion: 2 },
				});
			}
		}
	});

	test('answers core peers as the core protocol does', async () => {
		const served = withNotes();
		expect(await answer(served, { storageRead: { path: 'x' } })).toMatchObject({
			storageRead: {},
			error: { code: 'storage_not_found' },
		});
		const conflict = '"x" cannot be written over version 3: there is no entry';
		expect(await answer(served, { storageWrite: { path: 'x', expectedVersion: 3 } })).toMatchObject({
			storageWrite: { success: false, error: conflict },
			error: { code: 'storage_conflict', message: conflict },
		});
		expect(await answer(served, { storageDelete: { path: 'x' } })).toMatchObject({
			storageDelete: { success: false },
		});
		expect(await answer(served, { storageList: {} })).toEqual({ storageList: { entries: [] } });
	});

	test('that throws or answers nonsense fails the request', async () => {
		const broken = new Notes();
		broken.read = () => {
			throw new Error('disk on fire');
		};
		broken.write = () => 0;
		const { client, logged } = serve(createPlugin('p').setStorageHandler(broken));
		await expect(client.storage.read('a')).rejects.toMatchObject({
			code: 'handler_error',
			message: 'disk on fire',
		});
		await expect(client.storage.write('a', 'x')).rejects.toMatchObject({ code: 'invalid_result' });
		expect(logged).toMatchObject([{ message: 'the storage of plugin p failed' }]);
	});

	test('that a plugin does not have', async () => {
		const { client } = serve(createPlugin('p'));
		const unavailable = { code: 'storage_unavailable', message: 'plugin p provides no storage' };
		await expect(client.storage.read('a')).rejects.toMatchObject(unavailable);
		await expect(client.storage.write('a', 'x')).rejects.toMatchObject(unavailable);
		await expect(client.storage.delete('a')).rejects.toMatchObject(unavailable);
		await expect(client.storage.list()).rejects.toMatchObject(unavailable);
	});
});
