import type { JsonObject } from '../wire/json-value.ts';
import type { CallOptions } from './call-options.ts';
import type { ListedEntry, StoredEntry } from './listings.ts';

/** Options of reading, listing and deleting entries. */
export interface StorageOptions extends CallOptions {
	/** Storage type, where there are several. Default: the peer's, which is `markdown`. */
	readonly storageType?: string | undefined;
}

/** Options of writing an entry. */
export interface StorageWriteOptions extends StorageOptions {
	readonly metadata?: JsonObject | undefined;
	/** 0 (the default): the entry must not exist yet. Above 0: it must be at this version. */
	readonly expectedVersion?: number | undefined;
}

/** Options of a listing. */
export interface StorageListOptions extends StorageOptions {
	/** Beginning of the paths to list. Default: any. */
	readonly prefix?: string | undefined;
	/** A glob for the last segment of the paths, `*.md`. Default: everything. */
	readonly pattern?: string | undefined;
}

/** A peer's storage. Every method also throws what {@link PluginClient} says of all of its methods. */
export interface StorageClient {
	/** @throws PeerError `storage_not_found`, `storage_unavailable` */
	read(path: string, options?: StorageOptions): Promise<StoredEntry>;
	/**
	 * Returns the new version. A string is written as UTF-8.
	 * @throws PeerError `storage_conflict`, `storage_unavailable`
	 */
	write(path: string, content: Uint8Array | string, options?: StorageWriteOptions): Promise<number>;
	/** @throws PeerError `storage_not_found`, `storage_unavailable` */
	delete(path: string, options?: StorageOptions): Promise<void>;
	/** @throws PeerError `storage_unavailable` */
	list(options?: StorageListOptions): Promise<ListedEntry[]>;
}
