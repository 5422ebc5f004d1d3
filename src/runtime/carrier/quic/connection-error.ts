import type { JsonObject } from '../../wire/json-value.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { closeCode } from './close-code.ts';
import type { ConnectionEnd } from './connection-end.ts';
import { tlsAlert } from './tls-alert.ts';

/** The error of an established connection that ended without being closed on this side. */
export function lostConnection(end: ConnectionEnd, address: string): OrchestraError {
	if ('error' in end && end.by === 'peer' && end.error.isApp && end.error.errorCode === closeCode.done) {
		return new OrchestraError('connection_lost', `${address} closed the connection`);
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
		if (alert?.aboutCertificate || (isApp && errorCode === closeCode.refused)) {
			return new OrchestraError('peer_rejected', `${address} refused our certificate: ${why(end)}`, {
				details: details(end),
				hint: 'Both ends have to have certificates of the same CA, and the peer has to allow this name.',
			});
		}
	}
	return new OrchestraError('handshake_failed', `no secure connection to ${address}: ${why(end)}`, {
		details: details(end),
		cause: 'cause' in end ? end.cause : undefined,
		hint: 'Both ends have to have certificates of the same CA and speak this protocol.',
	});
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
