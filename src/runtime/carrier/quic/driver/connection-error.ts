import { X509Certificate } from 'node:crypto';
import type { JsonObject } from '../../../wire/json-value.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { certificateProblem, ownCertificateError, peerCertificateError } from '../../certificate-problem.ts';
import { closeCode } from './close-code.ts';
import type { ConnectionEnd } from './connection-end.ts';
import { tlsAlert } from './tls-alert.ts';

/** The error of an established connection that ended without being closed on this side. */
export function lostConnection(end: ConnectionEnd, address: string): OrchestraError {
	if ('error' in end && end.by === 'peer' && end.error.isApp && end.error.errorCode === closeCode.done) {
		return new OrchestraError('connection_lost', `${address} closed the connection`);
	}
	if ('error' in end && end.by === 'peer' && end.error.isApp && end.error.errorCode === closeCode.revoked) {
		return revoked(end, address);
	}
	return new OrchestraError('connection_lost', `the connection to ${address} was lost: ${why(end)}`, {
		details: details(end),
		cause: 'cause' in end ? end.cause : undefined,
	});
}

/** The error of a dial that failed before the handshake was confirmed. */
export function failedHandshake(end: ConnectionEnd, address: string): OrchestraError {
	if (end.by === 'refusal') {
		return new OrchestraError('unreachable', `nothing listens at ${address}`, {
			retryable: true,
			hint: 'Check the address, and that the peer is running.',
		});
	}
	if ('error' in end && end.by === 'peer') {
		const { isApp, errorCode } = end.error;
		const alert = isApp ? undefined : tlsAlert(errorCode);
		if (isApp && errorCode === closeCode.revoked) return revoked(end, address);
		if (alert?.aboutCertificate || (isApp && errorCode === closeCode.refused)) {
			const problem = alert && certificateProblem(alert.name);
			return ownCertificateError(address, problem, why(end), { details: details(end) });
		}
	}
	if ('error' in end && end.by === 'here' && !end.error.isApp) {
		const problem = problemOfPeer(tlsAlert(end.error.errorCode)?.name, end.peerCertificate);
		if (problem) {
			return peerCertificateError(address, problem.kind, { details: details(end) }, problem.validity);
		}
	}
	return new OrchestraError('handshake_failed', `no secure connection to ${address}: ${why(end)}`, {
		details: details(end),
		cause: 'cause' in end ? end.cause : undefined,
		hint: 'Both ends have to have certificates of the same CA and speak this protocol.',
	});
}

function revoked(end: ConnectionEnd, address: string): OrchestraError {
	const said = 'error' in end ? printable(end.error.reason) : '';
	return ownCertificateError(address, 'revoked', said, { details: { ...details(end), reason: said } });
}

/** BoringSSL says `certificate_expired` of a certificate that is not valid yet, too. */
function problemOfPeer(alertName: string | undefined, certificate: Uint8Array | undefined) {
	const problem = alertName === undefined ? undefined : certificateProblem(alertName);
	if (problem === undefined || problem === 'revoked') return undefined;
	if (problem === 'untrusted' || certificate === undefined) return { kind: problem, validity: undefined };
	const { validFrom, validTo } = new X509Certificate(certificate);
	const validity = { from: new Date(validFrom), to: new Date(validTo) };
	return { kind: validity.from.getTime() > Date.now() ? ('not-yet-valid' as const) : problem, validity };
}

function why(end: ConnectionEnd): string {
	if (end.by === 'silence') return 'the peer has fallen silent';
	if (end.by === 'refusal') return 'nothing is at its port any more';
	if (!('error' in end)) return 'it failed on this side';
	const { isApp, errorCode, reason } = end.error;
	const who = end.by === 'peer' ? 'the peer' : 'this side';
	const said = printable(reason);
	if (isApp) {
		if (errorCode === closeCode.refused) return `${who} does not accept ${end.by === 'peer' ? 'us' : 'it'}`;
		return `${who} closed it with code ${errorCode}${said && ` (${said})`}`;
	}
	const alert = tlsAlert(errorCode);
	if (alert) return `${who} refused the TLS handshake: ${alert.name}`;
	return `${who} closed it with QUIC error ${errorCode}${said && ` (${said})`}`;
}

function details(end: ConnectionEnd): JsonObject {
	if (!('error' in end)) return { by: end.by };
	const { isApp, errorCode } = end.error;
	const alert = isApp ? undefined : tlsAlert(errorCode);
	return {
		by: end.by,
		[isApp ? 'applicationCode' : 'quicCode']: errorCode,
		...(alert ? { tlsAlert: alert.name } : {}),
	};
}

/** A peer's reason, fit for a terminal. */
function printable(reason: Uint8Array): string {
	return Buffer.from(reason)
		.toString('utf8')
		.replace(/[^\x20-\x7e]+/g, ' ')
		.trim()
		.slice(0, 200);
}
