import { join } from 'node:path';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertCertificateName } from '../certificate-name.ts';
import { certsDirError, openCertsDir } from '../directory/certs-directory.ts';
import { withCertsLock } from '../directory/certs-lock.ts';
import { issuingAuthority, leafPaths } from '../directory/leaf.ts';
import { loadIdentity } from '../directory/load-identity.ts';
import { createPemFile, isThere, readPemFile, replacePemFile, unlinkIfThere } from '../directory/pem-file.ts';
import type { Identity } from '../identity.ts';
import { commonName, parseCertificates, parsePrivateKey } from '../x509/read-certificate.ts';

const keyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----\n?/;

/**
 * Stores what was exported elsewhere: a certificate with its key, and the authorities that it needs. The key of the authority stays
 * where it is, so nothing can be issued or renewed here.
 *
 * @throws OrchestraError `certificate_missing` (no such file), `certificate_invalid`, `key_exposed`, `certificate_exists`, `certs_dir_unusable`
 */
export async function importIdentity(
	certsDir: string,
	file: string,
	options: { readonly replace?: boolean | undefined } = {},
): Promise<Identity> {
	const { name, certificatePem, privateKeyPem, caPem } = await readBundle(file);
	const opened = await openCertsDir(certsDir, true);
	return withCertsLock(opened, async (dir) => {
		const authority = join(dir, 'ca.crt');
		const { crt, key } = leafPaths(dir, name);
		const present = await readPemFile(authority, false);
		const sameAuthority = present === undefined || sameCertificates(present, caPem, authority);
		if (!options.replace) {
			if (!sameAuthority) throw exists(authority);
			for (const path of [crt, key]) if (await isThere(path)) throw exists(path);
		} else if (!sameAuthority && (await isThere(join(dir, 'ca.key')))) {
			// Its own authority would be cut off from its key.
			throw exists(authority);
		}
		try {
			if (present === undefined) await createPemFile(authority, caPem);
			else if (!sameAuthority) await replacePemFile(authority, caPem);
			await unlinkIfThere(crt);
			await replacePemFile(key, privateKeyPem);
			await replacePemFile(crt, certificatePem);
		} catch (error) {
			throw certsDirError(dir, error);
		}
		return loadIdentity(dir, name);
	});
}

async function readBundle(file: string): Promise<Identity> {
	const text = await readPemFile(file, true);
	if (text === undefined) {
		throw new OrchestraError('certificate_missing', `there is no file ${file}`, {
			hint: 'Name the file that orchestra certs export wrote.',
			details: { path: file },
		});
	}
	if (!text.includes('-----BEGIN ')) {
		throw new OrchestraError('certificate_invalid', `${file} holds no certificate in PEM form`, {
			hint: 'Name the file that orchestra certs export wrote.',
			details: { path: file },
		});
	}
	const chain = parseCertificates(text, file);
	const [leaf] = chain;
	const name = commonName(leaf) ?? '';
	const privateKeyPem = keyBlock.exec(text)?.[0];
	if (privateKeyPem === undefined) throw invalid(file, 'it holds no private key');
	assertCertificateName(name);
	if (!leaf.checkPrivateKey(parsePrivateKey(privateKeyPem, file))) {
		throw invalid(file, 'its key is not that of its certificate');
	}
	// The export puts the key between what is shown to peers and what is trusted.
	const shown = parseCertificates(text.slice(0, text.indexOf(privateKeyPem)), file);
	const roots = chain.slice(shown.length);
	const [first, ...others] = roots;
	if (first === undefined || !roots.every((root) => root.ca)) throw invalid(file, 'it holds no authorities');
	const trusted: [typeof first, ...typeof others] = [first, ...others];
	const authorities = { caPem: '', certificates: trusted, revocations: undefined, rotation: undefined };
	if (issuingAuthority({ chain: shown, authorities }) === undefined) {
		throw invalid(file, 'its certificate is not of its authorities');
	}
	return { name, certificatePem: shown.join(''), privateKeyPem, caPem: trusted.join('') };
}

function sameCertificates(one: string, other: string, path: string): boolean {
	return parseCertificates(one, path).join('') === parseCertificates(other, path).join('');
}

function invalid(file: string, why: string): OrchestraError {
	return new OrchestraError('certificate_invalid', `${file} cannot be imported: ${why}`, {
		hint: 'Name the file that orchestra certs export wrote, without --public.',
		details: { path: file },
	});
}

function exists(path: string): OrchestraError {
	return new OrchestraError('certificate_exists', `${path} is there already, and another`, {
		hint: 'Import into another directory (--certs-dir), or add --force where its authority has no key here.',
		details: { path },
	});
}
