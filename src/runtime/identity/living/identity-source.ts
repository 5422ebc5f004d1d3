import type { Identity } from '../identity.ts';

/** An identity that changes while it is used: certificates are renewed, authorities rotated, peers revoked. */
export interface IdentitySource {
	/** What to use for the next connection. */
	readonly current: Identity;
	/**
	 * Calls back after each change, with what is current then. Listeners must not throw.
	 *
	 * @returns ends the subscription; safe to call twice
	 */
	subscribe(listener: (identity: Identity) => void): () => void;
	/** Ends it: nothing changes any more, and nothing is watched. For its owner. Safe to call twice. */
	close(): void;
}

/** The identity to use now. */
export function currentIdentity(identity: Identity | IdentitySource): Identity {
	return 'subscribe' in identity ? identity.current : identity;
}

/** An identity as a source that never changes; a source as it is. A source stays its owner's to close. */
export function identitySource(identity: Identity | IdentitySource): IdentitySource {
	if ('subscribe' in identity) return identity;
	return { current: identity, subscribe: () => () => {}, close: () => {} };
}
