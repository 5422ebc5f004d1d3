import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { Authority } from './authority-pair.ts';
import {
	authorityConstraints,
	authorityKeyIdentifier,
	keyIdOf,
	keyUsage,
	keyUsageBit,
	readIssuer,
	signCertificate,
	subjectKeyIdentifier,
} from './certificate-der.ts';
import { validityFromNow } from './validity.ts';

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
