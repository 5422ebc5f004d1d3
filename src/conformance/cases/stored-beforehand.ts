import { createPlugin } from '../../runtime/plugin/definition/create-plugin.ts';
import { matchesPattern } from '../../runtime/plugin/definition/matches-pattern.ts';
import type { Plugin } from '../../runtime/plugin/definition/plugin.ts';
import { storageConflict } from '../../runtime/plugin/definition/storage-error.ts';
import type { StoredContent } from '../../runtime/plugin/definition/storage-handler.ts';
import type { CasesFile } from './test-case.ts';

type Entry = StoredContent & { content: Uint8Array };

/** A plugin that keeps the storage types of a file with cases in memory, filled as the file says; undefined where it names none. */
export function storedBeforehand({ storage }: CasesFile): Plugin | undefined {
	if (storage.size === 0) return undefined;
	const encoder = new TextEncoder();
	const types = new Map<string, Map<string, Entry>>();
	for (const [type, entries] of storage) {
		const filled = [...entries].map(
			([path, text]) => [path, { content: encoder.encode(text), version: 1 }] as const,
		);
		types.set(type, new Map(filled));
	}
	const of = (type: string) => types.get(type) ?? new Map<string, Entry>();
	return createPlugin('test-storage')
		.version('1.0.0')
		.description('Storage in memory, for test cases.')
		.providesStorage(...types.keys())
		.setStorageHandler({
			read: ({ path, storageType }) => of(storageType).get(path),
			write({ path, content, metadata, expectedVersion, storageType }) {
				const current = of(storageType).get(path)?.version ?? 0;
				if (current !== expectedVersion) throw storageConflict(path, expectedVersion, current);
				of(storageType).set(path, { content, metadata, version: current + 1 });
				return current + 1;
			},
			delete: ({ path, storageType }) => of(storageType).delete(path),
			list: ({ prefix, pattern, storageType }) =>
				[...of(storageType)]
					.filter(([path]) => path.startsWith(prefix) && matchesPattern(pattern, path))
					.map(([path, { content, version }]) => ({ path, size: content.length, version })),
		})
		.build();
}
