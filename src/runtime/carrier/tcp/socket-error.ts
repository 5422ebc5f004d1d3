import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Address } from '../address.ts';
import { formatAddress } from '../address.ts';
import { certificateProblem, ownCertificateError, peerCertificateError } from '../certificate-problem.ts';

/** Stage that a dial had reached when it failed. */
export type DialStage = 'connecting' | 'handshaking' | 'proving';

/** Alerts by which a peer says that it does not take our certificate, as OpenSSL and Deno name them. */
const certificateAlert =
	/ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/;

/** The error code of a socket error; its text where it has none. */
export function socketErrorCode(error: unknown): string {
	const code = (error as { code?: unknown } | undefined)?.code;
	return typeof code === 'string' ? code : error instanceof Error ? error.message : String(error);
}

/**
 * Error for a failed dial.
 *
 * @param error the socket's error; undefined where the peer just closed
 */
export function dialError(address: Address, stage: DialStage, error: unknown): OrchestraError {
	const url = formatAddress(address);
	const reason = error === undefined ? 'the peer closed the connection' : socketErrorCode(error);
	const details = { address: url, reason };
	if (stage === 'connecting') {
		return new OrchestraError('unreachable', `nothing answers at ${url} (${reason})`, {
			hint: 'Check that it is running, and the address.',
			details,
			retryable: true,
			cause: error,
		});
	}
	const problem = certificateProblem(reason);
	const facts = { details: { ...details, ...(problem ? { problem } : {}) }, cause: error };
	// In TLS 1.3 a client has finished its handshake before the server looks at its certificate; whatever ends the
	// connection between then and the first answer is the server's refusal, alert or not (an alert can get lost in a reset).
	if (stage === 'proving' || certificateAlert.test(reason)) {
		return ownCertificateError(url, problem, reason, facts);
	}
	if (problem !== undefined && problem !== 'revoked') return peerCertificateError(url, problem, facts);
	return new OrchestraError('handshake_failed', `TLS could not be agreed on with ${url} (${reason})`, {
		hint: handshakeHint(reason),
		details,
		cause: error,
	});
}

function handshakeHint(reason: string): string {
	if (/CERT|SIGNATURE|ISSUER|VERIFY/.test(reason)) {
		return "The peer's certificate cannot be verified: both sides need the same certs directory.";
	}
	if (/APPLICATION_PROTOCOL|ALPN/.test(reason)) return 'The peer speaks TLS, but not the plugin protocol.';
	return 'Check that the peer listens with TLS at this address: QUIC and tcp+plain are other ports.';
}

/** Error for a failed listen. */
export function listenError(address: Address, error: unknown): OrchestraError {
	const url = formatAddress(address);
	const reason = socketErrorCode(error);
	const details = { address: url, reason };
	if (reason === 'EADDRINUSE') {
		return new OrchestraError('address_in_use', `${url} is in use already`, {
			hint: 'Stop what listens there, or choose another: orchestra serve --listen tcp://127.0.0.1:0 takes any free port.',
			details,
			cause: error,
		});
	}
	return new OrchestraError('unreachable', `cannot listen on ${url} (${reason})`, {
		hint: 'The host has to be an address of this machine, and ports below 1024 need privileges.',
		details,
		cause: error,
	});
}
