/** A storage of a plugin. */
export interface StoragePlace {
	readonly plugin: string;
	readonly storageType: string;
}

/** A type of storage whose paths are URIs of their own begins so: they are shown as they are. */
const uriTypes = 'uri:';

/** Whether the paths of a type are URIs themselves. */
export function hasUriPaths(storageType: string): boolean {
	return storageType.startsWith(uriTypes);
}

/** The URI of an entry of a storage: `orchestra://<plugin>/storage/<type>/<path>`. */
export function storageUri({ plugin, storageType }: StoragePlace, path: string): string {
	if (hasUriPaths(storageType)) return path;
	const encoded = path.split('/').map(encodeURIComponent).join('/');
	return `orchestra://${plugin}/storage/${encodeURIComponent(storageType)}/${encoded}`;
}

/** The template of all URIs of a storage; undefined where its paths are URIs of all kinds. */
export function storageTemplate({ plugin, storageType }: StoragePlace): string | undefined {
	if (hasUriPaths(storageType)) return undefined;
	return `orchestra://${plugin}/storage/${encodeURIComponent(storageType)}/{+path}`;
}

/** The entry that a URI of ours names; undefined where it is none. */
export function parseStorageUri(uri: string): (StoragePlace & { readonly path: string }) | undefined {
	const [, plugin, type, path] = /^orchestra:\/\/([^/]+)\/storage\/([^/]+)\/(.+)$/.exec(uri) ?? [];
	if (plugin === undefined || type === undefined || path === undefined) return undefined;
	try {
		return {
			plugin,
			storageType: decodeURIComponent(type),
			path: path.split('/').map(decodeURIComponent).join('/'),
		};
	} catch {
		return undefined;
	}
}
