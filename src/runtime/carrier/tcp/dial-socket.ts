import type { Socket } from 'node:net';
import { clearTimeout, setTimeout } from 'node:timers';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Address } from '../address.ts';
import { formatAddress } from '../address.ts';
import type { DialStage } from './socket-error.ts';
import { dialError } from './socket-error.ts';

/** Options of {@link dialSocket}. */
export interface DialSocketOptions<S extends Socket> {
	/** Starts the connection. */
	readonly open: () => S;
	/** The event that says that it stands. */
	readonly ready: 'connect' | 'secureConnect';
	readonly timeoutMs: number;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a socket and waits until it stands.
 *
 * @throws OrchestraError `unreachable`, `handshake_failed`, `peer_rejected`, `deadline_exceeded`, `cancelled`
 */
export async function dialSocket<S extends Socket>(
	address: Address,
	options: DialSocketOptions<S>,
): Promise<S> {
	const { signal, timeoutMs } = options;
	if (signal?.aborted) throw dialCancelled(address, signal);
	const socket = options.open();
	let timer: ReturnType<typeof setTimeout> | undefined;
	let onAbort: (() => void) | undefined;
	try {
		await new Promise<void>((resolve, reject) => {
			let stage: DialStage = 'connecting';
			socket.once('connect', () => {
				stage = 'handshaking';
			});
			socket.once(options.ready, () => resolve());
			// It stays: an error between now and the first use of the socket must not end the process.
			socket.on('error', (error) => reject(dialError(address, stage, error)));
			socket.once('close', () => reject(dialError(address, stage, undefined)));
			timer = setTimeout(() => reject(dialTimedOut(address, timeoutMs)), timeoutMs);
			if (signal) {
				onAbort = () => reject(dialCancelled(address, signal));
				signal.addEventListener('abort', onAbort, { once: true });
			}
		});
		return socket;
	} catch (error) {
		socket.destroy();
		throw error;
	} finally {
		clearTimeout(timer);
		if (onAbort) signal?.removeEventListener('abort', onAbort);
	}
}

/** A dial that took too long. */
export function dialTimedOut(address: Address, timeoutMs: number): OrchestraError {
	const url = formatAddress(address);
	return new OrchestraError('deadline_exceeded', `${url} did not answer within ${timeoutMs} ms`, {
		hint: 'Something may listen there that does not speak this protocol, or the way to it drops packets.',
		details: { address: url, timeoutMs },
		retryable: true,
	});
}

/** A dial that its caller gave up. */
export function dialCancelled(address: Address, signal: AbortSignal): OrchestraError {
	if (signal.reason instanceof OrchestraError) return signal.reason;
	return new OrchestraError('cancelled', `connecting to ${formatAddress(address)} was cancelled`, {
		cause: signal.reason,
	});
}
