import { readdir } from 'node:fs/promises';
import { certsDirError } from './open-certs-dir.ts';

/** The names of the certificates in an opened directory, in order; `ca` is not among them. A name need not be a valid one. */
export async function leafNames(dir: string): Promise<string[]> {
	const files = await readdir(dir).catch((error: unknown) => {
		throw certsDirError(dir, error);
	});
	const names = files.filter((file) => file.endsWith('.crt')).map((file) => file.slice(0, -4));
	return names.filter((name) => name !== 'ca').sort();
}
