import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The directory that holds the certificates, as an absolute path: `dir`, else `$ORCHESTRA_CERTS_DIR`, else
 * `~/.orchestra/certs`. A leading `~` is the home directory. Nothing is created or checked.
 */
export function resolveCertsDir(dir?: string): string {
	const { ORCHESTRA_CERTS_DIR } = process.env;
	const chosen = dir || ORCHESTRA_CERTS_DIR || join('~', '.orchestra', 'certs');
	if (chosen === '~') return homedir();
	return resolve(/^~[/\\]/.test(chosen) ? join(homedir(), chosen.slice(2)) : chosen);
}
