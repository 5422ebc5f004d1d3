import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { type Bucket, BucketConflict, type BucketEntry } from './bucket.ts';
import type { Clock } from './clock.ts';
import { ExpiringMap } from './expiring-map.ts';
import {
	type CataloguePlugin,
	type CatalogueRecord,
	clusterProtocol,
	decodeCatalogue,
	decodeNode,
	encodeRecord,
	maxRecordBytes,
	type NodeRecord,
} from './records.ts';

/** State of a node of this process in its cluster. */
export type MembershipState = 'joining' | 'up' | 'draining' | 'left';

/** Settings of a {@link Membership}. */
export interface MembershipOptions {
	readonly node: string;
	/** A UUID for this start. */
	readonly instance: string;
	readonly leaseMs: number;
	readonly clock: Clock;
	readonly nodes: Bucket;
	readonly plugins: Bucket;
	/** Facts that this node says of itself. */
	readonly facts: () => Pick<NodeRecord, 'software' | 'addresses' | 'fingerprint'>;
	/** Asks whoever goes by the name of this node whether it is there. `unknown`: it did not answer in time. Never rejects. */
	readonly ping: () => Promise<'alive' | 'gone' | 'unknown'>;
	/** Called after each change of the view; it says of which node. Must not throw. */
	readonly onView: (node: string) => void;
	/** Called when it has its name, or has it no more. Must not throw. Default: nobody is told. */
	readonly onMember?: ((isMember: boolean) => void) | undefined;
	/** Called for what is wrong, while all goes on. Must not throw. */
	readonly onProblem: (error: OrchestraError) => void;
}

/** A node of the cluster, as this one sees it. */
export interface SeenNode {
	readonly record: NodeRecord;
	/** Plugins that it runs; empty until they were heard of. */
	readonly plugins: readonly CataloguePlugin[];
	/** Whether it speaks our version; of one that does not, nothing is used. */
	readonly compatible: boolean;
}

/**
 * A node's place in the registry: it keeps its own record alive, and has a view of all others. All that it knows comes from two
 * buckets and a clock.
 */
export class Membership {
	readonly #options: MembershipOptions;
	readonly #seen: ExpiringMap<NodeRecord>;
	readonly #catalogues = new Map<string, CatalogueRecord>();
	readonly #told = new Set<string>();
	#state: MembershipState = 'joining';
	#revision = 0;
	#catalogue: CatalogueRecord;
	#catalogueRevision = 0;
	#writing: Promise<void> = Promise.resolve();
	#cancelBeat: (() => void) | undefined;
	#stopNodes: (() => void) | undefined;
	#stopPlugins: (() => void) | undefined;
	#isCut = false;

	constructor(options: MembershipOptions) {
		this.#options = options;
		this.#catalogue = { instance: options.instance, catalogue: 0, plugins: [] };
		this.#seen = new ExpiringMap(options.clock, options.leaseMs, (node) => options.onView(node));
	}

	get state(): MembershipState {
		return this.#state;
	}

