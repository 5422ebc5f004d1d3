import { encodeResponseFrame } from '../../../wire/frame.ts';
import type { PluginRequest, PluginResponse } from '../../../wire/generated/messages.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { unsendableResponse } from '../../error-response.ts';
import { IncomingExchange } from '../../incoming-exchange.ts';
import type { Peer } from '../../peer.ts';

/** Bytes of responses that may wait for a slow reader before a handler has to. */
const maxWaitingBytes = 256 * 1024;

/** The stream that an exchange answers on. */
export interface AnswerStream {
	/** Queues a frame; `last` ends the stream. */
	send(frame: Uint8Array, last: boolean): void;
	/** Lets a sender go that waits for the reader of this stream. */
	releaseSender(): void;
	/** Resolves when no more than `limit` bytes wait; undefined where that is so. */
	drained(limit: number): Promise<void> | undefined;
	/** The exchange has ended, whose request took so many bytes of memory. */
	exchangeEnded(memoryBytes: number): void;
}

/** The serving side of an exchange over QUIC. */
export class QuicIncomingExchange extends IncomingExchange {
	readonly #stream: AnswerStream;

	constructor(request: PluginRequest, peer: Peer, stream: AnswerStream) {
		super(request, peer);
		this.#stream = stream;
	}

	override cancel(reason: OrchestraError): void {
		super.cancel(reason);
		// A sender that waits for its reader waits for nothing now.
		this.#stream.releaseSender();
	}

	protected override sendFrame(response: PluginResponse): Promise<void> | undefined {
		let frame: Uint8Array;
		try {
			frame = encodeResponseFrame(response);
		} catch (error) {
			this.refuse(OrchestraError.from(error, 'internal', 'the response cannot be sent'));
			return undefined;
		}
		this.#stream.send(frame, false);
		return this.#stream.drained(maxWaitingBytes);
	}

	protected override finishFrame(response: PluginResponse): void {
		this.#stream.send(this.#encodeLast(response), true);
	}

	protected override grantInput(bytes: number): void {
		const requestId = this.request.requestId ?? '';
		this.#stream.send(encodeResponseFrame({ requestId, inputCredit: { bytes } }), false);
	}

	protected override forget(): void {
		this.#stream.exchangeEnded(this.memoryBytes);
	}

	#encodeLast(response: PluginResponse): Uint8Array {
		try {
			return encodeResponseFrame(response);
		} catch (error) {
			return encodeResponseFrame(unsendableResponse(this.request, error, 'the response cannot be sent'));
		}
	}
}
