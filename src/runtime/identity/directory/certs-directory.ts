import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { makeFolders } from '../../platform/make-folders.ts';
import { shellWord } from '../../platform/shell-word.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/** The code of a file system error, such as `ENOENT`; undefined for any other value. */
export function systemErrorCode(error: unknown): string | undefined {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * The directory that holds the certificates, as an absolute path: `dir`, else `$ORCHESTRA_CERTS_DIR`, else
 * `~/.orchestra/certs`. A leading `~` is the home directory. Nothing is created or checked.
 *
 * @throws OrchestraError `certs_dir_unusable` for a user without a home, where nothing else is named
 */
export function resolveCertsDir(dir?: string): string {
	const { ORCHESTRA_CERTS_DIR } = process.env;
	const chosen = dir || ORCHESTRA_CERTS_DIR || join('~', '.orchestra', 'certs');
	if (chosen === '~') return home();
	return resolve(/^~[/\\]/.test(chosen) ? join(home(), chosen.slice(2)) : chosen);
}

function home(): string {
	try {
		return homedir();
	} catch (error) {
		throw new OrchestraError(
			'certs_dir_unusable',
			'the certificates directory is unknown: this user has no home',
			{
				hint: 'Set HOME or ORCHESTRA_CERTS_DIR, or name the directory with --certs-dir.',
				cause: error,
			},
		);
	}
}

declare const opened: unique symbol;
declare const locked: unique symbol;

/** The absolute path of a certificates directory that was opened: it is there, and nobody else can change what is in it. */
export type CertsDirectory = string & { readonly [opened]: true };

/** One whose lock the caller holds: only he changes what is in it. See {@link withCertsLock}. */
export type LockedCertsDirectory = CertsDirectory & { readonly [locked]: true };

/**
 * Resolves a certificates directory and checks that it is one and that only its owner can change what is in it. Whoever can
 * put files there decides whom we trust; and so a symbolic link found in it is its owner's wish, and followed.
 *
 * @param create makes the directory (mode 0700) where it is absent
 * @returns its absolute path
 * @throws OrchestraError `certs_dir_unusable`
 */
export async function openCertsDir(certsDir: string, create: boolean): Promise<CertsDirectory> {
	const dir = resolveCertsDir(certsDir);
	try {
		if (create) await makeAbsent(dir);
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
	return dir as CertsDirectory;
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

/** Errors of the file system, in words. */
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

/** Makes the directory where it is absent. @throws Error of the file system */
async function makeAbsent(dir: string): Promise<void> {
	try {
		await stat(dir);
	} catch (absent) {
		if (systemErrorCode(absent) !== 'ENOENT') throw absent;
		try {
			makeFolders(dir, 0o700);
		} catch (error) {
			throw systemErrorCode(error) === 'ENOENT' ? new Error(`${dir} cannot be created`) : error;
		}
	}
}

/**
 * Checks that nobody but its owner and the system's administrator can change what a directory holds, or put another in its place: its own
 * owner and mode, and those of all directories above it, by its name and by what links in that lead to. On Windows nothing is checked.
 *
 * @param found of the directory
 * @throws OrchestraError `certs_dir_unusable`
 */
export async function assertPrivate(dir: string, found: Stats): Promise<void> {
	if (process.platform === 'win32') return;
	if (isForeign(found))
		throw unusable(dir, dir, found, 'belongs to another user', `chown ${ownUser()} ${shellWord(dir)}`);
	if ((found.mode & 0o022) !== 0) {
		throw unusable(dir, dir, found, 'can be written to by others', `chmod go-w ${shellWord(dir)}`);
	}
	for (const above of new Set([...ancestors(dir), ...ancestors(await realpath(dir))])) {
		const parent = await stat(above);
		if (isForeign(parent) && parent.uid !== unnamedUser)
			throw unusable(dir, above, parent, 'belongs to another user', undefined);
		if (!othersCanReplace(parent)) continue;
		throw unusable(dir, above, parent, 'can be written to by others', `chmod go-w ${shellWord(above)}`);
	}
}

/** User id that stands, in a container with users of its own, for the owners outside of it. */
const unnamedUser = 65_534;

/** The directories above one, the nearest first. */
function ancestors(path: string): string[] {
	const above = dirname(path);
	return above === path ? [] : [above, ...ancestors(above)];
}

function ownUser(): number {
	return process.geteuid?.() ?? process.getuid?.() ?? 0;
}

function isForeign({ uid }: Stats): boolean {
	return uid !== 0 && uid !== ownUser();
}

/**
 * Whether others can rename what is in a directory. With the sticky bit they cannot; and a group that has a user's own number is
 * that user's alone, as many systems set it up.
 */
function othersCanReplace({ mode, uid, gid }: Stats): boolean {
	if ((mode & 0o1000) !== 0) return false;
	return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== uid);
}

function unusable(
	dir: string,
	path: string,
	{ mode, uid }: Stats,
	what: string,
	command: string | undefined,
): OrchestraError {
	const where = path === dir ? '' : `: ${path} above it`;
	const message = `the certificates directory ${dir} is not yours alone${where || ': it'} ${what}`;
	return new OrchestraError('certs_dir_unusable', message, {
		hint: command
			? `Run: ${command}, after a look at what is in it.`
			: 'Name a directory that you own, with --certs-dir or ORCHESTRA_CERTS_DIR.',
		details: { path, mode: (mode & 0o7777).toString(8), uid },
	});
}
