import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolders } from '../../runtime/platform/make-folders.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { checkTargetFolder } from './target-folder.ts';

/** The files of a new plugin, as long as they may be taken back. */
export interface WrittenScaffold {
	/** Removes what was written and is still as it was, and the folders that were made for it. Never throws. */
	undo(): void;
}

/**
 * Writes the files of a new plugin, all of them or none. A new folder appears whole, by one rename; a folder that exists
 * stays the one it is (a shell may stand in it), and loses what was written where a later file fails.
 *
 * @param dir the folder, absolute
 * @throws OrchestraError `directory_not_empty`, `usage` where it cannot be written
 */
export function writeScaffold(dir: string, files: ReadonlyMap<string, string>): WrittenScaffold {
	const exists = checkTargetFolder(dir);
	try {
		if (exists) fillFolder(dir, files);
		const made = exists ? [] : [...createFolder(dir, files), dir];
		return {
			undo() {
				for (const [name, text] of files) removeUnchanged(join(dir, name), text);
				removeEmpty(made);
			},
		};
	} catch (error) {
		if (error instanceof OrchestraError) throw error;
		throw new OrchestraError('usage', `${dir} cannot be written: ${(error as Error).message}`, {
			hint: 'Choose a folder that you may write. Nothing was left behind.',
			details: { dir },
			cause: error,
		});
	}
}

function removeUnchanged(path: string, text: string): void {
	try {
		if (readFileSync(path, 'utf8') === text) rmSync(path);
	} catch {
		// It is gone already, or somebody else's by now.
	}
}

function fillFolder(dir: string, files: ReadonlyMap<string, string>): void {
	const written: string[] = [];
	try {
		for (const [name, text] of files) {
			const path = join(dir, name);
			// wx: what appeared since the check is somebody else's.
			writeFileSync(path, text, { flag: 'wx' });
			written.push(path);
		}
	} catch (error) {
		for (const path of written) rmSync(path, { force: true });
		throw error;
	}
}

/** @returns the folders above it that were made, the topmost first */
function createFolder(dir: string, files: ReadonlyMap<string, string>): string[] {
	const parent = dirname(dir);
	const made = makeFolders(parent);
	try {
		const scratch = mkdtempSync(join(parent, `.${basename(dir)}-`));
		try {
			const inner = join(scratch, 'plugin');
			mkdirSync(inner); // With the usual mode: what mkdtemp makes is closed to others.
			fillFolder(inner, files);
			renameSync(inner, dir);
		} finally {
			rmSync(scratch, { recursive: true, force: true });
		}
		return made;
	} catch (error) {
		removeEmpty(made);
		throw error;
	}
}

/** Takes back the folders that were made for the parent; one that somebody else uses by now stays. */
function removeEmpty(made: readonly string[]): void {
	for (const folder of made.toReversed()) {
		try {
			rmdirSync(folder);
		} catch {
			return;
		}
	}
}
