import { stat } from 'node:fs/promises';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertPrivate } from './assert-private.ts';
import { resolveCertsDir } from './certs-dir.ts';
import { makeDirectory } from './make-directory.ts';
import { shellWord } from './shell-word.ts';
import { systemErrorCode } from './system-error-code.ts';

/**
 * Resolves a certificates directory and checks that it is one and that only its owner can change what is in it. Whoever can
 * put files there decides whom we trust; and so a symbolic link found in it is its owner's wish, and followed.
 *
 * @param create makes the directory (mode 0700) where it is absent
 * @returns its absolute path
 * @throws OrchestraError `certs_dir_unusable`
 */
export async function openCertsDir(certsDir: string, create: boolean): Promise<string> {
	const dir = resolveCertsDir(certsDir);
	try {
		if (create) await makeDirectory(dir);
		const found = await stat(dir);
		if (!found.isDirectory()) throw new Error('it is not a directory');
		await assertPrivate(dir, found);
	} catch (error) {
		if (!create && systemErrorCode(error) === 'ENOENT') {
			throw new OrchestraError('certs_dir_unusable', `there is no certificates directory ${dir}`, {
				hint: `Run: orchestra certs init --certs-dir ${shellWord(dir)}.`,
				details: { path: dir },
			});
		}
		throw certsDirError(dir, error);
	}
	return dir;
}

/** Turns what the file system says about the directory or a file in it into `certs_dir_unusable`; our own errors stay. */
export function certsDirError(dir: string, error: unknown): OrchestraError {
	if (error instanceof OrchestraError) return error;
	const reason = reasonOf(error);
	return new OrchestraError(
		'certs_dir_unusable',
		`the certificates directory ${dir} cannot be used: ${reason}`,
		{
			hint: 'Name a directory that you own, with --certs-dir or ORCHESTRA_CERTS_DIR.',
			details: { path: dir },
			cause: error,
		},
	);
}

/** What the file system means, in words. */
const reasons: Readonly<Record<string, string>> = {
	ENOTDIR: 'a part of that path is a file',
	EACCES: 'it may not be read or written by this user',
	EPERM: 'it may not be read or written by this user',
	EROFS: 'it is on a disk that can only be read',
	ENOSPC: 'no space is left on the disk',
	EMFILE: 'too many files are open',
	ELOOP: 'its links go in a circle',
};

function reasonOf(error: unknown): string {
	const known = reasons[systemErrorCode(error) ?? ''];
	if (known !== undefined) return known;
	return error instanceof Error ? error.message : String(error);
}
