import { clearTimeout, setTimeout } from 'node:timers';
import { encodeRequestFrame } from '../../../wire/frame.ts';
import { LinkedList } from '../../linked-list.ts';
import type { QuicDriver } from '../driver/quic-driver.ts';
import { StreamOutput } from '../driver/stream-output.ts';
import { fewStreams, streamStep } from '../driver/stream-table.ts';
import type { QuicOutgoingExchange } from './quic-outgoing-exchange.ts';

/** Exchanges that may wait for the peer to allow more streams. */
const maxQueued = 10_000;

/**
 * Bytes of requests that are given to quiche without asking what it can send: asking costs more than it saves, and what is
 * lost when such a request is cancelled just then is some memory of ours, not the peer's streams (see SendBudget).
 */
const smallFrameBytes = 4096;

/** Bytes of input that may wait for quiche on one stream before its sender has to. */
const maxInputBytes = 256 * 1024;

/** Sends the requests of one connection, each on a stream of its own, as the peer allows them. */
export class RequestSender {
	readonly #driver: QuicDriver;
	readonly #onOpen: (exchange: QuicOutgoingExchange) => void;
	readonly #queued = new LinkedList<QuicOutgoingExchange>();
	/** Cancel messages that wait for a stream; they go first. */
	#cancels: Uint8Array[] = [];
	/** Streams of cancel messages that the peer has not ended, and so not taken. */
	readonly #telling = new Set<number>();
	#onTold: (() => void) | undefined;
	readonly #onRoom: (streamId: number) => void;
	/** Output that quiche has not taken to the end, by stream: requests, and streams that input may still follow on. */
	readonly #unsent = new Map<number, StreamOutput>();
	/** Streams with input that was not given to quiche yet. */
	#more: number[] = [];
	#nextStream = 0;
	/** Whether new requests wait for the peer to be heard of. */
	#paused = false;
	/** Whether some had to wait for more than a turn. */
	#waited = false;

	/**
	 * @param onOpen called when an exchange has got its stream
	 * @param onRoom called when a stream has room again for input
	 */
	constructor(
		driver: QuicDriver,
		onOpen: (exchange: QuicOutgoingExchange) => void,
		onRoom: (streamId: number) => void,
	) {
		this.#driver = driver;
		this.#onOpen = onOpen;
		this.#onRoom = onRoom;
	}

	/** Number of requests that wait for a stream. */
	get waiting(): number {
		return this.#queued.size + this.#cancels.length;
	}

	/** Whether so many wait that no more should. */
	get full(): boolean {
		return this.#queued.size >= maxQueued;
	}

	/** Sends the request of an exchange, in its turn. */
	add(exchange: QuicOutgoingExchange): void {
		this.#queued.add(exchange);
		exchange.queued = true;
		this.#driver.schedule();
	}

	/** Sends no new request before the peer is heard of. */
	pause(): void {
		this.#paused = true;
	}

	/** Takes an exchange back that has no stream yet. */
	remove(exchange: QuicOutgoingExchange): void {
		if (exchange.queued) this.#queued.remove(exchange);
		exchange.queued = false;
	}

	/** Sends a message that cancels a stream. Nothing comes back but the end of the message's own stream. */
	cancel(requestId: string, streamId: string): void {
		this.#cancels.push(encodeRequestFrame({ requestId, streamCancel: { streamId } }));
		this.#driver.schedule();
	}

