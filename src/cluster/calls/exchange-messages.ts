import { frameHeaderBytes } from '../../runtime/wire/frame.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { Heard, NatsLink } from '../nats/nats-link.ts';

/** Counts the messages of one side of an exchange. */
export const sequenceHeader = 'Orch-Seq';

/** The node that sends. On the first answer. */
export const nodeHeader = 'Orch-Node';

/** Messages that one side of an exchange sends, each with its number. */
export class MessageSender {
	readonly #link: NatsLink;
	readonly #own: string;
	#next = 0;

	/** @param own where this side hears the other */
	constructor(link: NatsLink, own: string) {
		this.#link = link;
		this.#own = own;
	}

	/**
	 * @param node says who sends; with the first answer
	 * @throws OrchestraError `cluster_unavailable`, `message_too_large`: nothing has left then
	 */
	send(subject: string, frame: Uint8Array, node?: string): void {
		const first = this.#next === 0;
		const headers: [name: string, value: string][] = [[sequenceHeader, String(this.#next)]];
		if (node !== undefined) headers.push([nodeHeader, node]);
		this.#link.publish(subject, frame.subarray(frameHeaderBytes), first ? this.#own : undefined, headers);
		this.#next++;
	}
}

/** Watches the numbers of what the other side sends. */
export class MessageOrder {
	#next = 0;

	/** The fault of a message that comes now. */
	fault({ header }: Heard, from: string): OrchestraError | undefined {
		const expected = this.#next++;
		if (header(sequenceHeader) === String(expected)) return undefined;
		return new OrchestraError('connection_lost', `a message of ${from} was lost on its way through NATS`, {
			hint: 'Whether the call was done is not known.',
		});
	}
}
