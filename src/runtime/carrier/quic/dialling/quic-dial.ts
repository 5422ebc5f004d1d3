import { clearTimeout, setTimeout } from 'node:timers';
import { currentIdentity } from '../../../identity/sources/identity-source.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { type Address, formatAddress } from '../../address.ts';
import { type DialOptions, defaultDialTimeoutMs } from '../../carrier.ts';
import { refuseRevoked } from '../../revoked-peer.ts';
import { loadQuicBinding } from '../native/native-binding.ts';
import { DialRace } from './dial-race.ts';
import type { QuicConnection } from './quic-connection.ts';
import { RenewingConnection } from './renewing-connection.ts';
import { resolveHost } from './resolve-host.ts';

/**
 * Connects to a listener. See {@link Carrier.dial}.
 *
 * @param limit {@link exchangesPerConnection}, less in tests
 */
export async function dialQuic(
	address: Address,
	options: DialOptions,
	limit?: number,
): Promise<RenewingConnection> {
	const first = await dialOnce(address, options);
	return new RenewingConnection(first, () => dialAgain(address, options), {
		limit,
		onProblem: options.onProblem,
	});
}

/** Another connection to the same peer, with the identity and the revocations of now. */
async function dialAgain(address: Address, options: DialOptions): Promise<QuicConnection> {
	const connection = await dialOnce(address, { ...options, signal: undefined });
	await refuseRevoked(connection, currentIdentity(options.identity));
	return connection;
}

/** Makes one connection, which is never replaced. */
export async function dialOnce(address: Address, options: DialOptions): Promise<QuicConnection> {
	const timeoutMs = options.timeoutMs ?? defaultDialTimeoutMs;
	const { signal } = options;
	const startedAt = performance.now();
	let race: DialRace | undefined;
	let stop: (error: OrchestraError) => void = () => {};
	const stopped = new Promise<never>((_, reject) => {
		stop = reject;
	});
	stopped.catch(() => {});
	const onAbort = () => stop(OrchestraError.from(signal?.reason, 'cancelled', 'the dial was cancelled'));
	const timer = setTimeout(() => stop(dialTimeout(address, timeoutMs, race?.answered ?? false)), timeoutMs);
	if (signal?.aborted) onAbort();
	else signal?.addEventListener('abort', onAbort, { once: true });
	try {
		const quiche = await Promise.race([stopped, loadQuicBinding()]);
		const hosts = await Promise.race([stopped, resolveHost(address.host)]);
		race = new DialRace(quiche, address, hosts, options, startedAt);
		return await Promise.race([stopped, race.result]);
	} catch (error) {
		// A connection that came too late belongs to nobody.
		void race?.result.then(
			(connection) => connection.close(),
			() => {},
		);
		throw error;
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', onAbort);
		race?.stop();
	}
}

function dialTimeout(address: Address, timeoutMs: number, answered: boolean): OrchestraError {
	const what = answered ? 'the handshake was not done' : 'nothing answered';
	return new OrchestraError(
		'deadline_exceeded',
		`${what} at ${formatAddress(address)} within ${timeoutMs} ms`,
		{
			hint: answered ? undefined : 'Check the address, and that the peer is running.',
			details: { timeoutMs, answered },
			retryable: true,
		},
	);
}
