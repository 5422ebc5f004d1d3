import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import asn1 from 'node-forge/lib/asn1.js';
import { serialKinds, serialMark } from './read-certificate.ts';

/** An ASN.1 value as node-forge holds it. */
export type Asn1 = ReturnType<typeof asn1.create>;

/** Contents of a certificate, before it is signed. */
export interface CertificateTemplate {
	/** The subject, a distinguished name. */
	readonly subject: Asn1;
	/** The issuer: byte for byte the subject of the issuing certificate, or chains do not build. */
	readonly issuer: Asn1;
	/** The subject's public key, DER, SubjectPublicKeyInfo. */
	readonly publicKeyDer: Uint8Array;
	readonly notBefore: Date;
	readonly notAfter: Date;
	/** Whether somebody is given it on purpose, see {@link isGiven}. Default false. */
	readonly given?: boolean | undefined;
	readonly extensions: readonly Asn1[];
}

const { Class, Type } = asn1;

const oid = {
	ed25519: '1.3.101.112',
	ecdsaWithSha256: '1.2.840.10045.4.3.2',
	organizationName: '2.5.4.10',
	commonName: '2.5.4.3',
	subjectKeyIdentifier: '2.5.29.14',
	keyUsage: '2.5.29.15',
	subjectAltName: '2.5.29.17',
	basicConstraints: '2.5.29.19',
	authorityKeyIdentifier: '2.5.29.35',
	extKeyUsage: '2.5.29.37',
	serverAuth: '1.3.6.1.5.5.7.3.1',
	clientAuth: '1.3.6.1.5.5.7.3.2',
};

/** Bits of the key usage extension (RFC 5280, 4.2.1.3), counted from the most significant one. */
export const keyUsageBit = {
	digitalSignature: 0,
	keyEncipherment: 2,
	keyAgreement: 4,
	keyCertSign: 5,
	cRLSign: 6,
};

/** Signs a template with an Ed25519 key, or one of an elliptic curve, and returns the certificate, PEM. */
export function signCertificate(template: CertificateTemplate, issuerKey: KeyObject): string {
	const isEd25519 = issuerKey.asymmetricKeyType === 'ed25519';
	const algorithm = sequence(objectId(isEd25519 ? oid.ed25519 : oid.ecdsaWithSha256));
	const body = sequence(
		context(0, true, [universal(Type.INTEGER, '\x02')]), // version 3
		universal(Type.INTEGER, serialNumber(template.given ?? false)),
		algorithm,
		template.issuer,
		sequence(time(template.notBefore), time(template.notAfter)),
		template.subject,
		asn1.fromDer(binary(template.publicKeyDer)),
		context(3, true, [sequence(...template.extensions)]),
	);
	const signature = sign(isEd25519 ? null : 'sha256', der(body), issuerKey);
	const bits = universal(Type.BITSTRING, `\0${binary(signature)}`);
	return pem('CERTIFICATE', der(sequence(body, algorithm, bits)));
}

/** The distinguished name `O=Orchestra, CN=<commonName>`. */
export function distinguishedName(commonName: string): Asn1 {
	return sequence(
		nameAttribute(oid.organizationName, 'Orchestra'),
		nameAttribute(oid.commonName, commonName),
	);
}

/** Fields that a leaf takes over from the certificate that issues it: its subject and its key identifier, as they are. */
export function readIssuer(certificateDer: Uint8Array): { subject: Asn1; keyId: string | undefined } {
	const certificate = asn1.fromDer(binary(certificateDer));
	const body = children(children(certificate)[0]);
	const subject = body[5];
	if (subject === undefined) throw new Error('the certificate has no subject');
	let keyId: string | undefined;
	const wrapped = body.find((field) => field.tagClass === Class.CONTEXT_SPECIFIC && field.type === 3);
	for (const extension of children(children(wrapped)[0])) {
		const [id, ...rest] = children(extension);
		const octets = rest.at(-1);
		if (typeof id?.value !== 'string' || typeof octets?.value !== 'string') continue;
		if (asn1.derToOid(id.value) !== oid.subjectKeyIdentifier) continue;
		const inner = asn1.fromDer(octets.value).value;
		if (typeof inner === 'string') keyId = inner;
	}
	return { subject, keyId };
}

