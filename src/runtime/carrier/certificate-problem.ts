import type { JsonObject } from '../wire/json-value.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** Fault of a certificate in a handshake. */
export type CertificateProblem = 'untrusted' | 'expired' | 'not-yet-valid' | 'revoked';

/** Facts that go with an error of a handshake. */
export interface ProblemFacts {
	readonly details: JsonObject;
	readonly cause?: unknown;
}

/**
 * We do not take the certificate that is shown at an address.
 *
 * @param validity when it begins and ends, where that is known
 */
export function peerCertificateError(
	address: string,
	problem: Exclude<CertificateProblem, 'revoked'>,
	facts: ProblemFacts,
	validity?: { readonly from: Date; readonly to: Date },
): OrchestraError {
	const clock = `this machine's clock says ${new Date().toISOString()}`;
	switch (problem) {
		case 'expired': {
			const when = validity ? ` at ${validity.to.toISOString()}` : '';
			return new OrchestraError('peer_expired', `the certificate of ${address} has expired${when}`, {
				...facts,
				hint: `Renew it where it is kept (orchestra certs renew NAME), or check the clock: ${clock}.`,
			});
		}
		case 'not-yet-valid': {
			const when = validity ? `: it begins at ${validity.from.toISOString()}` : '';
			return new OrchestraError(
				'peer_not_yet_valid',
				`the certificate of ${address} is not valid yet${when}`,
				{ ...facts, hint: `Check both clocks: ${clock}.` },
			);
		}
		case 'untrusted':
			return new OrchestraError(
				'peer_untrusted',
				`the certificate of ${address} was not issued by an authority that we trust`,
				{
					...facts,
					hint: 'Both sides need the same certificate authority: name the directory that the peer uses with --certs-dir.',
				},
			);
	}
}

/** The peer does not take our certificate. `problem` is undefined where it did not say why. */
export function ownCertificateError(
	address: string,
	problem: CertificateProblem | undefined,
	said: string,
	facts: ProblemFacts,
): OrchestraError {
	if (problem === 'revoked') {
		return new OrchestraError('certificate_revoked', `${address} refused our certificate: it was revoked`, {
			...facts,
			hint: 'Whoever runs the certificate authority can allow it again.',
		});
	}
	const { sentence, hint } = rejections[problem ?? 'unknown'];
	return new OrchestraError('peer_rejected', `${address} refused our certificate${sentence} (${said})`, {
		...facts,
		hint,
	});
}

const rejections = {
	untrusted: {
		sentence: ': it was issued by an authority that it does not trust',
		hint: 'Both sides need certificates of the same CA.',
	},
	expired: {
		sentence: ': by its clock, the certificate is not valid now',
		hint: 'Check both clocks, or renew the certificate: orchestra certs renew NAME.',
	},
	'not-yet-valid': {
		sentence: ': by its clock, the certificate is not valid yet',
		hint: 'Check both clocks.',
	},
	unknown: {
		sentence: '',
		hint: 'Both sides need certificates of the same CA that are valid now, and the peer has to allow this one.',
	},
};

/** Reads a problem from what a TLS library calls it: OpenSSL's names and alerts, those of rustls (Deno), those of RFC 8446. */
export function certificateProblem(text: string): CertificateProblem | undefined {
	if (/NOT_?YET_?VALID|NotValidYet|not valid yet/i.test(text)) return 'not-yet-valid';
	if (/EXPIRED/i.test(text)) return 'expired';
	if (/REVOKED/i.test(text)) return 'revoked';
	const unknown =
		/UNKNOWN_?CA|UnknownIssuer|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|CERT_SIGNATURE|BadSignature/i;
	return unknown.test(text) ? 'untrusted' : undefined;
}
