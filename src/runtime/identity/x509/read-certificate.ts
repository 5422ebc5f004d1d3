import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { type Phase, phaseOf, validityOf } from './validity.ts';

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

/** SHA-256 of a certificate, lower-case hexadecimal. */
export function fingerprintOf(certificate: X509Certificate): string {
	return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** SHA-256 of the public key of a certificate (SPKI, DER), lower-case hexadecimal. A renewal may keep the key. */
export function keyFingerprintOf(certificate: X509Certificate): string {
	const der = certificate.publicKey.export({ type: 'spki', format: 'der' });
	return createHash('sha256').update(der).digest('hex');
}

/** Facts by which a certificate is found in a list of revocations, beside its name. */
export function revocationFacts(certificate: X509Certificate): {
	fingerprint: string;
	keyFingerprint: string;
	validFrom: Date;
} {
	return {
		fingerprint: fingerprintOf(certificate),
		keyFingerprint: keyFingerprintOf(certificate),
		validFrom: validityOf(certificate).notBefore,
	};
}

/** Beginning of the serial number of every certificate that this software issues; four bytes, as a binary string. */
export const serialMark = 'orch';

const hexMark = Buffer.from(serialMark, 'latin1').toString('hex');

/** The byte behind the mark: whether somebody was given the certificate on purpose, or a program made it for itself. */
export const serialKinds = { given: 0x67, own: 0x6f } as const;

const hexGiven = `${hexMark}${serialKinds.given.toString(16)}`;

/** Whether somebody was given a certificate on purpose (`certs issue`): its name is his, and no other program's. Renewals keep that. */
export function isGiven(certificate: X509Certificate): boolean {
	return certificate.serialNumber.toLowerCase().startsWith(hexGiven);
}

/**
 * Whether this software issued a certificate. Others (the Go SDK in the same directory) make certificates with the same fields;
 * what is theirs is used, and changed by an explicit command only.
 */
export function isIssuedHere(certificate: X509Certificate): boolean {
	return certificate.serialNumber.toLowerCase().startsWith(hexMark);
}

/** Contents of a certificate, for people and for `--json`. */
export interface CertificateDescription {
	/** The subject's common name; empty where there is none. */
	readonly name: string;
	/** The issuer's common name; empty where there is none. */
	readonly issuer: string;
	/** Whether it is an authority's. */
	readonly isAuthority: boolean;
	/** Lower-case hexadecimal, an even number of digits. */
	readonly serial: string;
	/** SHA-256 of the certificate, lower-case hexadecimal. */
	readonly fingerprint: string;
	/** `ed25519`, `rsa`, … */
	readonly keyType: string;
	/** ISO 8601, UTC, as is {@link notAfter}. */
	readonly notBefore: string;
	readonly notAfter: string;
	/** Place of the present moment in its life. Says nothing about who issued it. */
	readonly phase: Phase;
	/** The host names and IP addresses it is valid for. */
	readonly alternativeNames: readonly string[];
}

/**
 * Describes a certificate.
 *
 * @param certificate PEM (the first block counts), DER, or parsed
 * @throws Error where it is no certificate
 */
export function describeCertificate(
	certificate: string | Uint8Array | X509Certificate,
): CertificateDescription {
	const parsed = certificate instanceof X509Certificate ? certificate : new X509Certificate(certificate);
	const validity = validityOf(parsed);
	const serial = parsed.serialNumber.toLowerCase();
	return {
		name: commonName(parsed) ?? '',
		issuer: commonNameIn(parsed.issuer) ?? '',
		isAuthority: parsed.ca,
		// Node and Deno disagree about a leading zero.
		serial: serial.length % 2 === 0 ? serial : `0${serial}`,
		fingerprint: fingerprintOf(parsed),
		keyType: parsed.publicKey.asymmetricKeyType ?? 'unknown',
		notBefore: validity.notBefore.toISOString(),
		notAfter: validity.notAfter.toISOString(),
		phase: phaseOf(validity),
		alternativeNames: alternativeNames(parsed.subjectAltName ?? ''),
	};
}

function alternativeNames(text: string): string[] {
	// An entry with odd characters stands in quotes, with escapes as in JSON.
	const entries = text.matchAll(/(?:DNS|IP Address|URI|email):(?:"((?:[^"\\]|\\.)*)"|([^,]*))/g);
	return Array.from(entries, ([, quoted, plain]) => shorten(quoted ?? plain ?? ''));
}

/** The usual short form of an IPv6 address, which Node spells out. */
function shorten(name: string): string {
	return isIPv6(name) ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
}
