import { generateKeyPairSync } from 'node:crypto';
import {
	alternativeNames,
	authorityConstraints,
	distinguishedName,
	keyUsage,
	keyUsageBit,
	serverAndClientAuth,
	signCertificate,
} from './certificate-der.ts';
import { validityFromNow } from './validity.ts';

/** A certificate that signs itself, with its key. It lives in memory only: never log it. */
export interface LaunchCertificate {
	/** PEM. */
	readonly certificatePem: string;
	/** PEM, PKCS#8. */
	readonly privateKeyPem: string;
}

/** Days that it is valid: longer than any process runs. */
const days = 3650;

const loopback = Uint8Array.of(127, 0, 0, 1);

/**
 * Makes a certificate for one launch of a process that trusts this certificate and no other, as both ends of go-plugin's AutoMTLS
 * do: for `localhost`, on the curve P-256. Go's reader wants a root that may sign, so it is an authority too.
 */
export function makeLaunchCertificate(): LaunchCertificate {
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const name = distinguishedName('localhost');
	const certificatePem = signCertificate(
		{
			subject: name,
			issuer: name,
			publicKeyDer: publicKey.export({ type: 'spki', format: 'der' }),
			...validityFromNow(days),
			extensions: [
				authorityConstraints(0),
				keyUsage(
					keyUsageBit.digitalSignature,
					keyUsageBit.keyEncipherment,
					keyUsageBit.keyAgreement,
					keyUsageBit.keyCertSign,
				),
				serverAndClientAuth(),
				alternativeNames(['localhost'], [loopback]),
			],
		},
		privateKey,
	);
	return { certificatePem, privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}
