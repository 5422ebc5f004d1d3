import type { Identity } from '../identity.ts';
import type { IdentitySource } from './identity-source.ts';

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
