import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { stablePath } from '../stable-paths.ts';
import { withDependencies } from './native-package.ts';

/** Files that lie beside a bundle, and their bytes, at most. */
const maxFiles = 5_000;
const maxBytes = 256 * 1024 * 1024;

/** Bytes of the path of one of them: what archives hold. */
const maxPathBytes = 180;

/** Folders below each other in one that is carried whole. */
const maxDepth = 24;

/** Names in a package that are for those who build it or read it, not for whoever runs it. */
const notRun =
	/(\.(c|cc|cpp|cxx|h|hpp|o|obj|a|d|tlog|gyp|gypi|mk|vcxproj|tgz|map|markdown|d\.[cm]?ts)|^(readme|changelog|history)(\.\w+)?)$/i;

/** A file that lies beside a bundle. */
export interface CarriedFile {
	/** Below the folder of carried files, with `/`. */
	readonly name: string;
	readonly content: Uint8Array;
	readonly executable: boolean;
}

/** Files that a bundle reads when it runs, laid out as their sources see them: a tree like that of the project, beside the bundle. */
export class CarriedFiles {
	/** The packages among them that have a native part, by their folders. */
	readonly nativePackages = new Set<string>();
	readonly #dir: string;
	readonly #out: string;
	readonly #paths = new Map<string, string>();
	readonly #packages = new Set<string>();
	#bytes = 0;

	/**
	 * @param dir the folder of the project
	 * @param out the folder of the output, which is never in it itself
	 */
	constructor(dir: string, out: string) {
		this.#dir = dir;
		this.#out = out;
	}

	/** Origins of all of them; absolute. */
	get paths(): string[] {
		return [...this.#paths.values()];
	}

	/** Path of a source or an asset in the tree. */
	nameOf(path: string): string {
		return stablePath(path, this.#dir)
			.split('/')
			.map((part) => (part === '..' ? 'up' : part))
			.join('/');
	}

	/** Takes a file or a folder with all in it. @throws Error where it cannot be carried; the message says why */
	add(path: string): void {
		this.#add(path, 0);
	}

	/** Takes a package as it is installed, with what it depends on. @throws Error as {@link add} */
	addPackage(dir: string): void {
		for (const folder of withDependencies(dir)) {
			if (this.#packages.has(folder)) continue;
			this.#packages.add(folder);
			this.#addPackageFolder(folder, folder);
		}
	}

	/** All of them, by name. @throws Error of the file system */
	read(): CarriedFile[] {
		return [...this.#paths]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([name, path]) => ({
				name,
				content: readFileSync(path),
				executable: (statSync(path).mode & 0o100) !== 0,
			}));
	}

	#add(path: string, depth: number): void {
		if (path === this.#out) return;
		if (!statSync(path).isDirectory()) {
			this.#addFile(path);
			return;
		}
		if (depth > maxDepth) throw new Error(`has folders nested deeper than ${maxDepth}`);
		for (const name of readdirSync(path).sort()) {
			if (name === 'node_modules' || name.startsWith('.')) continue;
			this.#add(join(path, name), depth + 1);
		}
	}

	#addPackageFolder(root: string, folder: string): void {
		for (const entry of readdirSync(folder, { withFileTypes: true })) {
			const { name } = entry;
			const path = join(folder, name);
			if (name.startsWith('.') || notRun.test(name)) continue;
			if (!entry.isDirectory()) {
				if (statSync(path, { throwIfNoEntry: false })?.isFile()) this.#addFile(path);
				continue;
			}
			if (name === 'node_modules' || /^(test|tests|__tests__|docs|examples?|bench(marks?)?)$/.test(name))
				continue;
			// Files that node-gyp leaves behind besides the addon.
			if (basename(folder) === 'build' && folder === join(root, 'build') && !/^(Release|Debug)$/.test(name))
				continue;
			if (/^(obj\.target|obj|\.deps)$/.test(name) && basename(dirname(folder)) === 'build') continue;
			this.#addPackageFolder(root, path);
		}
	}

	#addFile(path: string): void {
		const name = this.nameOf(path);
		const known = this.#paths.get(name);
		if (known !== undefined) {
			if (realpathSync(known) === realpathSync(path)) return;
			throw new Error(`is there twice, in two versions: ${known} and ${path}`);
		}
		if (Buffer.byteLength(name) > maxPathBytes) throw new Error(`has too long a path: ${name}`);
		this.#paths.set(name, path);
		this.#bytes += statSync(path).size;
		if (this.#paths.size > maxFiles) throw new Error(`needs more than ${maxFiles} files beside the bundle`);
		if (this.#bytes > maxBytes) {
			throw new Error(`needs more than ${maxBytes / 1024 / 1024} MiB of files beside the bundle`);
		}
	}
}
