import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { Authority } from './authority-pair.ts';
import {
	authorityConstraints,
	distinguishedName,
	keyIdOf,
	keyUsage,
	keyUsageBit,
	signCertificate,
	subjectKeyIdentifier,
} from './certificate-der.ts';
import { defaultAuthorityDays, validityFromNow } from './validity.ts';

/** How a CA is made. */
export interface CreateAuthorityOptions {
	/** How long it is valid, in days. Default 365. */
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