	/** All nodes that are there, this one too, by their names. */
	get nodes(): SeenNode[] {
		return this.#seen
			.entries()
			.map(([, record]) => this.#see(record))
			.sort((a, b) => (a.record.node < b.record.node ? -1 : 1));
	}

	/** This node, as it is itself, whether others see it or not. */
	get self(): SeenNode {
		return { record: this.#record(), plugins: this.#catalogue.plugins, compatible: true };
	}

	/** A node that is there. */
	node(name: string): SeenNode | undefined {
		const record = this.#seen.get(name);
		return record && this.#see(record);
	}

	/** Begins to look, and takes its name. @throws OrchestraError `node_conflict`; rejects as the buckets do */
	async join(): Promise<void> {
		const { nodes, plugins } = this.#options;
		this.#stopNodes ??= await nodes.watch((entry) => this.#heardNode(entry));
		this.#stopPlugins ??= await plugins.watch((entry) => this.#heardCatalogue(entry));
		await this.#takeName();
		if (this.#state === 'left') return;
		this.#state = 'up';
		this.#options.onMember?.(true);
		await this.#writeCatalogue();
		this.#scheduleBeat();
	}

	/** Says what this node runs. Never rejects: what cannot be written now is written with the next heartbeat. */
	async offer(plugins: readonly CataloguePlugin[]): Promise<void> {
		const { instance, catalogue } = this.#catalogue;
		if (JSON.stringify(plugins) === JSON.stringify(this.#catalogue.plugins)) return;
		this.#catalogue = { instance, catalogue: catalogue + 1, plugins };
		if (this.#isCut || this.#state === 'joining' || this.#state === 'left') {
			// Written with the next heartbeat.
			this.#catalogueRevision = 0;
			return;
		}
		await this.#attempt(() => this.#writeCatalogue());
	}

	/** Says that it takes no more calls. Never rejects. @returns why others may not have heard of it */
	drain(): Promise<OrchestraError | undefined> {
		return this.#say('draining');
	}

	/** Takes calls again. Never rejects. @returns why others may not have heard of it */
	resume(): Promise<OrchestraError | undefined> {
		return this.#say('up');
	}

	/** Leaves: others hear of it at once. Never rejects. */
	async leave(): Promise<void> {
		if (this.#state === 'left') return;
		const { node, nodes, plugins } = this.#options;
		const member = this.#state !== 'joining';
		this.#state = 'left';
		this.#cancelBeat?.();
		this.#stopNodes?.();
		this.#stopPlugins?.();
		this.#seen.close();
		if (!member) return;
		await this.#attempt(() => nodes.delete(node, this.#revision));
		await this.#attempt(() => plugins.delete(node, this.#catalogueRevision));
	}

	/** The way to the buckets is cut: what is known of others stays, as nobody can be heard. */
	cut(): void {
		this.#seen.freeze();
		this.#isCut = true;
		this.#cancelBeat?.();
	}

	/** The way is there again: who is not heard of within a lease is gone. */
	restored(): void {
		this.#seen.thaw();
		this.#isCut = false;
		if (this.#state === 'up' || this.#state === 'draining') void this.#beat();
	}

	/** Forgets a node that is known to be gone, before its lease ends. */
	gone(node: string, instance: string): void {
		if (this.#seen.get(node)?.instance !== instance) return;
		this.#seen.delete(node);
		this.#options.onView(node);
	}

	#see(record: NodeRecord): SeenNode {
		const catalogue = this.#catalogues.get(record.node);
		const compatible = record.protocol === clusterProtocol;
		const fits = compatible && catalogue?.instance === record.instance;
		return { record, plugins: fits ? catalogue.plugins : [], compatible };
	}

	#record(): NodeRecord {
		const { node, instance } = this.#options;
		const state = this.#state === 'draining' ? 'draining' : 'up';
		const { catalogue } = this.#catalogue;
		return { node, instance, protocol: clusterProtocol, ...this.#options.facts(), state, catalogue };
	}

	/** @throws OrchestraError `node_conflict` */
	async #takeName(): Promise<void> {
		const { node, nodes, instance, leaseMs, clock, ping } = this.#options;
		const value = () => encodeRecord(this.#record());
		let first: number | undefined;
		const giveUpAt = clock.now() + leaseMs * 2;
		while (this.#state !== 'left') {
			const entry = await nodes.get(node);
			try {
				if (entry?.value === undefined) {
					this.#revision = await nodes.create(node, value());
					return;
				}
				const other = decodeNode(entry.value);
				if (other?.instance === instance) {
					this.#revision = await nodes.update(node, value(), entry.revision);
					return;
				}
				first ??= entry.revision;
				const answer = first === entry.revision ? await ping() : 'alive';
				if (answer === 'gone') {
					this.#revision = await nodes.update(node, value(), entry.revision);
					return;
				}
				if (answer === 'alive' || clock.now() > giveUpAt) throw conflict(node, other);
			} catch (error) {
				if (!(error instanceof BucketConflict)) throw error;
				if (clock.now() > giveUpAt) throw conflict(node, undefined);
			}
			await new Promise<void>((resolve) => clock.after(leaseMs / 6, resolve));
		}
	}

	#heardNode({ key, value }: BucketEntry): void {
		const { onView } = this.#options;
		if (value === undefined) {
			if (this.#seen.delete(key)) onView(key);
			return;
		}
		const record = decodeNode(value);
		if (record?.node !== key) {
			this.#tellOnce(key, `the record of node ${key} in the registry cannot be read, and is left out`);
			return;
		}
		if (record.protocol !== clusterProtocol) {
			this.#tellOnce(
				`${key} ${record.instance}`,
				`node ${key} speaks version ${record.protocol} of the cluster's protocol, and this one ${clusterProtocol}: nothing is called there`,
			);
		}
		const before = this.#seen.hear(key, record);
		// Most of what is heard are heartbeats, which change nothing.
		if (!before || !sameRecord(before, record)) onView(key);
	}

	#heardCatalogue({ key, value }: BucketEntry): void {
		const record = value && decodeCatalogue(value);
		if (record) this.#catalogues.set(key, record);
		else {
			this.#catalogues.delete(key);
			if (value) this.#tellOnce(`catalogue ${key}`, `what node ${key} says that it runs cannot be read`);
		}
		this.#options.onView(key);
	}

	async #say(state: 'up' | 'draining'): Promise<OrchestraError | undefined> {
		if (this.#state !== 'up' && this.#state !== 'draining') {
			return new OrchestraError(
				'cluster_unavailable',
				`node ${this.#options.node} has no place in its cluster now`,
				{ retryable: true, details: { node: this.#options.node } },
			);
		}
		this.#state = state;
		return this.#attempt(() => this.#renew());
	}

	#scheduleBeat(): void {
		const { clock, leaseMs } = this.#options;
		this.#cancelBeat?.();
		if (this.#isCut) return;
		this.#cancelBeat = clock.after(leaseMs / 3, () => void this.#beat());
	}

	async #beat(): Promise<void> {
		await this.#attempt(() => this.#renew());
		if (this.#state === 'up' || this.#state === 'draining') this.#scheduleBeat();
	}

	/** Changes of one's own record are made one after another. */
	#renew(): Promise<void> {
		const next = this.#writing.then(() => this.#renewNow());
		this.#writing = next.catch(() => {});
		return next;
	}

	async #renewNow(): Promise<void> {
		const { node, nodes } = this.#options;
		if (this.#state !== 'up' && this.#state !== 'draining') return;
		try {
			this.#revision = await nodes.update(node, encodeRecord(this.#record()), this.#revision);
		} catch (error) {
			if (!(error instanceof BucketConflict)) throw error;
			await this.#regain();
		}
		if (this.#catalogueRevision === 0) await this.#writeCatalogue();
	}

	/** The record has another revision: the answer to a renewal was lost, the record has ended, or another has the name. */
	async #regain(): Promise<void> {
		const { node, nodes, instance, onProblem } = this.#options;
		const entry = await nodes.get(node);
		const other = entry?.value && decodeNode(entry.value);
		if (other && other.instance !== instance) {
			const state = this.#state;
			this.#state = 'joining';
			this.#options.onMember?.(false);
			onProblem(conflict(node, other));
			await this.#takeName();
			if (this.#state !== 'joining') return;
			this.#state = state;
			this.#options.onMember?.(true);
			this.#catalogueRevision = 0;
			return;
		}
		const value = encodeRecord(this.#record());
		this.#revision =
			entry?.value === undefined
				? await nodes.create(node, value)
				: await nodes.update(node, value, entry.revision);
	}

	async #writeCatalogue(): Promise<void> {
		const { node, plugins } = this.#options;
		const catalogue = this.#catalogue;
		const value = encodeRecord(catalogue);
		if (value.length > maxRecordBytes) {
			throw new OrchestraError(
				'overloaded',
				`what node ${node} runs takes ${value.length} bytes in the registry, and ${maxRecordBytes} are allowed`,
				{ hint: 'Spread the plugins over more nodes.', details: { node, bytes: value.length } },
			);
		}
		this.#catalogueRevision = 0;
		for (;;) {
			const entry = await plugins.get(node);
			try {
				const revision =
					entry?.value === undefined
						? await plugins.create(node, value)
						: await plugins.update(node, value, entry.revision);
				if (catalogue === this.#catalogue) this.#catalogueRevision = revision;
				return;
			} catch (error) {
				if (!(error instanceof BucketConflict) || this.#state === 'left') throw error;
			}
		}
	}

	/** Does what may go wrong now and well later. @returns what went wrong */
	async #attempt(work: () => Promise<unknown>): Promise<OrchestraError | undefined> {
		try {
			await work();
			return undefined;
		} catch (error) {
			const { node, onProblem } = this.#options;
			const problem = OrchestraError.from(error, 'cluster_unavailable', `node ${node} cannot be registered`);
			if (!(error instanceof BucketConflict)) onProblem(problem);
			return problem;
		}
	}

	#tellOnce(key: string, message: string): void {
		if (this.#told.has(key) || this.#told.size >= maxTold) return;
		this.#told.add(key);
		this.#options.onProblem(new OrchestraError('cluster_mismatch', message, { details: { node: key } }));
	}
}

/** Faults of other nodes that are told, at most. */
const maxTold = 1024;

function sameRecord(one: NodeRecord, other: NodeRecord): boolean {
	return (
		one.instance === other.instance &&
		one.state === other.state &&
		one.catalogue === other.catalogue &&
		one.fingerprint === other.fingerprint &&
		one.addresses.join() === other.addresses.join()
	);
}

function conflict(node: string, other: NodeRecord | undefined): OrchestraError {
	const where = other && other.addresses.length > 0 ? `, at ${other.addresses.join(', ')}` : '';
	return new OrchestraError('node_conflict', `a node ${node} is in the cluster already${where}`, {
		hint: 'Give each node a name and a certificate of its own: cluster.node.',
		details: { node, ...(other ? { instance: other.instance, addresses: [...other.addresses] } : {}) },
	});
}