	/** The peer has ended a stream that belongs to no exchange: a cancel message's, perhaps, which it has taken then. */
	streamEnded(streamId: number): void {
		this.#telling.delete(streamId);
		if (this.#allTold) this.#onTold?.();
	}

	/**
	 * Waits until the peer has taken every cancel message, or for `ms` at most. A Go peer forgets what it has not looked at
	 * yet when its connection ends.
	 */
	async cancelsTaken(ms: number): Promise<void> {
		if (this.#allTold) return;
		let timer: ReturnType<typeof setTimeout> | undefined;
		await new Promise<void>((resolve) => {
			this.#onTold = resolve;
			timer = setTimeout(resolve, ms);
		});
		clearTimeout(timer);
		this.#onTold = undefined;
	}

	/** Sends a frame behind the request of a stream that stayed open; `last` ends it. Dropped where the stream is done. */
	sendMore(streamId: number, frame: Uint8Array, last: boolean): void {
		const output = this.#unsent.get(streamId);
		if (!output) return;
		output.push(frame, last);
		this.#more.push(streamId);
		this.#driver.schedule();
	}

	/** Whether so much waits on a stream that no more should be added. */
	isBlocked(streamId: number): boolean {
		return (this.#unsent.get(streamId)?.bytes ?? 0) > maxInputBytes;
	}

	/** Whether a request is not with quiche as a whole, or input may follow it. */
	isSending(streamId: number): boolean {
		return this.#unsent.has(streamId);
	}

	/** Sends no more of a request. False where all of it is with quiche. */
	drop(streamId: number): boolean {
		return this.#unsent.delete(streamId);
	}

	/** Gives quiche what it can send now. `received` tells whether there was a datagram since the last time. */
	write(received: boolean): void {
		const { native } = this.#driver;
		if (received) this.#paused = false;
		if (received && this.#unsent.size > 0) {
			for (const streamId of this.#takers()) this.#writeMore(streamId);
		}
		if (this.#more.length > 0) {
			const more = this.#more;
			this.#more = [];
			for (const streamId of more) this.#writeMore(streamId);
		}
		if (this.waiting > 0) this.#start(native.peerStreamsLeftBidi());
	}

	/** Streams that may take more of what waits. Where they are few, all of them are tried: to ask quiche which could is as dear as thirty tries. */
	#takers(): Iterable<number> {
		const { native, budget } = this.#driver;
		if (this.#unsent.size > fewStreams) return native.writable();
		return budget.exhausted(native) ? [] : [...this.#unsent.keys()];
	}

	/** Forgets all exchanges, and gives those that had no stream yet. */
	clear(): QuicOutgoingExchange[] {
		const unsent = this.#queued.items();
		for (const exchange of unsent) this.remove(exchange);
		this.#unsent.clear();
		this.#more = [];
		return unsent;
	}

	/** Forgets the cancel messages too: the connection is over. */
	end(): void {
		this.#cancels = [];
		this.#telling.clear();
		this.#onTold?.();
	}

	get #allTold(): boolean {
		return this.#cancels.length === 0 && this.#telling.size === 0;
	}

	#start(streams: number): void {
		let left = streams;
		while (left > 0 && this.#cancels.length > 0) {
			left--;
			const frame = this.#cancels.shift();
			if (!frame) continue;
			const streamId = this.#takeStream();
			this.#telling.add(streamId);
			this.#send(streamId, frame);
		}
		if (this.#queued.size === 0) return;
		const waited = this.#waited;
		this.#waited = this.#paused || left < this.#queued.size;
		if (this.#paused) return;
		for (let exchange = this.#queued.first; exchange; exchange = this.#queued.first) {
			if (left-- <= 0) return;
			this.remove(exchange);
			const frame = exchange.takeRequest(waited);
			if (!frame) continue;
			const streamId = this.#takeStream();
			exchange.open(streamId);
			this.#onOpen(exchange);
			if (exchange.halfOpen) this.#begin(streamId, frame);
			else this.#send(streamId, frame);
		}
	}

	/** Sends a request that input follows on the same stream. */
	#begin(streamId: number, frame: Uint8Array): void {
		const { native, budget } = this.#driver;
		native.streamSend(streamId, noBytes, false);
		const output = new StreamOutput(streamId);
		output.push(frame, false);
		this.#unsent.set(streamId, output);
		output.write(native, budget, 0);
	}

	/** Gives quiche more of a stream, and forgets it when that was the end of it. */
	#writeMore(streamId: number): void {
		const output = this.#unsent.get(streamId);
		if (!output) return;
		const { native, budget } = this.#driver;
		const crowded = output.bytes > maxInputBytes;
		const state = output.write(native, budget, 0);
		if (state === 'stopped' || output.ended) this.#unsent.delete(streamId);
		else if (crowded && output.bytes <= maxInputBytes) this.#onRoom(streamId);
	}

	#send(streamId: number, frame: Uint8Array): void {
		const { native, budget } = this.#driver;
		let rest = frame;
		// Either way the stream is open then; before that it has no capacity.
		if (frame.length > smallFrameBytes) native.streamSend(streamId, noBytes, false);
		else {
			const taken = native.streamSend(streamId, frame, true) ?? 0;
			budget.spend(taken);
			if (taken === frame.length) return;
			rest = frame.subarray(taken);
		}
		const output = new StreamOutput(streamId);
		output.push(rest, true);
		if (output.write(native, budget, 0) === 'blocked') this.#unsent.set(streamId, output);
	}

	#takeStream(): number {
		const streamId = this.#nextStream;
		this.#nextStream += streamStep;
		return streamId;
	}
}

const noBytes = new Uint8Array(0);
