import type { ListedEntry } from '../../client/listings.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import type { PluginContext } from './context.ts';

/** The storage type of a request that names none. Source: the Go SDK. */
export const defaultStorageType = 'markdown';

/** Entry that a request is about. `path` comes from the caller: never trust it as a file name. */
export interface StoragePath {
	readonly path: string;
	/** One of the types that the plugin provides; {@link defaultStorageType} where the caller named none. */
	readonly storageType: string;
}

/** Content to write, and the version over which it goes. */
export interface StorageWrite extends StoragePath {
	readonly content: Uint8Array;
	readonly metadata: JsonObject;
	/** 0: the entry must not exist yet. Above 0: the entry must be at this version. */
	readonly expectedVersion: number;
}

/** Choice of entries to list. */
export interface StorageList {
	/** Beginning of their paths; empty for all. */
	readonly prefix: string;
	/** A glob such as `*.md`, for the last part of the path; empty for all. {@link matchesPattern} matches it. */
	readonly pattern: string;
	readonly storageType: string;
}

/** An entry that was read. */
export interface StoredContent {
	/** A string is sent as UTF-8. */
	readonly content: Uint8Array | string;
	readonly metadata?: JsonObject;
	/** Above 0; grows with every write. */
	readonly version: number;
}

/**
 * Stores entries for other plugins. What it throws fails the request: throw {@link storageNotFound} and
 * {@link storageConflict} for the two cases that callers tell apart.
 */
export interface StorageHandler {
	/** The entry, or undefined where there is none. */
	read(
		request: StoragePath,
		ctx: PluginContext,
	): StoredContent | undefined | PromiseLike<StoredContent | undefined>;
	/** The version that the entry has now. */
	write(request: StorageWrite, ctx: PluginContext): number | PromiseLike<number>;
	/** Whether there was an entry. */
	delete(request: StoragePath, ctx: PluginContext): boolean | PromiseLike<boolean>;
	list(
		request: StorageList,
		ctx: PluginContext,
	): readonly ListedEntry[] | PromiseLike<readonly ListedEntry[]>;
}
