import { randomBytes } from 'node:crypto';
import {
	chmodSync,
	lstatSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolders } from '../../runtime/platform/make-folders.ts';
import { outputFailure } from './output-failure.ts';

/** A file to be written. */
export interface OutputFile {
	/** Its path below the folder, with `/`. */
	readonly name: string;
	readonly content: string | Uint8Array;
	readonly executable?: boolean;
}

/**
 * Writes files into a folder, making it where it is missing. All of them are written aside, in the same folder and so on the
 * same disk, and then renamed in the order given: until all are written, what was there stays as it was, and each file is
 * whole at every moment.
 *
 * @param onlyChanged leave a file alone that is there already, byte for byte
 * @returns how many were written
 * @throws OrchestraError `usage` where the folder cannot be written, `no_space`
 */
export function publishFiles(dir: string, files: readonly OutputFile[], onlyChanged = false): number {
	const wanted = onlyChanged ? files.filter((file) => !isThere(dir, file)) : files;
	const scratch: string[] = [];
	try {
		makeFolders(dir);
		for (const { name, content, executable } of wanted) {
			const path = join(dir, name);
			const folder = dirname(path);
			makeFolders(folder);
			removeLeftovers(folder, basename(name));
			// A folder in its place is found out before anything is renamed.
			if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) {
				throw Object.assign(new Error(`${path} is a folder`), { code: 'EISDIR' });
			}
			const aside = join(folder, `.${basename(name)}.${randomBytes(8).toString('hex')}.tmp`);
			scratch.push(aside);
			// A name that nobody can know beforehand, and never what is there already, be it a link that leads elsewhere.
			writeFileSync(aside, content, { flag: 'wx' });
			if (executable) chmodSync(aside, statSync(aside).mode | 0o111);
		}
		for (const [index, { name }] of wanted.entries()) renameSync(scratch[index] ?? '', join(dir, name));
		return wanted.length;
	} catch (error) {
		throw outputFailure(dir, error);
	} finally {
		for (const path of scratch) rmSync(path, { force: true });
	}
}

/** Removes what a build left that was killed while it wrote this file. */
function removeLeftovers(folder: string, name: string): void {
	for (const other of readdirSync(folder)) {
		const isOurs = other.startsWith(`.${name}.`) && /^[0-9a-f]{16}\.tmp$/.test(other.slice(name.length + 2));
		if (isOurs) rmSync(join(folder, other), { force: true });
	}
}

function isThere(dir: string, { name, content, executable = false }: OutputFile): boolean {
	const path = join(dir, name);
	try {
		const stats = lstatSync(path);
		const bytes = Buffer.from(content);
		const hasRight = process.platform === 'win32' || (stats.mode & 0o100) !== 0 || !executable;
		return stats.isFile() && stats.size === bytes.length && hasRight && readFileSync(path).equals(bytes);
	} catch {
		return false;
	}
}
