import { X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { commonName, commonNameIn } from './parse-certificate.ts';
import { type Phase, phaseOf, validityOf } from './validity.ts';

/** What a certificate says, for people and for `--json`. */
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
	/** Where now lies in its life. Says nothing about who issued it. */
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
		fingerprint: parsed.fingerprint256.replaceAll(':', '').toLowerCase(),
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
