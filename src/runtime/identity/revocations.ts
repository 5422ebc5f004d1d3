/** That a name, or one certificate, is not trusted any more. */
export interface Revocation {
	/** Name whose certificates are revoked: those of this name and, since that is the same plugin, of `<name>-client`. */
	readonly name?: string | undefined;
	/** SHA-256 of the certificate, lower-case hexadecimal. */
	readonly fingerprint?: string | undefined;
	/**
	 * Key that is not trusted either: the SHA-256 of that certificate's public key (SPKI), lower-case hexadecimal. All certificates
	 * for it are revoked, those before and after it. Undefined where the key was not known.
	 */
	readonly key?: string | undefined;
	/** ISO 8601, UTC. */
	readonly at: string;
	readonly reason?: string | undefined;
	/**
	 * Once a name is allowed again: only what was issued before this moment stays revoked (ISO 8601, whole seconds). Without it the
	 * name as such is revoked, and gets no certificate.
	 */
	readonly issuedBefore?: string | undefined;
}

/** Facts about a certificate in question. */
export interface RevocationSubject {
	/** Its common name. */
	readonly name: string;
	/** SHA-256, lower-case hexadecimal. */
	readonly fingerprint?: string | undefined;
	/** SHA-256 of its public key, lower-case hexadecimal. */
	readonly keyFingerprint?: string | undefined;
	readonly validFrom?: Date | undefined;
}

/** A list of revocations. Immutable. */
export class Revocations {
	readonly entries: readonly Revocation[];
	readonly #byName = new Map<string, Revocation>();
	readonly #byFingerprint = new Map<string, Revocation>();
	readonly #byKey = new Map<string, Revocation>();

	constructor(entries: readonly Revocation[]) {
		this.entries = entries;
		for (const entry of entries) {
			if (entry.name !== undefined) this.#byName.set(entry.name, entry);
			if (entry.fingerprint !== undefined) this.#byFingerprint.set(entry.fingerprint, entry);
			if (entry.key !== undefined) this.#byKey.set(entry.key, entry);
		}
	}

	/** Revocation of a certificate; undefined where it is trusted. */
	find(subject: RevocationSubject): Revocation | undefined {
		const one = subject.fingerprint === undefined ? undefined : this.#byFingerprint.get(subject.fingerprint);
		if (one) return one;
		const keyed = subject.keyFingerprint === undefined ? undefined : this.#byKey.get(subject.keyFingerprint);
		if (keyed) return keyed;
		const named = this.#ofName(subject.name);
		if (named?.issuedBefore === undefined) return named;
		// A certificate that does not say when it was issued gets no benefit of the doubt.
		const begin = subject.validFrom?.getTime() ?? 0;
		return begin < Date.parse(named.issuedBefore) ? named : undefined;
	}

	/** Revocation for which a name gets no certificate; undefined for none. */
	blocked(name: string): Revocation | undefined {
		const named = this.#ofName(name);
		return named?.issuedBefore === undefined ? named : undefined;
	}

	/** The moment before which a new certificate of a name may not begin, if there is one. */
	notBefore(name: string): Date | undefined {
		const moment = this.#ofName(name)?.issuedBefore;
		return moment === undefined ? undefined : new Date(moment);
	}

	#ofName(name: string): Revocation | undefined {
		const plugin = name.endsWith('-client') ? this.#byName.get(name.slice(0, -'-client'.length)) : undefined;
		return this.#byName.get(name) ?? plugin;
	}
}

/** `on 2026-01-02 (the reason)`, for messages. */
export function revokedWhen({ at, reason }: Revocation): string {
	return `on ${at.slice(0, 10)}${reason ? ` (${reason})` : ''}`;
}
