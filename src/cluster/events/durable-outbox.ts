import type { JetStreamClient } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { natsFault } from '../nats/nats-fault.ts';
import type { NatsLink } from '../nats/nats-link.ts';
import { OwnTimers } from '../own-timers.ts';

/** Events that wait for NATS, at most, and their bytes; beyond that the oldest are dropped. */
const maxWaiting = 10_000;
const maxWaitingBytes = 64 * 1024 * 1024;

/** Events that are on their way at once: their answers come in the order in which they were sent. */
const maxOnTheWay = 64;

const timeoutMs = 5_000;
const retryMs = 1_000;

interface Waiting {
	readonly subject: string;
	readonly id: string;
	readonly data: Uint8Array;
}

/** Needs of {@link DurableOutbox}. */
export interface OutboxOptions {
	readonly link: NatsLink;
	readonly node: string;
	readonly onProblem: (error: OrchestraError) => void;
}

/** Kept events that NATS has not taken yet. They are sent in order, and again with their ids where no answer came. */
export class DurableOutbox {
	readonly #options: OutboxOptions;
	readonly #timers = new OwnTimers();
	readonly #waiting: Waiting[] = [];
	#bytes = 0;
	/** The connection for which the stream is known to be there. */
	#ready: NatsConnection | undefined;
	/** Answers that are waited for: those of the first that wait. */
	#onTheWay: Promise<unknown>[] = [];
	#sending = false;
	/** Client of the connection over which events are being sent. */
	#client: JetStreamClient | undefined;
	#dropped = 0;

	constructor(options: OutboxOptions) {
		this.#options = options;
	}

	/** Events that NATS has not taken yet. */
	get size(): number {
		return this.#waiting.length;
	}

	/** Sends over this connection from now on: the stream is there. */
	begin(connection: NatsConnection): void {
		this.#ready = connection;
		void this.#send();
	}

	/** Takes an event; it is sent until it is taken. */
	add(subject: string, id: string, data: Uint8Array): void {
		this.#waiting.push({ subject, id, data });
		this.#bytes += data.length;
		while (this.#waiting.length > maxWaiting || this.#bytes > maxWaitingBytes) {
			// Those that are on their way stay.
			const [oldest] = this.#waiting.splice(this.#onTheWay.length, 1);
			if (!oldest) break;
			this.#bytes -= oldest.data.length;
			this.#dropped++;
		}
		void this.#send();
	}

	close(): void {
		this.#timers.close();
	}

	async #send(): Promise<void> {
		const { link, node, onProblem } = this.#options;
		if (!link.up || this.#ready !== link.connection) return;
		if (this.#sending) {
			this.#fill();
			return;
		}
		this.#sending = true;
		this.#client = link.modules.jetstream.jetstream(link.connection, { timeout: timeoutMs });
		try {
			for (this.#fill(); this.#onTheWay[0]; this.#fill()) {
				await link.until(this.#onTheWay[0], timeoutMs);
				this.#onTheWay.shift();
				this.#bytes -= this.#waiting.shift()?.data.length ?? 0;
			}
			if (this.#dropped > 0) {
				onProblem(natsFault(new Error(`${this.#dropped} kept events were dropped`), [node]));
				this.#dropped = 0;
			}
		} catch (error) {
			if (link.up) {
				const fault = natsFault(error, [node], node);
				onProblem(fault);
				// What may not be published would hold up all that waits behind it.
				const isDenied = fault.code === 'cluster_refused' && fault.details?.subject !== undefined;
				if (isDenied) this.#bytes -= this.#waiting.shift()?.data.length ?? 0;
				this.#timers.after(isDenied ? 0 : retryMs, () => void this.#send());
			}
		} finally {
			// Begins again at the first without an answer; their ids tell the doubles.
			this.#onTheWay = [];
			this.#client = undefined;
			this.#sending = false;
		}
	}

	/** Sends as many as may be on their way. */
	#fill(): void {
		while (this.#client && this.#onTheWay.length < maxOnTheWay) {
			const next = this.#waiting[this.#onTheWay.length];
			if (!next) return;
			const answer = this.#client.publish(next.subject, next.data, { msgID: next.id });
			answer.catch(() => {});
			this.#onTheWay.push(answer);
		}
	}
}
