import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { OrchestraError } from '../../wire/orchestra-error.ts';

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
