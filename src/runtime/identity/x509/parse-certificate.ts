import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { OrchestraError } from '../../wire/orchestra-error.ts';

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Parses every certificate of a PEM text, in order; at least one.
 *
 * @param path the file it came from, for the error
 * @throws OrchestraError `certificate_invalid`
 */
export function parseCertificates(pem: string, path: string): [X509Certificate, ...X509Certificate[]] {
	try {
		const [first, ...rest] = (pem.match(block) ?? []).map((text) => new X509Certificate(text));
		if (first === undefined) throw new Error('it holds no certificate in PEM form');
		return [first, ...rest];
	} catch (error) {
		throw unusable(path, 'certificate', error);
	}
}

/**
 * Parses a private key, PEM, not encrypted.
 *
 * @param path the file it came from, for the error
 * @throws OrchestraError `certificate_invalid`
 */
export function parsePrivateKey(pem: string, path: string): KeyObject {
	try {
		return createPrivateKey(pem);
	} catch (error) {
		throw unusable(path, 'private key', error);
	}
}

/** The common name of a certificate's subject; undefined where it has none, or more than one. */
export function commonName(certificate: X509Certificate): string | undefined {
	return commonNameIn(certificate.subject);
}

/** The common name in a subject or issuer as `X509Certificate` spells it; undefined where it has none, or more than one. */
export function commonNameIn(distinguishedName: string): string | undefined {
	const names = distinguishedName.split('\n').filter((line) => line.startsWith('CN='));
	return names.length === 1 ? names[0]?.slice(3) : undefined;
}

function unusable(path: string, what: string, error: unknown): OrchestraError {
	const reason = error instanceof Error ? error.message : String(error);
	return new OrchestraError('certificate_invalid', `${path} holds no usable ${what}: ${reason}`, {
		hint: 'Restore the file from a backup, or remove it and its counterpart and issue a new one.',
		details: { path },
		cause: error,
	});
}
