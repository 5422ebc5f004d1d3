import type { IdentitySource } from '../identity/sources/identity-source.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { Address } from './address.ts';
import type { Listener, ListenOptions } from './carrier.ts';
import { listen } from './network-carrier.ts';

/** A listener whose identity lives. */
export interface FollowingOptions extends Omit<ListenOptions, 'identity'> {
	/** Stays its owner's to close. */
	readonly source: IdentitySource;
	/** Called with the fault of an identity that could not be used; the one before it stays. */
	readonly onProblem: (error: OrchestraError) => void;
}

/**
 * Listens with what a source gives, and with each change of it from then on: new connections get the new certificate, and peers
 * that were revoked are sent away. Closing the listener ends it.
 *
 * @throws OrchestraError see {@link Carrier.listen}
 */
export async function listenWithSource(address: Address, options: FollowingOptions): Promise<Listener> {
	const { source, onProblem, ...rest } = options;
	const first = source.current;
	const listener = await listen(address, { ...rest, identity: first });
	const follow = (): void => {
		try {
			listener.setIdentity(source.current);
		} catch (error) {
			onProblem(OrchestraError.from(error, 'internal'));
		}
	};
	const unsubscribe = source.subscribe(follow);
	if (source.current !== first) follow();
	const close = listener.close.bind(listener);
	listener.close = (how) => {
		unsubscribe();
		return close(how);
	};
	return listener;
}
