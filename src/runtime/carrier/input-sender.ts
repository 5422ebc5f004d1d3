import { inputCost } from '../wire/flow.ts';
import type { StreamInput } from '../wire/generated/messages.ts';
import { maxMessageBytes } from '../wire/limits.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { Gate } from './gate.ts';

/** Services that an {@link InputSender} needs of its exchange. */
export interface InputCarrier {
	/** Whether so much waits on the connection that senders should wait. */
	readonly inputBlocked: boolean;
	/** Hands one message to the peer. @throws OrchestraError where it cannot be encoded */
	sendInput(input: StreamInput): void;
}

/** Bytes of messages that may wait for credit: who waits when it is asked to never has more than one here. */
const maxQueuedBytes = maxMessageBytes + 1024 * 1024;

/** The caller's messages of one exchange until the peer takes them. */
export class InputSender {
	readonly #carrier: InputCarrier;
	#queue: StreamInput[] = [];
	#queuedBytes = 0;
	#credit = 0;
	/** Whether the peer has granted anything: then it knows what input is. */
	#known = false;
	#ended = false;
	#gate: Gate | undefined;

	constructor(carrier: InputCarrier) {
		this.#carrier = carrier;
	}

	/** Whether the last message has left. */
	get finished(): boolean {
		return this.#ended && this.#queue.length === 0;
	}

	/**
	 * Sends a message, or keeps it until the peer takes it. Undefined where the next may follow at once.
	 *
	 * @throws OrchestraError `overloaded` where the caller does not wait when it is asked to; `malformed_message` after the end;
	 * `message_too_large`
	 */
	send(input: StreamInput): Promise<void> | undefined {
		if (this.#ended) throw new OrchestraError('malformed_message', 'input was sent after its end');
		const cost = inputCost(input);
		if (this.#queuedBytes + cost > maxQueuedBytes) {
			throw new OrchestraError('overloaded', 'more input waits than the peer takes', {
				hint: 'Wait for the promise of send() before the next message.',
			});
		}
		this.#ended = input.end === true;
		this.#queue.push(input);
		this.#queuedBytes += cost;
		this.pump();
		return this.#open ? undefined : this.#wait();
	}

	/** The peer takes so many bytes more. @throws as {@link send} */
	grant(bytes: number): void {
		this.#known = true;
		this.#credit += bytes;
		this.pump();
	}

	/** Sends what may be sent now. @throws as {@link send} */
	pump(): void {
		let next = this.#queue[0];
		while (next && this.#mayLeave(next)) {
			this.#queue.shift();
			const cost = inputCost(next);
			this.#queuedBytes -= cost;
			this.#credit -= cost;
			this.#carrier.sendInput(next);
			next = this.#queue[0];
		}
		if (this.#open) this.#openGate();
	}

	/** The exchange is over: what waits is dropped, and nobody waits any more. */
	close(): void {
		this.#ended = true;
		this.#queue = [];
		this.#queuedBytes = 0;
		this.#openGate();
	}

	get #open(): boolean {
		return this.#queue.length === 0 && (this.#ended || (this.#credit > 0 && !this.#carrier.inputBlocked));
	}

	#mayLeave(input: StreamInput): boolean {
		if (inputCost(input) === 0) return this.#known;
		return this.#credit > 0 && !this.#carrier.inputBlocked;
	}

	#wait(): Promise<void> {
		this.#gate ??= new Gate();
		return this.#gate.opened;
	}

	#openGate(): void {
		this.#gate?.open();
		this.#gate = undefined;
	}
}
