import type { Clock } from './clock.ts';

interface Expiring<T> {
	value: T;
	heardAt: number;
}

/**
 * Values that end one lease after they were last heard of. All leases are of one length, so the order of hearing is that of their ends,
 * and one timer is enough for any number.
 */
export class ExpiringMap<T> {
	readonly #entries = new Map<string, Expiring<T>>();
	readonly #clock: Clock;
	readonly #leaseMs: number;
	readonly #onExpired: (key: string, value: T) => void;
	#cancel: (() => void) | undefined;
	#frozen = false;

	constructor(clock: Clock, leaseMs: number, onExpired: (key: string, value: T) => void) {
		this.#clock = clock;
		this.#leaseMs = leaseMs;
		this.#onExpired = onExpired;
	}

	get size(): number {
		return this.#entries.size;
	}

	get(key: string): T | undefined {
		return this.#entries.get(key)?.value;
	}

	entries(): [string, T][] {
		return [...this.#entries].map(([key, { value }]) => [key, value]);
	}

	/** Takes a value that was heard of now. @returns the one before */
	hear(key: string, value: T): T | undefined {
		const before = this.#entries.get(key)?.value;
		this.#entries.delete(key);
		this.#entries.set(key, { value, heardAt: this.#clock.now() });
		this.#schedule();
		return before;
	}

	/** Replaces a value without a word on its age. */
	amend(key: string, value: T): void {
		const entry = this.#entries.get(key);
		if (entry) entry.value = value;
	}

	/** Forgets a value; nobody is told. @returns it */
	delete(key: string): T | undefined {
		const value = this.#entries.get(key)?.value;
		this.#entries.delete(key);
		return value;
	}

	/** Nothing ends: nothing can be heard of either. */
	freeze(): void {
		this.#frozen = true;
		this.#cancel?.();
		this.#cancel = undefined;
	}

	/** Everything counts as heard of now. */
	thaw(): void {
		if (!this.#frozen) return;
		this.#frozen = false;
		const now = this.#clock.now();
		for (const entry of this.#entries.values()) entry.heardAt = now;
		this.#schedule();
	}

	close(): void {
		this.freeze();
		this.#entries.clear();
	}

	#schedule(): void {
		if (this.#cancel || this.#frozen) return;
		for (const { heardAt } of this.#entries.values()) {
			const ms = Math.max(0, heardAt + this.#leaseMs - this.#clock.now());
			this.#cancel = this.#clock.after(ms, () => this.#expire());
			return;
		}
	}

	#expire(): void {
		this.#cancel = undefined;
		const now = this.#clock.now();
		const expired: [string, T][] = [];
		for (const [key, { value, heardAt }] of this.#entries) {
			if (heardAt + this.#leaseMs > now) break;
			expired.push([key, value]);
		}
		for (const [key] of expired) this.#entries.delete(key);
		this.#schedule();
		for (const [key, value] of expired) this.#onExpired(key, value);
	}
}
