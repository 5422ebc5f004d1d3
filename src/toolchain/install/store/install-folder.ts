import type { PluginStore } from './plugin-store.ts';

/** The plugin's id and the start of its hash. */
const installFolder = /^[A-Za-z0-9._-]+@[0-9a-f]{16}$/;

/** The folder in `bin/` that a registered program lies in, where it is one of ours; a plain name. */
export function folderOf(store: PluginStore, binary: string): string | undefined {
	if (!binary.startsWith(store.bin)) return undefined;
	const [folder = '', ...rest] = binary
		.slice(store.bin.length)
		.split(/[/\\]/)
		.filter((part) => part !== '');
	return rest.length > 0 && installFolder.test(folder) ? folder : undefined;
}

/** Whether a name in `bin/` is that of a version of ours; the Go command line puts files there too. */
export function isInstallFolder(name: string): boolean {
	return installFolder.test(name);
}

/** The name of the folder in `bin/` for a version of a plugin. */
export function installFolderName(id: string, sha256: string): string {
	return `${id}@${sha256.slice(0, 16)}`;
}
