import {
	createPlugin,
	matchesPattern,
	OrchestraError,
	type StorageHandler,
	type StoredContent,
	storageConflict,
} from 'orchestra-toolchain';
import { z } from 'zod';

/** The kind of storage that this plugin provides: hosts route requests for it here. */
const storageType = 'notes';

// In memory, so that there is nothing to set up. Put a database or a bucket in its place: the rules stay the same.
const notes = new Map<string, StoredContent & { content: Uint8Array; modifiedAt: Date }>();

const handler: StorageHandler = {
	read({ path }) {
		return notes.get(path); // undefined: the caller gets `storage_not_found`
	},

	// Compare and swap: a write names the version that it replaces, 0 for a new entry. Of two writers who read the same
	// version one wins; the other is told so, and reads again. No await may stand between the comparison and the set.
	write({ path, content, metadata, expectedVersion }) {
		const version = notes.get(path)?.version ?? 0;
		if (version !== expectedVersion) throw storageConflict(path, expectedVersion, version);
		notes.set(path, { content, metadata, version: version + 1, modifiedAt: new Date() });
		return version + 1;
	},

	delete({ path }) {
		return notes.delete(path);
	},

	list({ prefix, pattern }) {
		return [...notes]
			.filter(([path]) => path.startsWith(prefix) && matchesPattern(pattern, path))
			.map(([path, { content, version, modifiedAt }]) => ({
				path,
				size: content.length,
				version,
				modifiedAt,
			}));
	},
};

export default createPlugin('__ID__')
	.version('0.1.0')
	.description('Keeps notes for other plugins.')
	.providesStorage(storageType)
	.setStorageHandler(handler)
	.registerTool(
		'append',
		{
			description: 'Adds a line to a note, and makes the note where there is none.',
			input: z.object({
				text: z.string().min(1).describe('The line'),
				path: z.string().min(1).default('inbox.md').describe('Which note'),
			}),
		},
		// Tools reach any storage of their host through ctx.storage, their own included.
		async ({ text, path }, { storage }) => {
			for (let attempt = 1; ; attempt++) {
				const note = await storage.read(path, { storageType }).catch((error: unknown) => {
					if (error instanceof OrchestraError && error.code === 'storage_not_found') return undefined;
					throw error;
				});
				const before = note ? new TextDecoder().decode(note.content) : '';
				try {
					const expectedVersion = note?.version ?? 0;
					const version = await storage.write(path, `${before}${text}\n`, { storageType, expectedVersion });
					return { path, version };
				} catch (error) {
					// Somebody else wrote in between: take their text, and try again.
					const lost = error instanceof OrchestraError && error.code === 'storage_conflict';
					if (!lost || attempt === 20) throw error;
				}
			}
		},
	)
	.build();
