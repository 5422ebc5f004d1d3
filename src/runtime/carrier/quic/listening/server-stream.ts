import { encodeResponseFrame } from '../../../wire/frame.ts';
import type { PluginRequest } from '../../../wire/generated/messages.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { errorResponse } from '../../error-response.ts';
import { streamCode } from '../driver/close-code.ts';
import type { ReadBuffer } from '../driver/read-buffer.ts';
import type { SendBudget } from '../driver/send-budget.ts';
import { type FrameListener, type InputState, readAndDrop, StreamInput } from '../driver/stream-input.ts';
import { isStreamGone, StreamOutput } from '../driver/stream-output.ts';
import type { StreamEntry } from '../driver/stream-table.ts';
import { type QuicheConnection, shutdownWrite } from '../native/quiche.ts';
import type { QuicIncomingExchange } from './quic-incoming-exchange.ts';

/** Services that a stream needs of its connection. */
export interface StreamOwner {
	/** Reads a message within the memory that there is for it. */
	decode(payload: Uint8Array): PluginRequest;
	/** The first message of a stream that asks for something: starts its exchange, or answers it. */
	requested(stream: ServerStream, request: PluginRequest): QuicIncomingExchange | undefined;
	/** A message that cancels an exchange, by the name of its stream or its own. */
	cancelNamed(streamId: string, requestId: string): void;
	/** The stream has something to send. */
	writable(stream: ServerStream): void;
	/** So many bytes more wait to be sent, or fewer. May end the connection. */
	waiting(bytes: number): void;
	/** A stream's exchange has ended, whose request took so many bytes of memory. */
	exchangeEnded(memoryBytes: number): void;
}

/** One stream of a client: a request comes in, responses go out. */
export class ServerStream implements FrameListener, StreamEntry<ServerStream> {
	readonly streamId: number;
	before: ServerStream | undefined;
	after: ServerStream | undefined;
	nextInBucket: ServerStream | undefined;
	exchange: QuicIncomingExchange | undefined;
	/** Whether the client will send nothing more. */
	inputDone = false;
	/** Whether nothing more will be sent. */
	outputDone = false;
	/** Whether it waits in the connection's list of streams to write. */
	scheduled = false;
	readonly #owner: StreamOwner;
	readonly #input: StreamInput;
	#dropping = false;
	readonly #output: StreamOutput;
	#requested = false;
	#ending = false;
	/** Bytes that wait to be sent, as the owner knows it. */
	#waiting = 0;

	constructor(streamId: number, owner: StreamOwner) {
		this.streamId = streamId;
		this.#owner = owner;
		this.#input = new StreamInput(streamId, this);
		this.#output = new StreamOutput(streamId);
	}

	/** All is read as it comes: the size of a request is bounded, a cancel may follow, and input as far as its handler has granted it. */
	readonly readableBytes = Number.MAX_SAFE_INTEGER;

	/** Bytes of a request that has not arrived as a whole. */
	get buffered(): number {
		return this.#dropping ? 0 : this.#input.buffered;
	}

	/** Reads what has arrived. */
	read(native: QuicheConnection, buffer: ReadBuffer): void {
		const state = this.#dropping
			? readAndDrop(this.streamId, native, buffer)
			: this.#readFrames(native, buffer);
		if (state === 'open') return;
		this.inputDone = true;
		if (state === 'reset') {
			// Nobody waits for our half either; without an end of it quiche would keep the stream.
			native.streamShutdown(this.streamId, shutdownWrite, streamCode);
			this.clientGone();
		} else if (!this.#requested) this.end();
		else this.exchange?.inputStopped();
	}

	#readFrames(native: QuicheConnection, buffer: ReadBuffer): InputState {
		try {
			return this.#input.read(native, buffer);
		} catch (error) {
			this.#refuse(OrchestraError.from(error, 'malformed_message', 'the request cannot be read'));
			// Bytes that still come are read, since quiche would keep them, and dropped.
			this.#dropping = true;
			return readAndDrop(this.streamId, native, buffer);
		}
	}

	/** Answers bytes that are no request, or one that JavaScript cannot hold. */
	#refuse(error: OrchestraError): void {
		this.#requested = true;
		if (this.exchange) this.exchange.refuse(error);
		else this.send(encodeResponseFrame(errorResponse({}, error)), true);
	}

	frame(payload: Uint8Array): void {
		const request = this.#owner.decode(payload);
		if (request.streamCancel) {
			this.#owner.cancelNamed(request.streamCancel.streamId ?? '', request.requestId ?? '');
			if (this.#requested) this.exchange?.cancel(cancelledByClient());
			else this.end();
			this.#requested = true;
		} else if (request.streamInput) {
			if (this.#requested) this.exchange?.takeInput(request.streamInput);
			else throw new OrchestraError('malformed_message', 'input came before its request');
		} else if (!this.#requested) {
			this.#requested = true;
			this.exchange = this.#owner.requested(this, request);
		}
	}

	/** Queues a frame; `last` ends the stream. Dropped where the client wants no more. */
	send(frame: Uint8Array, last: boolean): void {
		if (this.outputDone || this.#ending) return;
		this.#ending = last;
		this.#output.push(frame, last);
		this.#owner.writable(this);
		this.#tellWaiting();
	}

	/** Ends the stream without a response. */
	end(): void {
		this.send(noBytes, true);
	}

	/** See {@link StreamOutput.release}. */
	releaseSender(): void {
		this.#output.release();
	}

	/** See {@link StreamOutput.drained}. */
	drained(limit: number): Promise<void> | undefined {
		return this.outputDone ? undefined : this.#output.drained(limit);
	}

	exchangeEnded(memoryBytes: number): void {
		this.exchange = undefined;
		this.#owner.exchangeEnded(memoryBytes);
	}

	/** Hands quiche what it takes. True where it did not take all. */
	write(native: QuicheConnection, budget: SendBudget, resumeBelow: number): boolean {
		if (this.outputDone) return false;
		const state = this.#output.write(native, budget, resumeBelow);
		this.#tellWaiting();
		if (state === 'blocked') return true;
		if (state === 'stopped') this.clientGone();
		else if (this.#ending) this.outputDone = true;
		return false;
	}

	/** Whether the client has stopped the stream. Only asking tells: quiche gives no event, and forgets the stream in the end. */
	probe(native: QuicheConnection): void {
		if (this.outputDone) return;
		try {
			native.streamCapacity(this.streamId);
		} catch (error) {
			if (!isStreamGone(error)) throw error;
			this.clientGone();
		}
	}

	/** The client wants no more of this stream. */
	clientGone(): void {
		this.outputDone = true;
		this.#output.drop();
		this.#tellWaiting();
		this.exchange?.cancel(cancelledByClient());
	}

	/** The whole connection is gone. */
	connectionLost(error: OrchestraError): void {
		this.inputDone = true;
		this.outputDone = true;
		this.exchange?.cancel(error);
		this.#output.drop();
		this.#tellWaiting();
	}

	#tellWaiting(): void {
		const change = this.#output.bytes - this.#waiting;
		if (change === 0) return;
		this.#waiting += change;
		this.#owner.waiting(change);
	}
}

const noBytes = new Uint8Array(0);

function cancelledByClient(): OrchestraError {
	return new OrchestraError('cancelled', 'the caller cancelled');
}
