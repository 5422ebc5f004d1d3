import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertCertificateName } from '../certificate-name.ts';
import type { Identity } from '../identity.ts';
import {
	alternativeNames,
	authorityConstraints,
	authorityKeyIdentifier,
	distinguishedName,
	isHostName,
	keyIdOf,
	keyUsage,
	keyUsageBit,
	readIssuer,
	serverAndClientAuth,
	signCertificate,
	subjectKeyIdentifier,
} from './certificate-der.ts';
import { defaultAuthorityDays, defaultLeafDays, validityFromNow } from './validity.ts';

/** A certificate authority that can issue. Holds a secret: never log it. */
export interface Authority {
	/** The CA certificate, PEM. Where it holds several blocks, the first one issues. */
	readonly certificatePem: string;
	/** Its private key, PEM, PKCS#8, Ed25519. */
	readonly privateKeyPem: string;
	/**
	 * While a rotation is under way: this authority as the former one certifies it, PEM. Leaves carry it, so that peers who know
	 * the former root only trust them too.
	 */
	readonly crossCertificatePem?: string | undefined;
}

/** Options of making a CA. */
export interface CreateAuthorityOptions {
	/** Validity in days. Default 365. */
	readonly days?: number | undefined;
	/** An Ed25519 key to use instead of a fresh one, PEM, PKCS#8. What was issued with it stays valid. */
	readonly privateKeyPem?: string | undefined;
}

/** Makes a certificate authority `O=Orchestra, CN=Orchestra CA` in memory. */
export function createAuthority(options: CreateAuthorityOptions = {}): Authority {
	const privateKey =
		options.privateKeyPem === undefined
			? generateKeyPairSync('ed25519').privateKey
			: createPrivateKey(options.privateKeyPem);
	const publicKeyDer = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
	const name = distinguishedName('Orchestra CA');
	const certificatePem = signCertificate(
		{
			subject: name,
			issuer: name,
			publicKeyDer,
			...validityFromNow(options.days ?? defaultAuthorityDays),
			// No nameConstraints for IP addresses: BoringSSL, which QUIC stands on, refuses every chain that has them.
			extensions: [
				authorityConstraints(1),
				keyUsage(keyUsageBit.keyCertSign, keyUsageBit.cRLSign),
				subjectKeyIdentifier(keyIdOf(publicKeyDer)),
			],
		},
		privateKey,
	);
	return { certificatePem, privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/**
 * Has one authority certify another, in memory. A leaf of `next` with this certificate behind it is trusted by whoever trusts
 * either of them.
 *
 * @param notAfter when that ends; no later than `former` itself
 */
export function crossSign(former: Authority, next: Authority, notAfter: Date): string {
	const issuer = new X509Certificate(former.certificatePem);
	const { subject: issuerName, keyId } = readIssuer(issuer.raw);
	const { subject } = readIssuer(new X509Certificate(next.certificatePem).raw);
	const publicKeyDer = createPublicKey(createPrivateKey(next.privateKeyPem)).export({
		type: 'spki',
		format: 'der',
	});
	return signCertificate(
		{
			subject,
			issuer: issuerName,
			publicKeyDer,
			notBefore: validityFromNow(1).notBefore,
			notAfter: new Date(Math.min(notAfter.getTime(), Date.parse(issuer.validTo))),
			extensions: [
				authorityConstraints(0),
				keyUsage(keyUsageBit.keyCertSign, keyUsageBit.cRLSign),
				subjectKeyIdentifier(keyIdOf(publicKeyDer)),
				...(keyId === undefined ? [] : [authorityKeyIdentifier(keyId)]),
			],
		},
		createPrivateKey(former.privateKeyPem),
	);
}

/** Options of issuing a leaf certificate. */
export interface IssueOptions {
	/** Validity in days; it ends no later than its CA. Default {@link defaultLeafDays}. */
	readonly days?: number | undefined;
	/** A moment before which it may not begin. */
	readonly notBefore?: Date | undefined;
	/** Whether somebody is given it on purpose, rather than a program that makes its own. Default false. */
	readonly given?: boolean | undefined;
	/** A private key to certify instead of a fresh one, PEM, PKCS#8. */
	readonly privateKeyPem?: string | undefined;
}

const loopback4 = Uint8Array.of(127, 0, 0, 1);
const loopback6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/**
 * Issues a leaf certificate for both ends of a TLS connection, in memory: CN = name, valid for the host names `name` (where it
 * is one) and `localhost` and for 127.0.0.1 and ::1.
 *
 * @throws OrchestraError `invalid_name`, `certificate_invalid` where the authority is none or cannot sign
 */
export function issueIdentity(authority: Authority, name: string, options: IssueOptions = {}): Identity {
	assertCertificateName(name);
	const issuer = openAuthority(authority);
	const privateKey =
		options.privateKeyPem === undefined
			? generateKeyPairSync('ed25519').privateKey
			: createPrivateKey(options.privateKeyPem);
	const { notBefore, notAfter } = validityFromNow(options.days ?? defaultLeafDays);
	const begin = Math.max(notBefore.getTime(), options.notBefore?.getTime() ?? 0);
	const hosts = isHostName(name) && name !== 'localhost' ? [name, 'localhost'] : ['localhost'];
	const { subject, keyId } = readIssuer(issuer.certificate.raw);
	const certificatePem = signCertificate(
		{
			subject: distinguishedName(name),
			issuer: subject,
			publicKeyDer: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
			given: options.given,
			notBefore: new Date(begin),
			// A leaf that outlives its CA would claim days that no peer grants it.
			notAfter: new Date(Math.min(notAfter.getTime(), Date.parse(issuer.certificate.validTo))),
			extensions: [
				keyUsage(keyUsageBit.digitalSignature),
				serverAndClientAuth(),
				...(keyId === undefined ? [] : [authorityKeyIdentifier(keyId)]),
				alternativeNames(hosts, [loopback4, loopback6]),
			],
		},
		issuer.privateKey,
	);
	return {
		name,
		certificatePem: certificatePem + (authority.crossCertificatePem ?? ''),
		privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
		caPem: authority.certificatePem,
	};
}

function openAuthority(authority: Authority) {
	let certificate: X509Certificate;
	let privateKey: ReturnType<typeof createPrivateKey>;
	try {
		certificate = new X509Certificate(authority.certificatePem);
		privateKey = createPrivateKey(authority.privateKeyPem);
	} catch (error) {
		throw new OrchestraError('certificate_invalid', 'the certificate authority cannot be read', {
			cause: error,
		});
	}
	if (!certificate.ca || !certificate.checkPrivateKey(privateKey)) {
		throw new OrchestraError(
			'certificate_invalid',
			certificate.ca
				? 'the private key of the certificate authority does not match its certificate'
				: 'the certificate of the certificate authority is not one of an authority',
		);
	}
	if (privateKey.asymmetricKeyType !== 'ed25519') {
		throw new OrchestraError(
			'certificate_invalid',
			`the key of the certificate authority is ${privateKey.asymmetricKeyType ?? 'unknown'}; only Ed25519 can issue`,
		);
	}
	return { certificate, privateKey };
}
