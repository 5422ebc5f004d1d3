import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import { createSecureContext } from 'node:tls';
import type { Identity } from '../../identity/identity.ts';
import { onDeno } from '../../platform/on-deno.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/** The application protocol that both sides must name. */
export const alpnProtocol = 'orchestra-plugin';

/**
 * Certificates that either side of a TLS connection shows and trusts: TLS 1.3 only, and no session is ever resumed, so that every
 * connection proves its certificate anew.
 *
 * @throws OrchestraError `certificate_invalid`
 */
export function secureContextOptions(identity: Identity): SecureContextOptions {
	return usableContext(identity).options;
}

function usableContext(identity: Identity): { options: SecureContextOptions; secureContext: SecureContext } {
	const options: SecureContextOptions = {
		cert: identity.certificatePem,
		key: identity.privateKeyPem,
		ca: identity.caPem,
		minVersion: 'TLSv1.3',
		maxVersion: 'TLSv1.3',
		secureOptions: constants.SSL_OP_NO_TICKET,
	};
	try {
		const secureContext = createSecureContext(options);
		// Node has compared them. Deno would find out in the first handshake only.
		if (onDeno && !isPair(identity)) throw new Error('the key is not that of the certificate');
		return { options, secureContext };
	} catch (error) {
		throw new OrchestraError(
			'certificate_invalid',
			`the certificate or key of ${identity.name} cannot be used`,
			{
				hint: 'Delete it, and it is issued anew.',
				cause: error,
			},
		);
	}
}

function isPair({ certificatePem, privateKeyPem }: Identity): boolean {
	return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
}

/** A renewed identity is another object. */
const dialContexts = new WeakMap<Identity, SecureContextOptions | { secureContext: SecureContext }>();

/**
 * As {@link secureContextOptions}, for the connections that one identity makes: they share what was made for the first, since reading and checking
 * its key and certificates is a third of a dial's processor time. On Deno, where a context is no more than its options, they share those.
 *
 * @throws OrchestraError `certificate_invalid`
 */
export function dialContext(identity: Identity): SecureContextOptions | { secureContext: SecureContext } {
	let context = dialContexts.get(identity);
	if (!context) {
		const { options, secureContext } = usableContext(identity);
		context = onDeno ? options : { secureContext };
		dialContexts.set(identity, context);
	}
	return context;
}

/** The first release of Deno whose node:tls asks clients for their certificates. */
const firstDeno = [2, 9] as const;

/**
 * Fails where this runtime cannot do mutual TLS: older releases of Deno accept clients without a certificate.
 *
 * @throws OrchestraError `carrier_unavailable`
 */
export function assertMutualTls(denoVersion: string | undefined = runningDeno()): void {
	if (denoVersion === undefined) return;
	const [major = 0, minor = 0] = denoVersion.split('.').map(Number);
	if (major > firstDeno[0] || (major === firstDeno[0] && minor >= firstDeno[1])) return;
	throw new OrchestraError(
		'carrier_unavailable',
		`Deno ${denoVersion} cannot require client certificates over TCP`,
		{ hint: `Use Deno ${firstDeno.join('.')} or newer.` },
	);
}

function runningDeno(): string | undefined {
	return (globalThis as { Deno?: { version?: { deno?: string } } }).Deno?.version?.deno;
}
