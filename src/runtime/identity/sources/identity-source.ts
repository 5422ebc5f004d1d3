import type { Identity } from '../identity.ts';

/** An identity that changes while it is used: certificates are renewed, authorities rotated, peers revoked. */
export interface IdentitySource {
	/** Identity for the next connection. */
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

/** The part of a source that all sources share: what is current, and who wants to know. */
export class ChangingIdentity implements IdentitySource {
	#current: Identity;
	#closed = false;
	readonly #listeners = new Set<(identity: Identity) => void>();

	constructor(first: Identity) {
		this.#current = first;
	}

	get current(): Identity {
		return this.#current;
	}

	get closed(): boolean {
		return this.#closed;
	}

	subscribe(listener: (identity: Identity) => void): () => void {
		if (this.#closed) return () => {};
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Makes an identity the current one; nobody is told where it is the same. */
	change(next: Identity): boolean {
		if (this.#closed || sameIdentity(this.#current, next)) return false;
		this.#current = next;
		for (const listener of [...this.#listeners]) listener(next);
		return true;
	}

	close(): void {
		this.#closed = true;
		this.#listeners.clear();
	}
}

function sameIdentity(one: Identity, other: Identity): boolean {
	return (
		one.certificatePem === other.certificatePem &&
		one.privateKeyPem === other.privateKeyPem &&
		one.caPem === other.caPem &&
		JSON.stringify(one.revocations?.entries) === JSON.stringify(other.revocations?.entries)
	);
}
