import { readFile, rename, writeFile } from 'node:fs/promises';
import {
	createPlugin,
	type JsonObject,
	matchesPattern,
	type StorageHandler,
	storageConflict,
} from 'orchestra-toolchain';
import { z } from 'zod';

interface Note {
	/** As it came: a note need not be text. */
	content: Uint8Array;
	metadata: JsonObject;
	version: number;
	modifiedAt: number;
}

/** The notes by path. A path is only a key: it never becomes the name of a file. */
let notes = new Map<string, Note>();
/** Where they are kept; undefined for memory only. */
let file: string | undefined;
/** The last write to the file: one at a time, in order. */
let saved = Promise.resolve();

function save(): Promise<void> {
	const target = file;
	if (target === undefined) return saved;
	saved = saved
		.catch(() => {}) // Whoever waited for that write was told; this one has all of it.
		.then(async () => {
			// Aside and swap: a crash leaves the old file or the new one, never half of one.
			const kept = [...notes].map(([path, { content, ...note }]) => [
				path,
				{ base64: Buffer.from(content).toString('base64'), ...note },
			]);
			await writeFile(`${target}.new`, JSON.stringify(kept), { mode: 0o600 });
			await rename(`${target}.new`, target);
		});
	return saved;
}

const storage: StorageHandler = {
	read({ path }) {
		return notes.get(path);
	},

	async write({ path, content, metadata, expectedVersion }) {
		const current = notes.get(path)?.version ?? 0;
		// Nothing is awaited between the comparison and the change: of two writers one wins.
		if (current !== expectedVersion) throw storageConflict(path, expectedVersion, current);
		const version = current + 1;
		notes.set(path, { content, metadata, version, modifiedAt: Date.now() });
		await save();
		return version;
	},

	async delete({ path }) {
		if (!notes.delete(path)) return false;
		await save();
		return true;
	},

	list({ prefix, pattern }) {
		return [...notes]
			.filter(([path]) => path.startsWith(prefix) && matchesPattern(pattern, path))
			.map(([path, { content, version, modifiedAt }]) => ({
				path,
				size: content.length,
				version,
				modifiedAt: new Date(modifiedAt),
			}));
	},
};

export default createPlugin('notes')
	.version('1.0.0')
	.description('Keeps notes: an example of a storage.')
	.providesStorage('notes')
	.setStorageHandler(storage)
	.lifecycle({
		async onBoot(config) {
			file = config.file;
			if (file === undefined) return;
			const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
				if (error.code === 'ENOENT') return '[]';
				throw error;
			});
			const kept = JSON.parse(text) as [string, Omit<Note, 'content'> & { base64: string }][];
			notes = new Map(
				kept.map(([path, { base64, ...note }]) => [
					path,
					{ content: Buffer.from(base64, 'base64'), ...note },
				]),
			);
		},
		onShutdown: () => saved,
		onHealth: () => ({ status: 'healthy', details: { notes: String(notes.size) } }),
	})
	.registerTool(
		'add_line',
		{
			description: 'Adds a line to a note, and makes the note where there is none.',
			input: z.object({
				path: z.string().min(1).describe('Which note'),
				text: z.string().min(1).describe('The line'),
			}),
		},
		async ({ path, text }, ctx) => {
			const note = notes.get(path);
			const content = Buffer.concat([note?.content ?? new Uint8Array(), Buffer.from(`${text}\n`)]);
			const version = await storage.write(
				{
					path,
					content,
					metadata: note?.metadata ?? {},
					expectedVersion: note?.version ?? 0,
					storageType: 'notes',
				},
				ctx,
			);
			return { path, version };
		},
	)
	.build();
