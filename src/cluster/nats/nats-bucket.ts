import type { KV } from '@nats-io/kv';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { OwnTimers } from '../own-timers.ts';
import { type Bucket, BucketConflict, type BucketEntry } from '../registry/bucket.ts';
import { natsFault } from './nats-fault.ts';
import type { NatsLink } from './nats-link.ts';
import { nameOf, token } from './subjects.ts';

/** Milliseconds after which a watch that has ended, or could not begin, is tried again. */
const againMs = 1_000;

/** Settings of a {@link NatsBucket}. */
export interface NatsBucketOptions {
	readonly link: NatsLink;
	/** The name of the bucket. */
	readonly name: string;
	/** Milliseconds after which a value ends; undefined for never. */
	readonly ttlMs: number | undefined;
	/** Servers that keep a copy. */
	readonly copies: number;
	/** Milliseconds for an answer. */
	readonly timeoutMs: number;
	readonly timers: OwnTimers;
	/** Called where it can be watched no more. Must not throw. */
	readonly onProblem: (error: OrchestraError) => void;
}

/** A bucket in JetStream. Watchers follow it over each connection to come. */
export class NatsBucket implements Bucket {
	readonly #options: NatsBucketOptions;
	readonly #watchers = new Set<(entry: BucketEntry) => void>();
	#opening: { readonly connection: unknown; readonly kv: Promise<KV> } | undefined;

	constructor(options: NatsBucketOptions) {
		this.#options = options;
		let first = true;
		options.link.onUp(() => {
			// Whoever watches before the first connection does it then.
			if (!first) for (const heard of this.#watchers) void this.#follow(heard);
			first = false;
		});
	}

	create(key: string, value: Uint8Array): Promise<number> {
		return this.#do(key, (kv) => kv.create(encodeKey(key), value));
	}

	update(key: string, value: Uint8Array, revision: number): Promise<number> {
		return this.#do(key, (kv) => kv.update(encodeKey(key), value, revision));
	}

	delete(key: string, revision?: number): Promise<void> {
		return this.#do(key, (kv) =>
			kv.delete(encodeKey(key), revision === undefined ? {} : { previousSeq: revision }),
		);
	}

	get(key: string): Promise<BucketEntry | undefined> {
		return this.#do(key, async (kv) => {
			const entry = await kv.get(encodeKey(key));
			if (!entry) return undefined;
			return { key, value: entry.operation === 'PUT' ? entry.value : undefined, revision: entry.revision };
		});
	}

	async watch(heard: (entry: BucketEntry) => void): Promise<() => void> {
		this.#watchers.add(heard);
		try {
			await this.#watchNow(heard);
		} catch (error) {
			this.#watchers.delete(heard);
			throw error;
		}
		return () => this.#watchers.delete(heard);
	}

	/** Watches over the connection that stands; what goes wrong is tried again for as long as it does. Never rejects. */
	async #follow(heard: (entry: BucketEntry) => void): Promise<void> {
		const { link, name, timers, onProblem } = this.#options;
		const connection = link.up ? link.connection : undefined;
		const isWanted = () =>
			!timers.closed && this.#watchers.has(heard) && link.up && link.connection === connection;
		while (isWanted()) {
			try {
				await this.#watchNow(heard);
				return;
			} catch (error) {
				// JetStream may need a while behind the start of its server, and until it has a leader.
				if (isWanted()) onProblem(natsFault(error, [name]));
			}
			await timers.wait(againMs);
		}
	}

	async #watchNow(heard: (entry: BucketEntry) => void): Promise<void> {
		const { link, timeoutMs, timers } = this.#options;
		const kv = await this.#open();
		const { connection } = link;
		let begun: () => void = () => {};
		const initialized = new Promise<void>((resolve) => {
			begun = resolve;
		});
		const { values } = await link.until(kv.status(), timeoutMs);
		if (values === 0) begun();
		const entries = await link.until(kv.watch(), timeoutMs);
		void (async () => {
			try {
				for await (const { key, value, operation, revision, isUpdate } of entries) {
					if (!this.#watchers.has(heard) || !link.up || link.connection !== connection) return;
					const name = nameOfKey(key);
					if (name !== undefined)
						heard({ key: name, value: operation === 'PUT' ? value : undefined, revision });
					if (isUpdate) begun();
				}
			} catch (error) {
				// An end with its connection is followed by another watch.
				if (link.up && link.connection === connection) {
					this.#options.onProblem(natsFault(error, [this.#options.name]));
				}
			} finally {
				entries.stop();
				// Without the connection's end it has ended by a fault.
				void this.#againOver(connection, heard);
			}
		})();
		// Values may have ended since they were counted.
		await timers.wait(timeoutMs, initialized);
	}

	async #againOver(connection: unknown, heard: (entry: BucketEntry) => void): Promise<void> {
		const { link, timers } = this.#options;
		await timers.wait(againMs);
		if (link.up && link.connection === connection) await this.#follow(heard);
	}

	async #do<T>(key: string, work: (kv: KV) => Promise<T>): Promise<T> {
		const { link, timeoutMs } = this.#options;
		try {
			const kv = await this.#open();
			return await link.until(work(kv), timeoutMs);
		} catch (error) {
			if (isConflict(error)) throw new BucketConflict(key);
			throw natsFault(error, [this.#options.name]);
		}
	}

	/** The bucket, over the connection that stands. @throws OrchestraError `cluster_unavailable`, `cluster_refused`, `cluster_mismatch` */
	#open(): Promise<KV> {
		const { connection } = this.#options.link;
		if (this.#opening?.connection !== connection) {
			const kv = this.#make();
			this.#opening = { connection, kv };
			kv.catch(() => {
				if (this.#opening?.kv === kv) this.#opening = undefined;
			});
		}
		return this.#opening?.kv as Promise<KV>;
	}

	async #make(): Promise<KV> {
		const { link, name, ttlMs, copies, timeoutMs } = this.#options;
		const { jetstream, kv } = link.modules;
		const manager = new kv.Kvm(jetstream.jetstream(link.connection, { timeout: timeoutMs }));
		const open = async (): Promise<KV> => {
			try {
				// It may be there, and a node need not be allowed to make it.
				const bucket = await manager.open(name);
				return await this.#checked(bucket);
			} catch (error) {
				if (error instanceof OrchestraError) throw error;
				const bucket = await manager.create(name, {
					history: 1,
					replicas: copies,
					...(ttlMs === undefined ? {} : { ttl: ttlMs }),
				});
				return await this.#checked(bucket);
			}
		};
		return link.until(open(), timeoutMs);
	}

	async #checked(bucket: KV): Promise<KV> {
		const { name, ttlMs = 0 } = this.#options;
		const { ttl, history } = await bucket.status();
		if (ttl === ttlMs && history === 1) return bucket;
		throw new OrchestraError(
			'cluster_mismatch',
			`the bucket ${name} keeps values for ${ttl} ms, and this node has a lease of ${ttlMs} ms`,
			{
				hint: 'Give all nodes the same cluster.lease, or the cluster another name; the bucket can be deleted while no node runs.',
				details: { bucket: name, ttl, lease: ttlMs, history },
			},
		);
	}
}

function encodeKey(key: string): string {
	return key.split('.').map(token).join('.');
}

function nameOfKey(key: string): string | undefined {
	const parts = key.split('.').map(nameOf);
	return parts.includes(undefined) ? undefined : parts.join('.');
}

/** Another revision than the one that was expected. */
const wrongSequence = 10_071;

function isConflict(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	const { code } = error as { code?: unknown };
	return code === wrongSequence || /wrong last sequence|key exists/i.test(error.message);
}
