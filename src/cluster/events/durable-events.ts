import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { topicPattern } from '../../runtime/events/topic-pattern.ts';
import type { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { natsFault } from '../nats/nats-fault.ts';
import type { NatsLink } from '../nats/nats-link.ts';
import type { Subjects } from '../nats/subjects.ts';
import { OwnTimers } from '../own-timers.ts';
import { DurableInbox, type TakeKept } from './durable-inbox.ts';
import { DurableOutbox } from './durable-outbox.ts';

/** Settings of {@link DurableEvents}. */
export interface DurableOptions {
	readonly link: NatsLink;
	readonly subjects: Subjects;
	readonly node: string;
	/** Patterns of the topics that are kept. */
	readonly topics: readonly string[];
	readonly copies: number;
	readonly onProblem: (error: OrchestraError) => void;
}

const timeoutMs = 5_000;
const retryMs = 1_000;
const keptMs = 24 * 60 * 60_000;
const keptBytes = 1024 * 1024 * 1024;
const distinctMs = 2 * 60_000;
const nanoseconds = 1_000_000;

/** Events that JetStream keeps until each node has heard them. */
export class DurableEvents {
	readonly #options: DurableOptions;
	readonly #patterns: readonly { matches(topic: string): boolean }[];
	readonly #outbox: DurableOutbox;
	readonly #timers = new OwnTimers();
	#inbox: DurableInbox | undefined;

	constructor(options: DurableOptions) {
		this.#options = options;
		this.#patterns = options.topics.map(topicPattern);
		this.#outbox = new DurableOutbox(options);
	}

	/** Events that NATS has not taken yet. */
	get waiting(): number {
		return this.#outbox.size;
	}

	keeps(topic: string): boolean {
		return this.#patterns.some((pattern) => pattern.matches(topic));
	}

	/** Sends from now on, and has a place in what is kept; nothing is taken before {@link begin}. */
	attach(take: TakeKept): void {
		const inbox = new DurableInbox(this.#options, take);
		this.#inbox = inbox;
		this.#options.link.onUp((connection) => void this.#follow(connection, inbox));
	}

	/** Takes what is kept from now on, from where this node was last. */
	begin(): void {
		this.#inbox?.begin();
	}

	/** Hands an event over; it is sent until it is taken. */
	publish(subject: string, id: string, data: Uint8Array): void {
		this.#outbox.add(subject, id, data);
	}

	/** Takes nothing more; what subscribers have not taken comes again with the next start. */
	end(): void {
		this.#inbox?.end();
	}

	close(): void {
		this.end();
		this.#timers.close();
		this.#outbox.close();
	}

	async #follow(connection: NatsConnection, inbox: DurableInbox): Promise<void> {
		const { link, node, onProblem } = this.#options;
		try {
			const manager = await this.#open(connection);
			this.#outbox.begin(connection);
			await inbox.follow(connection, manager);
		} catch (error) {
			if (link.up && link.connection === connection) onProblem(natsFault(error, [node]));
		}
		// The consumer may have been deleted, or moved to a server that has no leader yet.
		this.#timers.after(retryMs, () => {
			if (link.up && link.connection === connection && !inbox.ended) void this.#follow(connection, inbox);
		});
	}

	/** The stream, over a connection. */
	async #open(connection: NatsConnection): Promise<JetStreamManager> {
		const { link, subjects, copies } = this.#options;
		const stream = subjects.stored('durable');
		const { jetstreamManager } = link.modules.jetstream;
		const manager = await link.until(jetstreamManager(connection, { timeout: timeoutMs }), timeoutMs);
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
		return manager;
	}
}
