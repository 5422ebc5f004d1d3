import type { ConnectionError, QuicheConnection } from '../native/quiche.ts';

/** Reason for the end of a connection. */
export type ConnectionEnd =
	/** One of the two ends closed it, with a code. */
	| {
			readonly by: 'peer' | 'here';
			readonly error: ConnectionError;
			/** Certificate that the peer showed, DER, where this end closed it. */
			readonly peerCertificate?: Uint8Array | undefined;
	  }
	/** The peer was silent for too long. */
	| { readonly by: 'silence' }
	/** Nothing is at the peer's port any more. */
	| { readonly by: 'refusal' }
	/** Something failed on this side. */
	| { readonly by: 'here'; readonly cause: unknown };

/** Reads from quiche why its connection ended. */
export function readEnd(native: QuicheConnection): ConnectionEnd {
	const peer = native.peerError();
	if (peer) return { by: 'peer', error: peer };
	if (native.isTimedOut()) return { by: 'silence' };
	const local = native.localError();
	if (local) return { by: 'here', error: local, peerCertificate: native.peerCertChain()?.[0] };
	return { by: 'silence' };
}
