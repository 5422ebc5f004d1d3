import { type Bucket, BucketConflict } from './bucket.ts';
import type { Clock } from './clock.ts';
import { decodeLease, encodeRecord, type LeaseRecord } from './records.ts';

/** Settings of a {@link Lease}. */
export interface LeaseOptions {
	readonly bucket: Bucket;
	readonly key: string;
	readonly holder: LeaseRecord;
	/** Milliseconds after which it ends that nobody renews. */
	readonly leaseMs: number;
	readonly clock: Clock;
	/** Called once for each time that it was held, when it is not any more, other than by {@link Lease.release}. */
	readonly onLost: (reason: string) => void;
}

/**
 * Something that one node has at a time. It holds while it is renewed; the holder gives it up a third of a lease before anybody else
 * could take it, counted from before it sent the last renewal that it knows to have arrived.
 */
export class Lease {
	readonly #options: LeaseOptions;
	#revision = 0;
	#token: number | undefined;
	#validUntil = 0;
	#cancelBeat: (() => void) | undefined;
	#cancelEnd: (() => void) | undefined;
	#acquiring: Promise<number | undefined> | undefined;

	constructor(options: LeaseOptions) {
		this.#options = options;
	}

	/** The fencing token, while it is held. Asked for each call: a process that stood still may be late with its timers. */
	get token(): number | undefined {
		return this.#token !== undefined && this.#options.clock.now() < this.#validUntil
			? this.#token
			: undefined;
	}

	/** Takes it where nobody has it. @returns its token; undefined where somebody has it. Rejects as the bucket does. */
	acquire(): Promise<number | undefined> {
		this.#acquiring ??= this.#acquire().finally(() => {
			this.#acquiring = undefined;
		});
		return this.#acquiring;
	}

	/** Gives it back, so that another can have it at once. Never rejects. */
	async release(): Promise<void> {
		const held = this.#token !== undefined;
		this.#forget();
		if (!held) return;
		try {
			await this.#options.bucket.delete(this.#options.key, this.#revision);
		} catch {
			// Then it ends by its age, or is another's already.
		}
	}

	async #acquire(): Promise<number | undefined> {
		if (this.token !== undefined) return this.token;
		const { bucket, key, holder, clock } = this.#options;
		const sentAt = clock.now();
		let revision: number;
		try {
			revision = await bucket.create(key, encodeRecord(holder));
		} catch (error) {
			if (error instanceof BucketConflict) return undefined;
			throw error;
		}
		this.#revision = revision;
		this.#token = revision;
		this.#renewed(sentAt);
		this.#scheduleBeat();
		return this.token;
	}

	#renewed(sentAt: number): void {
		const { leaseMs, clock } = this.#options;
		this.#validUntil = sentAt + (leaseMs * 2) / 3;
		this.#cancelEnd?.();
		this.#cancelEnd = clock.after(Math.max(0, this.#validUntil - clock.now()), () =>
			this.#lose('it could not be renewed in time'),
		);
	}

	#scheduleBeat(): void {
		const { leaseMs, clock } = this.#options;
		this.#cancelBeat?.();
		this.#cancelBeat = clock.after(leaseMs / 3, () => void this.#renew());
	}

	async #renew(): Promise<void> {
		const { bucket, key, holder, clock } = this.#options;
		const token = this.#token;
		if (token === undefined) return;
		const sentAt = clock.now();
		try {
			const revision = await bucket.update(key, encodeRecord(holder), this.#revision);
			if (this.#token !== token) return;
			this.#revision = revision;
			this.#renewed(sentAt);
		} catch (error) {
			if (this.#token !== token) return;
			// Any other fault may be over the next time; the end of the lease is watched by its own timer.
			if (error instanceof BucketConflict && !(await this.#isStillOurs(token))) {
				if (this.#token === token) this.#lose('another node has it');
				return;
			}
		}
		if (this.#token === token) this.#scheduleBeat();
	}

	/** Whether the entry is our own: the answer to a renewal that arrived was lost. */
	async #isStillOurs(token: number): Promise<boolean> {
		const { bucket, key, holder } = this.#options;
		try {
			const entry = await bucket.get(key);
			const record = entry?.value && decodeLease(entry.value);
			if (!entry || record?.instance !== holder.instance || this.#token !== token) return false;
			this.#revision = entry.revision;
			return true;
		} catch {
			return this.token !== undefined;
		}
	}

	#lose(reason: string): void {
		if (this.#token === undefined) return;
		this.#forget();
		this.#options.onLost(reason);
	}

	#forget(): void {
		this.#token = undefined;
		this.#cancelBeat?.();
		this.#cancelEnd?.();
	}
}
