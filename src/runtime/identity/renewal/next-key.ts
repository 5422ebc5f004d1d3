import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { readPemFile } from '../directory/read-pem-file.ts';
import { createPemFile, unlinkIfThere } from '../directory/write-pem-file.ts';
import { parseCertificates, parsePrivateKey } from '../x509/parse-certificate.ts';

/** Where the key of the next authority lies until `ca.crt` is its certificate's. No leaf can have this name. */
function nextKeyPath(dir: string): string {
	return join(dir, '.ca.next.key');
}

/** Keeps the key of the next authority. The caller holds the lock. */
export async function writeNextKey(dir: string, privateKeyPem: string): Promise<void> {
	await unlinkIfThere(nextKeyPath(dir));
	await createPemFile(nextKeyPath(dir), privateKeyPem);
}

/**
 * Completes a change of authority, or undoes one: certificate and key are two files and change one after the other, so an
 * interruption in between leaves the key where it can be found. The caller holds the lock.
 */
export async function settleNextKey(dir: string): Promise<void> {
	const path = nextKeyPath(dir);
	const privateKeyPem = await readPemFile(path, true);
	if (privateKeyPem === undefined) return;
	const authorityPem = await readPemFile(join(dir, 'ca.crt'), false);
	const [authority] = authorityPem === undefined ? [] : parseCertificates(authorityPem, join(dir, 'ca.crt'));
	if (authority?.checkPrivateKey(parsePrivateKey(privateKeyPem, path)))
		await rename(path, join(dir, 'ca.key'));
	else await unlinkIfThere(path);
}
