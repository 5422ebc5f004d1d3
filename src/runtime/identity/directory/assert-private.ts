import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { shellWord } from './shell-word.ts';

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
		if (isForeign(parent)) throw unusable(dir, above, parent, 'belongs to another user', undefined);
		if (!othersCanReplace(parent)) continue;
		throw unusable(dir, above, parent, 'can be written to by others', `chmod go-w ${shellWord(above)}`);
	}
}

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
