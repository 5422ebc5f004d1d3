import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** Kind and digest of a file. */
export interface FileDigest {
	/** Bytes. */
	readonly size: number;
	/** Lower-case hex. */
	readonly sha256: string;
	readonly executable?: true;
	/** Put there for this platform by the installer: not part of what the source gave. */
	readonly platform?: true;
}

/** Files by their path relative to a folder, with `/`. */
export type FileDigests = Readonly<Record<string, FileDigest>>;

/**
 * Hashes every file below a folder.
 *
 * @throws Error of the file system, and for what is neither a file nor a folder: its message names it
 */
export function digestFiles(root: string): Record<string, FileDigest> {
	// Without a prototype: a file may be called "__proto__".
	const digests = Object.create(null) as Record<string, FileDigest>;
	const walk = (folder: string, prefix: string): void => {
		for (const name of readdirSync(folder).sort()) {
			const path = join(folder, name);
			const key = `${prefix}${name}`;
			const stats = lstatSync(path);
			if (stats.isDirectory()) walk(path, `${key}/`);
			else if (stats.isFile()) digests[key] = digestFile(path, (stats.mode & 0o100) !== 0);
			else throw new Error(`${key} is neither a file nor a folder`);
		}
	};
	walk(root, '');
	return digests;
}

function digestFile(path: string, executable: boolean): FileDigest {
	const hash = createHash('sha256');
	const buffer = Buffer.allocUnsafe(256 * 1024);
	const file = openSync(path, 'r');
	let size = 0;
	try {
		for (;;) {
			const count = readSync(file, buffer);
			if (count === 0) break;
			size += count;
			hash.update(buffer.subarray(0, count));
		}
	} finally {
		closeSync(file);
	}
	return { size, sha256: hash.digest('hex'), ...(executable && hasModes ? { executable: true } : {}) };
}

/** Windows has no permission to execute: what is one there shows in the name. */
const hasModes = process.platform !== 'win32';

/** One hash for files with their paths and permissions; those of the platform do not count. */
export function treeDigest(files: FileDigests): string {
	const hash = createHash('sha256');
	for (const path of Object.keys(files).sort()) {
		const file = files[path];
		if (!file || file.platform) continue;
		hash.update(`${file.sha256} ${file.size} ${file.executable ? 'x' : '-'} ${JSON.stringify(path)}\n`);
	}
	return hash.digest('hex');
}
