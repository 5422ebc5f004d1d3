import { type Dirent, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Names that may lie in a folder that counts as empty. */
const ignored = new Set(['.git', '.DS_Store']);

/** Names of what is in the way, as many as a sentence bears. */
const maxNames = 4;

/**
 * Checks that a new plugin can be written into a folder: it does not exist yet, or is empty but for `.git`.
 *
 * @param dir the folder, absolute
 * @returns whether it exists
 * @throws OrchestraError `directory_not_empty`, or `usage` where it or a folder above it is none
 */
export function checkTargetFolder(dir: string): boolean {
	let entries: Dirent[];
	try {
		entries = readdirSync(dir, { withFileTypes: true });
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === 'ENOENT') {
			checkParent(dir);
			return false;
		}
		if (code === 'ENOTDIR') {
			if (!isThere(dir)) checkParent(dir);
			throw notAFolder(dir);
		}
		throw new OrchestraError('usage', `the folder ${dir} cannot be read: ${message}`, {
			hint: 'Choose a folder that you may read and write.',
			cause: error,
		});
	}
	const found = entries
		.filter(({ name }) => !ignored.has(name))
		.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
		.sort();
	if (found.length === 0) return true;
	const more = found.length > maxNames ? ` and ${found.length - maxNames} more` : '';
	throw new OrchestraError(
		'directory_not_empty',
		`the folder ${dir} is not empty: it has ${found.slice(0, maxNames).join(', ')}${more}`,
		{ hint: 'Name a new folder: orchestra init my-plugin.', details: { dir, found } },
	);
}

/** The nearest thing above that exists has to be a folder. */
function checkParent(dir: string): void {
	const parent = dirname(dir);
	if (parent === dir) return;
	let stats: ReturnType<typeof statSync>;
	try {
		stats = statSync(parent, { throwIfNoEntry: false });
	} catch (error) {
		// Something higher up is a file (ENOTDIR), or may not be looked into.
		if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') {
			checkParent(parent);
			return;
		}
		throw new OrchestraError('usage', `the folder ${parent} cannot be read: ${(error as Error).message}`, {
			hint: 'Choose a folder that you may read and write.',
			cause: error,
		});
	}
	if (!stats) checkParent(parent);
	else if (!stats.isDirectory()) throw notAFolder(parent);
}

function notAFolder(path: string): OrchestraError {
	return new OrchestraError('usage', `${path} is a file, not a folder`, {
		hint: 'Name another folder for the plugin.',
		details: { path },
	});
}

function isThere(path: string): boolean {
	try {
		return statSync(path, { throwIfNoEntry: false }) !== undefined;
	} catch {
		return false;
	}
}
