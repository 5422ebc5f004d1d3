import { randomUUID } from 'node:crypto';
import type { Connection } from '../../runtime/carrier/carrier.ts';
import type { PluginRequest, PluginResponse } from '../../runtime/wire/generated/messages.ts';
import { broken, type Check, type Finding, notMade } from '../check.ts';
import { errorCodeOf, exchange, toldResponse } from '../subject/exchange.ts';

/** Writers at the same time, of whom one may win. */
const writers = 8;

const utf8 = new TextEncoder();

/** The storage of a plugin under test, as its messages are; everything is written below a folder of its own, and removed again. */
class Store {
	readonly folder = `orchestra-conformance/${randomUUID()}/`;
	readonly #connection: Connection;
	readonly #storageType: string;
	readonly #written = new Set<string>();

	constructor(connection: Connection, storageType: string) {
		this.#connection = connection;
		this.#storageType = storageType;
	}

	write(name: string, content: string | Uint8Array, expectedVersion: number): Promise<PluginResponse> {
		const path = this.folder + name;
		this.#written.add(path);
		const bytes = typeof content === 'string' ? utf8.encode(content) : content;
		const metadata = { from: 'conformance' };
		return this.#ask({
			storageWrite: { path, content: bytes, metadata, expectedVersion, storageType: this.#storageType },
		});
	}

	read(name: string): Promise<PluginResponse> {
		return this.#ask({ storageRead: { path: this.folder + name, storageType: this.#storageType } });
	}

	delete(name: string): Promise<PluginResponse> {
		return this.#ask({ storageDelete: { path: this.folder + name, storageType: this.#storageType } });
	}

	list(prefix: string, pattern: string): Promise<PluginResponse> {
		return this.#ask({
			storageList: { prefix: this.folder + prefix, pattern, storageType: this.#storageType },
		});
	}

	async clean(): Promise<void> {
		for (const path of this.#written)
			await this.#ask({ storageDelete: { path, storageType: this.#storageType } }).catch(() => undefined);
	}

	async #ask(request: PluginRequest): Promise<PluginResponse> {
		return (await exchange(this.#connection, request)).last;
	}
}

function onStore(work: (store: Store) => Promise<Finding>): Check['run'] {
	return async (subject) => {
		const { connection, manifest } = await subject.instance();
		const [storageType] = manifest?.providesStorage ?? [];
		if (storageType === undefined) return notMade('it provides no storage');
		const store = new Store(connection, storageType);
		try {
			return await work(store);
		} finally {
			await store.clean();
		}
	};
}

/** The version that a write made; undefined where it failed. */
function versionOf({ storageWrite, error }: PluginResponse): number | undefined {
	return storageWrite?.success && !error ? (storageWrite.newVersion ?? 0) : undefined;
}

function sameBytes(read: PluginResponse, content: Uint8Array): boolean {
	return Buffer.compare(read.storageRead?.content ?? new Uint8Array(), content) === 0;
}

export const storageChecks: readonly Check[] = [
	{
		number: 801,
		name: 'storage-create',
		profile: 'core',
		why: 'What was acknowledged is there.',
		run: onStore(async (store) => {
			const written = await store.write('a.md', 'one', 0);
			const version = versionOf(written);
			if (version === undefined || version < 1)
				return broken('success, and a version of at least 1, for a new entry', toldResponse(written));
			const read = await store.read('a.md');
			const { storageRead } = read;
			if (
				!sameBytes(read, utf8.encode('one')) ||
				storageRead?.version !== version ||
				storageRead.metadata?.from !== 'conformance'
			)
				return broken(`the content, the metadata and version ${version} back`, toldResponse(read));
			return undefined;
		}),
	},
	{
		number: 802,
		name: 'storage-create-twice',
		profile: 'core',
		why: 'Expecting version 0 means that there is nothing yet: otherwise two who create the same entry overwrite each other.',
		run: onStore(async (store) => {
			await store.write('a.md', 'one', 0);
			const again = await store.write('a.md', 'two', 0);
			return versionOf(again) === undefined
				? undefined
				: broken('a refusal of a second create', toldResponse(again));
		}),
	},
	{
		number: 803,
		name: 'storage-compare',
		profile: 'core',
		why: 'A writer that has read an old version must not undo what was written since.',
		run: onStore(async (store) => {
			const first = versionOf(await store.write('a.md', 'one', 0)) ?? 0;
			const right = await store.write('a.md', 'two', first);
			const second = versionOf(right);
			if (second === undefined || second <= first)
				return broken(`a version above ${first} for a write that expects ${first}`, toldResponse(right));
			const stale = await store.write('a.md', 'three', first);
			if (versionOf(stale) !== undefined)
				return broken(`a refusal of a write that expects version ${first} of ${second}`, toldResponse(stale));
			const read = await store.read('a.md');
			return sameBytes(read, utf8.encode('two'))
				? undefined
				: broken('the content of the write that won', toldResponse(read));
		}),
	},
	{
		number: 804,
		name: 'storage-one-winner',
		profile: 'core',
		why: 'Of writers at the same time exactly one wins; a pause between the comparison and the change loses writes without a word.',
		run: onStore(async (store) => {
			const first = versionOf(await store.write('a.md', 'one', 0)) ?? 0;
			const writes = Array.from({ length: writers }, (_, i) => store.write('a.md', `writer ${i}`, first));
			const won = (await Promise.all(writes)).filter((answer) => versionOf(answer) !== undefined).length;
			return won === 1
				? undefined
				: broken(`1 of ${writers} writers that expect the same version`, `${won} of them`);
		}),
	},
	{
		number: 805,
		name: 'storage-conflict-code',
		profile: 'full',
		why: 'A caller that loses reads again and tries again: it has to tell this from a failure.',
		goSdk: 'names a conflict in words only',
		run: onStore(async (store) => {
			await store.write('a.md', 'one', 0);
			const answer = await store.write('a.md', 'two', 0);
			if (answer.error?.code === 'storage_conflict') return undefined;
			return broken('an error with the code storage_conflict', toldResponse(answer));
		}),
	},
	{
		number: 806,
		name: 'storage-missing',
		profile: 'full',
		why: 'An entry that is not there looks like an empty one, and is written over as such.',
		goSdk: 'answers a read that failed with an empty entry',
		run: onStore(async (store) => {
			const read = await store.read('missing.md');
			if (read.error?.code === 'storage_not_found') return undefined;
			return broken('an error with the code storage_not_found', toldResponse(read));
		}),
	},
	{
		number: 807,
		name: 'storage-delete',
		profile: 'core',
		why: 'What was deleted is gone, and its name is free again.',
		run: onStore(async (store) => {
			await store.write('a.md', 'one', 0);
			const deleted = await store.delete('a.md');
			if (!deleted.storageDelete?.success) return broken('success of a delete', toldResponse(deleted));
			const again = await store.delete('a.md');
			if (errorCodeOf(again) === undefined)
				return broken('a failure of a second delete', toldResponse(again));
			const created = await store.write('a.md', 'two', 0);
			return versionOf(created) === undefined
				? broken('that it can be created again', toldResponse(created))
				: undefined;
		}),
	},
	{
		number: 808,
		name: 'storage-list',
		profile: 'core',
		why: 'Whoever looks for an entry by prefix or pattern has to find it, and no other.',
		run: onStore(async (store) => {
			for (const name of ['list/a.md', 'list/b.txt', 'other/c.md']) await store.write(name, name, 0);
			const listed = await store.list('list/', '*.md');
			// Its size is the storage's own business: front matter may count.
			const paths = (listed.storageList?.entries ?? []).map(({ path = '' }) =>
				path.slice(store.folder.length),
			);
			if (paths.join() !== 'list/a.md')
				return broken(
					'list/a.md alone for the prefix list/ and the pattern *.md',
					paths.join(', ') || toldResponse(listed),
				);
			const all = (await store.list('', '')).storageList?.entries ?? [];
			return all.length === 3 ? undefined : broken('3 entries without a pattern', String(all.length));
		}),
	},
	{
		number: 809,
		name: 'storage-bytes',
		profile: 'core',
		why: 'Content is bytes: one that is read as text and written back comes out as something else.',
		run: onStore(async (store) => {
			const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
			const version = versionOf(await store.write('a.bin', bytes, 0));
			// A storage of texts may refuse them, but not change them.
			if (version === undefined) return undefined;
			const read = await store.read('a.bin');
			return sameBytes(read, bytes)
				? undefined
				: broken('each of the 256 bytes back, or a refusal', toldResponse(read));
		}),
	},
];
