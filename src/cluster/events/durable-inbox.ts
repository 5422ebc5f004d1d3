import type { ConsumerInfo, ConsumerMessages, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { NatsLink } from '../nats/nats-link.ts';
import { type Subjects, token } from '../nats/subjects.ts';

/** Takes a kept event. `settled` is called when all subscribers here that it fits have taken it. */
export type TakeKept = (from: string, topic: string, data: Uint8Array, settled: () => void) => void;

/** Needs of {@link DurableInbox}. */
export interface InboxOptions {
	readonly link: NatsLink;
	readonly subjects: Subjects;
	readonly node: string;
}

/** Events without an ack, at most: fewer than the queue of a subscriber takes. */
const maxPending = 256;

const timeoutMs = 5_000;
const ackWaitMs = 30_000;
const forgottenMs = 24 * 60 * 60_000;
const nanoseconds = 1_000_000;

/** Kept events on their way to the subscribers of this node. NATS gives one again for as long as they have not taken it. */
export class DurableInbox {
	readonly #options: InboxOptions;
	readonly #take: TakeKept;
	/** Latest copies of the messages that subscribers have not taken yet. */
	readonly #pending = new Map<string, JsMsg>();
	readonly #begun: Promise<void>;
	#begin: () => void = () => {};
	#messages: ConsumerMessages | undefined;
	#ended = false;

	constructor(options: InboxOptions, take: TakeKept) {
		this.#options = options;
		this.#take = take;
		this.#begun = new Promise((resolve) => {
			this.#begin = resolve;
		});
	}

	get ended(): boolean {
		return this.#ended;
	}

	/** Gives events out from now on: whoever wants to hear them has said so. */
	begin(): void {
		this.#begin();
	}

	/** Gives out nothing more, and acknowledges nothing: who is stopped has not taken what it had. */
	end(): void {
		this.#ended = true;
		this.#begin();
		this.#messages?.stop();
	}

	/** Hears what is kept over a connection, until that ends. @throws Error of the client where it cannot be heard any more */
	async follow(connection: NatsConnection, manager: JetStreamManager): Promise<void> {
		const { link, subjects } = this.#options;
		const isOver = () => this.#ended || !link.up || link.connection !== connection;
		const name = await this.#place(manager);
		await this.#begun;
		if (isOver()) return;
		const client = link.modules.jetstream.jetstream(connection, { timeout: timeoutMs });
		const consumer = await link.until(client.consumers.get(subjects.stored('durable'), name), timeoutMs);
		const messages = await link.until(
			consumer.consume({
				max_messages: maxPending,
				abort_on_missing_resource: true,
			}),
			timeoutMs,
		);
		this.#messages = messages;
		for await (const message of messages) {
			if (isOver()) return;
			this.#heard(message);
		}
	}

	#heard(message: JsMsg): void {
		const known = this.#options.subjects.readEvent(message.subject);
		const key = `${message.seq} ${message.timestampNanos}`;
		const isPending = this.#pending.has(key);
		this.#pending.set(key, message);
		if (isPending) return;
		const settled = () => {
			const latest = this.#pending.get(key);
			this.#pending.delete(key);
			if (!this.#ended) latest?.ack();
		};
		if (known) this.#take(known.from, known.topic, message.data, settled);
		else settled();
	}

	/**
	 * Sees to a consumer that begins at the first message without an ack: what was with a node that was killed, or on a connection that
	 * was lost, comes at once then and not when the time for its ack is over.
	 *
	 * @returns its name
	 */
	async #place(manager: JetStreamManager): Promise<string> {
		const { link, subjects, node } = this.#options;
		const { jetstream } = link.modules;
		const stream = subjects.stored('durable');
		const names = [`node_${token(node)}`, `again_${token(node)}`] as const;
		const infos = await link.until(
			Promise.all(names.map((name) => infoOf(manager, stream, name))),
			timeoutMs,
		);
		const [oldest, other] = infos
			.filter((info) => info !== undefined)
			.sort((a, b) => a.ack_floor.stream_seq - b.ack_floor.stream_seq);
		// A node that ended between the two steps below has left both.
		if (other) await link.until(manager.consumers.delete(stream, other.name), timeoutMs);
		if (oldest?.num_ack_pending === 0 && oldest.config.max_ack_pending === maxPending) return oldest.name;
		const name = oldest?.name === names[0] ? names[1] : names[0];
		await link.until(
			manager.consumers.add(stream, {
				durable_name: name,
				ack_policy: jetstream.AckPolicy.Explicit,
				ack_wait: ackWaitMs * nanoseconds,
				max_ack_pending: maxPending,
				inactive_threshold: forgottenMs * nanoseconds,
				...(oldest
					? {
							deliver_policy: jetstream.DeliverPolicy.StartSequence,
							opt_start_seq: oldest.ack_floor.stream_seq + 1,
						}
					: { deliver_policy: jetstream.DeliverPolicy.New }),
			}),
			timeoutMs,
		);
		if (oldest) await link.until(manager.consumers.delete(stream, oldest.name), timeoutMs);
		return name;
	}
}

/** Error code of JetStream. */
const consumerNotFound = 10_014;

async function infoOf(
	manager: JetStreamManager,
	stream: string,
	name: string,
): Promise<ConsumerInfo | undefined> {
	try {
		return await manager.consumers.info(stream, name);
	} catch (error) {
		if ((error as { code?: unknown }).code === consumerNotFound) return undefined;
		throw error;
	}
}
