import type { Socket } from 'node:net';
import { decodeResponse, encodeRequestFrame } from '../../wire/frame.ts';
import { FrameDecoder } from '../../wire/frame-decoder.ts';
import type { PluginRequest, StreamInput } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Address } from '../address.ts';
import { formatAddress } from '../address.ts';
import type { OpenOptions, ResponseSink } from '../outgoing-exchange.ts';
import { OutgoingExchange } from '../outgoing-exchange.ts';
import { dialError } from './socket-error.ts';

/** Services that an exchange needs of its connection. */
export interface PlainOwner {
	readonly address: Address;
	/** A socket of its own: connected, or on its way. */
	openSocket(): Socket;
	/** Sends a frame that is not answered, on a connection of its own. */
	tell(frame: Uint8Array): void;
	forget(exchange: PlainOutgoingExchange): void;
}

/** The caller's side of an exchange that has a plaintext socket to itself. Its end is the socket's end. */
export class PlainOutgoingExchange extends OutgoingExchange {
	readonly #owner: PlainOwner;
	readonly #decoder = new FrameDecoder();
	#socket: Socket | undefined;
	/** The id of the stream that was asked for; undefined where it was none. */
	#startedStream: string | undefined;

	constructor(owner: PlainOwner, requestId: string, sink: ResponseSink, options: OpenOptions | undefined) {
		super(requestId, sink, options);
		this.#owner = owner;
	}

	/** Sends the request, on a socket of its own. */
	begin(request: PluginRequest): void {
		// An exchange that is over already ends before the next turn: the peer need not hear of it.
		if (!this.stillborn) {
			try {
				const envelope = this.envelope(request);
				if (request.streamStart) {
					this.#startedStream = request.streamStart.streamId || this.requestId;
					envelope.streamStart = { ...request.streamStart, streamId: this.#startedStream };
				}
				this.#connect(encodeRequestFrame(envelope));
			} catch (error) {
				this.failSoon(OrchestraError.from(error, 'internal', 'the request cannot be encoded'));
				return;
			}
		}
		this.start();
	}

	override get inputBlocked(): boolean {
		return this.#socket?.writableNeedDrain === true;
	}

	override sendInput(streamInput: StreamInput): void {
		this.#socket?.write(encodeRequestFrame({ requestId: this.requestId, streamInput }));
	}

	protected override tellCancelled(): void {
		// The socket is gone already. A Go peer notices that when it next writes, and a stream may never write again.
		if (this.#startedStream === undefined) return;
		const streamCancel = { streamId: this.#startedStream };
		this.#owner.tell(encodeRequestFrame({ requestId: this.requestId, streamCancel }));
	}

	protected override letMore(): void {
		if (this.unconsumed < this.windowBytes) this.#socket?.resume();
	}

	protected override forget(): void {
		this.#socket?.destroy();
		this.#owner.forget(this);
	}

	#connect(frame: Uint8Array): void {
		const socket = this.#owner.openSocket();
		const url = formatAddress(this.#owner.address);
		let connected = !socket.connecting;
		this.#socket = socket;
		socket.setNoDelay(true);
		socket.once('connect', () => {
			connected = true;
		});
		socket.on('error', (error) => {
			this.fail(
				connected
					? new OrchestraError('connection_lost', `the connection to ${url} ended: ${error.message}`, {
							cause: error,
						})
					: dialError(this.#owner.address, 'connecting', error),
			);
		});
		socket.on('drain', () => this.resumeInput());
		socket.on('data', (chunk: Uint8Array) => this.#take(chunk));
		socket.on('end', () => this.fail(this.#endedEarly(url)));
		socket.on('close', () => this.fail(this.#endedEarly(url)));
		socket.write(frame, () => this.sent());
	}

	#take(chunk: Uint8Array): void {
		try {
			this.#decoder.push(chunk, (payload) => {
				if (!this.ended) this.receive(decodeResponse(payload));
			});
		} catch (error) {
			this.fail(OrchestraError.from(error, 'malformed_message', 'the peer sent something unreadable'));
			return;
		}
		if (!this.ended && this.unconsumed >= this.windowBytes) this.#socket?.pause();
	}

	#endedEarly(url: string): OrchestraError {
		return new OrchestraError('connection_lost', `${url} closed the connection before the answer came`);
	}
}