/** A key identifier: the first 160 bits of the SHA-256 of the public key (RFC 7093, method 1), as a binary string. */
export function keyIdOf(publicKeyDer: Uint8Array): string {
	// The last 32 bytes of an Ed25519 SubjectPublicKeyInfo are the key; for another kind any stable digest of it serves.
	const key = publicKeyDer.length === 44 ? publicKeyDer.subarray(12) : publicKeyDer;
	return binary(createHash('sha256').update(key).digest().subarray(0, 20));
}

/** basicConstraints of a CA, critical. */
export function authorityConstraints(pathLength: number): Asn1 {
	const value = sequence(
		universal(Type.BOOLEAN, '\xff'),
		universal(Type.INTEGER, String.fromCharCode(pathLength)),
	);
	return extension(oid.basicConstraints, value, true);
}

/** keyUsage, critical. */
export function keyUsage(...bits: readonly number[]): Asn1 {
	let byte = 0;
	for (const bit of bits) byte |= 0x80 >> bit;
	const unused = 7 - Math.max(...bits);
	return extension(oid.keyUsage, universal(Type.BITSTRING, String.fromCharCode(unused, byte)), true);
}

/** extendedKeyUsage for both ends of a TLS connection. */
export function serverAndClientAuth(): Asn1 {
	return extension(oid.extKeyUsage, sequence(objectId(oid.serverAuth), objectId(oid.clientAuth)));
}

/** subjectAltName: host names, then IP addresses as their 4 or 16 bytes. */
export function alternativeNames(hosts: readonly string[], addresses: readonly Uint8Array[]): Asn1 {
	const names = hosts.map((host) => context(2, false, host));
	const ips = addresses.map((address) => context(7, false, binary(address)));
	return extension(oid.subjectAltName, sequence(...names, ...ips));
}

/** Names the key of a CA, by {@link keyIdOf}. */
export function subjectKeyIdentifier(keyId: string): Asn1 {
	return extension(oid.subjectKeyIdentifier, universal(Type.OCTETSTRING, keyId));
}

/** Names the key that issued, as the CA's certificate names it. */
export function authorityKeyIdentifier(keyId: string): Asn1 {
	return extension(oid.authorityKeyIdentifier, sequence(context(0, false, keyId)));
}

/**
 * Whether a name may stand among the DNS names of a certificate. Stricter readers refuse a whole certificate for one odd
 * entry, and an identity is its common name anyway, so what is not clearly a host name is left out.
 */
export function isHostName(name: string): boolean {
	const label = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
	return isIP(name) === 0 && name.length <= 253 && name.split('.').every((part) => label.test(part));
}

function extension(id: string, value: Asn1, critical = false): Asn1 {
	const octets = universal(Type.OCTETSTRING, asn1.toDer(value).getBytes());
	if (!critical) return sequence(objectId(id), octets);
	return sequence(objectId(id), universal(Type.BOOLEAN, '\xff'), octets);
}

function nameAttribute(id: string, text: string): Asn1 {
	// PrintableString holds no underscore, so UTF8String for all.
	const pair = sequence(objectId(id), universal(Type.UTF8, binary(Buffer.from(text, 'utf8'))));
	return asn1.create(Class.UNIVERSAL, Type.SET, true, [pair]);
}

/** 88 random bits behind the mark and the kind. Its first byte is positive and no padding: BoringSSL refuses any other encoding. */
function serialNumber(given: boolean): string {
	return (
		serialMark + String.fromCharCode(given ? serialKinds.given : serialKinds.own) + binary(randomBytes(11))
	);
}

function time(date: Date): Asn1 {
	// RFC 5280, 4.1.2.5: UTCTime ends with 2049.
	return date.getUTCFullYear() < 2050
		? universal(Type.UTCTIME, asn1.dateToUtcTime(date))
		: universal(Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date));
}

function children(node: Asn1 | undefined): Asn1[] {
	return Array.isArray(node?.value) ? node.value : [];
}

function sequence(...items: Asn1[]): Asn1 {
	return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, items);
}

function universal(type: number, value: string): Asn1 {
	return asn1.create(Class.UNIVERSAL, type, false, value);
}

function context(tag: number, constructed: boolean, value: string | Asn1[]): Asn1 {
	return asn1.create(Class.CONTEXT_SPECIFIC, tag, constructed, value);
}

function objectId(id: string): Asn1 {
	return universal(Type.OID, asn1.oidToDer(id).getBytes());
}

function der(node: Asn1): Buffer {
	return Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
}

/** node-forge keeps bytes as strings with one character a byte. */
function binary(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function pem(label: string, bytes: Buffer): string {
	const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
	return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
