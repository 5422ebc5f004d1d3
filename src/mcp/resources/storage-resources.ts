import type { StoredEntry } from '../../runtime/client/listings.ts';
import type { PluginClient } from '../../runtime/client/plugin-client.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { hasUriPaths, parseStorageUri, type StoragePlace, storageUri } from './storage-uri.ts';

/** An entry of a storage as a resource. */
export interface StorageResource {
	readonly uri: string;
	readonly path: string;
	readonly size: number;
	readonly modifiedAt?: Date | undefined;
}

/** Entries of the stores, by URIs. */
export class StorageResources {
	readonly #client: PluginClient;

	constructor(client: PluginClient) {
		this.#client = client;
	}

	/** The storages that there are, by plugin. */
	async places(signal?: AbortSignal): Promise<StoragePlace[]> {
		const described = await this.#client.describe({ signal });
		const places = (described?.plugins ?? []).flatMap(({ id = '', providesStorage = [] }) =>
			providesStorage.map((storageType) => ({ plugin: id, storageType })),
		);
		// Where several plugins provide the same type one answers: the first that is listed.
		return places.filter(
			({ storageType }, index) => places.findIndex((other) => other.storageType === storageType) === index,
		);
	}

	/** The storage of a type. */
	async ownerOf(storageType: string): Promise<StoragePlace | undefined> {
		const places = await this.places().catch(() => []);
		return places.find((place) => place.storageType === (storageType || 'markdown'));
	}

	/** All entries of all storages, by URI. One that cannot be listed is left out: the others are there. */
	async list(signal: AbortSignal, onFailure: (error: Error) => void): Promise<StorageResource[]> {
		const lists = await Promise.all(
			(await this.places(signal)).map(async (place) => {
				try {
					const entries = await this.#client.storage.list({ storageType: place.storageType, signal });
					return entries.map(({ path, size, modifiedAt }) => ({
						uri: storageUri(place, path),
						path,
						size,
						modifiedAt,
					}));
				} catch (error) {
					onFailure(error as Error);
					return [];
				}
			}),
		);
		return lists.flat().sort((a, b) => (a.uri < b.uri ? -1 : 1));
	}

	/** Store and path of a URI. @throws OrchestraError `storage_not_found` */
	async placeOf(uri: string, signal?: AbortSignal): Promise<{ path: string; storageType: string }> {
		const own = parseStorageUri(uri);
		if (own) return own;
		for (const { storageType } of await this.places(signal)) {
			if (hasUriPaths(storageType) && (await this.#has(storageType, uri, signal)))
				return { path: uri, storageType };
		}
		throw new OrchestraError('storage_not_found', `there is no resource ${uri}`);
	}

	/** @throws OrchestraError `storage_not_found`, and what a storage answers */
	async read(uri: string, signal: AbortSignal, traceParent?: string): Promise<StoredEntry> {
		const own = parseStorageUri(uri);
		if (own)
			return this.#client.storage.read(own.path, { storageType: own.storageType, signal, traceParent });
		for (const { storageType } of await this.places(signal)) {
			if (!hasUriPaths(storageType)) continue;
			const entry = await this.#find(storageType, uri, signal, traceParent);
			if (entry) return entry;
		}
		throw new OrchestraError('storage_not_found', `there is no resource ${uri}`);
	}

	/** Whether an entry is there, without its content where the storage lists it: some have entries that they do not list. */
	async #has(storageType: string, uri: string, signal: AbortSignal | undefined): Promise<boolean> {
		const listed = await this.#client.storage.list({ storageType, prefix: uri, signal });
		if (listed.some(({ path }) => path === uri)) return true;
		return (await this.#find(storageType, uri, signal)) !== undefined;
	}

	async #find(
		storageType: string,
		path: string,
		signal: AbortSignal | undefined,
		traceParent?: string,
	): Promise<StoredEntry | undefined> {
		try {
			return await this.#client.storage.read(path, { storageType, signal, traceParent });
		} catch (error) {
			if ((error as OrchestraError).code === 'storage_not_found') return undefined;
			throw error;
		}
	}
}
