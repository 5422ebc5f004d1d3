import type { NatsConnection } from '@nats-io/transport-node';
import { topicPattern } from '../../runtime/events/topic-pattern.ts';
import type { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { natsFault } from '../nats/nats-fault.ts';
import type { NatsLink } from '../nats/nats-link.ts';
import { type Subjects, token } from '../nats/subjects.ts';

/** How events are kept. */
export interface DurableOptions {
	readonly link: NatsLink;
	readonly subjects: Subjects;
	readonly node: string;
	/** Patterns of the topics that are kept. */
	readonly topics: readonly string[];
	readonly copies: number;
	readonly onProblem: (error: OrchestraError) => void;
}

/** Events that wait for NATS, at most, and their bytes; beyond that the oldest are dropped. */
const maxWaiting = 10_000;
const maxWaitingBytes = 64 * 1024 * 1024;

const timeoutMs = 5_000;
const retryMs = 1_000;
const keptMs = 24 * 60 * 60_000;
const keptBytes = 1024 * 1024 * 1024;
const distinctMs = 2 * 60_000;
const nanoseconds = 1_000_000;

interface Waiting {
	readonly subject: string;
	readonly id: string;
	readonly data: Uint8Array;
}

/** Events that JetStream keeps until each node has heard them. What NATS has not taken yet waits here, and is sent again with its id. */
export class DurableEvents {
	readonly #options: DurableOptions;
	readonly #patterns: readonly { matches(topic: string): boolean }[];
	readonly #waiting: Waiting[] = [];
	#waitingBytes = 0;
	#sending = false;
	#dropped = 0;
	#deliver: ((from: string, topic: string, data: Uint8Array) => void) | undefined;
	/** Over the connection for which the stream is known to be there. */
	#ready: NatsConnection | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(options: DurableOptions) {
		this.#options = options;
		this.#patterns = options.topics.map(topicPattern);
	}

	/** Events that NATS has not taken yet. */
	get waiting(): number {
		return this.#waiting.length;
	}

	keeps(topic: string): boolean {
		return this.#patterns.some((pattern) => pattern.matches(topic));
	}

	/** Hears what is kept, from where this node was last. */
	begin(deliver: (from: string, topic: string, data: Uint8Array) => void): void {
		this.#deliver = deliver;
		this.#options.link.onUp((connection) => void this.#follow(connection));
	}

	/** Hands an event over; it is sent until it is taken. */
	publish(subject: string, id: string, data: Uint8Array): void {
		this.#waiting.push({ subject, id, data });
		this.#waitingBytes += data.length;
		while (this.#waiting.length > maxWaiting || this.#waitingBytes > maxWaitingBytes) {
			// The one that is being sent stays.
			const [oldest] = this.#waiting.splice(this.#sending ? 1 : 0, 1);
			this.#waitingBytes -= oldest?.data.length ?? 0;
			this.#dropped++;
		}
		void this.#send();
	}

	close(): void {
		clearTimeout(this.#timer);
	}

	async #send(): Promise<void> {
		const { link } = this.#options;
		if (this.#sending || !link.up || this.#ready !== link.connection) return;
		this.#sending = true;
		try {
			const client = link.modules.jetstream.jetstream(link.connection, { timeout: timeoutMs });
			for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
				await link.until(client.publish(next.subject, next.data, { msgID: next.id }), timeoutMs);
				this.#waiting.shift();
				this.#waitingBytes -= next.data.length;
			}
			if (this.#dropped > 0) {
				this.#options.onProblem(
					natsFault(new Error(`${this.#dropped} kept events were dropped`), [this.#options.node]),
				);
				this.#dropped = 0;
			}
		} catch (error) {
			if (link.up) {
				this.#options.onProblem(natsFault(error, [this.#options.node]));
				clearTimeout(this.#timer);
				this.#timer = setTimeout(() => void this.#send(), retryMs);
				this.#timer.unref();
			}
		} finally {
			this.#sending = false;
		}
	}

	async #follow(connection: NatsConnection): Promise<void> {
		const { link, subjects, node, copies, onProblem } = this.#options;
		const stands = () => link.up && link.connection === connection;
		try {
			const { jetstream } = link.modules;
			const stream = subjects.stored('durable');
			const manager = await link.until(
				jetstream.jetstreamManager(connection, { timeout: timeoutMs }),
				timeoutMs,
			);
			await link.until(
				manager.streams.info(stream).catch(() =>
					manager.streams.add({
						name: stream,
						subjects: [`${subjects.prefix}.durable.>`],
						max_age: keptMs * nanoseconds,
						max_bytes: keptBytes,
						duplicate_window: distinctMs * nanoseconds,
						num_replicas: copies,
					}),
				),
				timeoutMs,
			);
			this.#ready = connection;
			void this.#send();
			const durable = `node_${token(node)}`;
			await link.until(
				manager.consumers.add(stream, {
					durable_name: durable,
					ack_policy: jetstream.AckPolicy.Explicit,
					deliver_policy: jetstream.DeliverPolicy.New,
					ack_wait: 30_000 * nanoseconds,
					inactive_threshold: keptMs * nanoseconds,
				}),
				timeoutMs,
			);
			const consumer = await link.until(
				jetstream.jetstream(connection, { timeout: timeoutMs }).consumers.get(stream, durable),
				timeoutMs,
			);
			const messages = await link.until(consumer.consume(), timeoutMs);
			for await (const message of messages) {
				const known = subjects.readEvent(message.subject);
				if (known) this.#deliver?.(known.from, known.topic, message.data);
				message.ack();
			}
		} catch (error) {
			if (!stands()) return;
			onProblem(natsFault(error, [node]));
			setTimeout(() => {
				if (stands()) void this.#follow(connection);
			}, retryMs).unref();
		}
	}
}
