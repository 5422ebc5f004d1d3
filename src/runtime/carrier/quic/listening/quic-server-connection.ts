import type { PluginRequest } from '../../../wire/generated/messages.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { formatAddress } from '../../address.ts';
import type { ExchangeHandler } from '../../carrier.ts';
import { type ConnectionMemory, noMemoryLeft } from '../../connection-memory.ts';
import { maxIncomingExchanges } from '../../incoming-exchange.ts';
import type { Peer } from '../../peer.ts';
import type { RequestMemory } from '../../request-memory.ts';
import { closeCode } from '../driver/close-code.ts';
import type { ConnectionEnd } from '../driver/connection-end.ts';
import { lostConnection } from '../driver/connection-error.ts';
import { peerOf } from '../driver/peer-of.ts';
import type { DriverOwner, QuicDriver } from '../driver/quic-driver.ts';
import { ReadBuffer } from '../driver/read-buffer.ts';
import { readAndDrop } from '../driver/stream-input.ts';
import { fewStreams, mostAskedInVain, StreamTable, streamStep } from '../driver/stream-table.ts';
import { initialStreamWindow, maxStreamWindow } from '../native/quic-config.ts';
import { QuicIncomingExchange } from './quic-incoming-exchange.ts';
import { maxPartialBytes, RequestIntake } from './request-intake.ts';
import { ServerStream, type StreamOwner } from './server-stream.ts';
import { UnexplainedBytes } from './unexplained-bytes.ts';

/** Bytes of waiting responses below which a handler that waits goes on. */
const resumeBelowBytes = 128 * 1024;

/** Bytes of responses that may wait for one client before no more of its requests are read. */
const maxWaitingBytes = 64 * 1024 * 1024;

/** The part of all memory for clients up to which one client's incomplete requests are read side by side: held back is better than ended. */
const incompletePart = 1 / 16;

/** Bytes of responses that may wait for one client at the very most, whatever its handlers do. The same as on TCP. */
const waitingLimitBytes = 256 * 1024 * 1024;

/** Bytes of datagrams between two looks at what the engine keeps. */
const lookBytes = 256 * 1024;

/** Bytes of the largest block that hurries the garbage collector. */
const mostBallastBytes = 256 * 1024 * 1024;

/** Milliseconds between two looks at which streams were stopped: each costs a native call for each open exchange. */
const probeMs = 10;

/** The lower two bits of a stream's number say who opened it and whether it has two ways. */
const clientBidirectional = 0;

/** Characters of a reason, so that it fits the one packet that carries it. */
const maxReasonLength = 200;

/** Number of the streams that ended last that are remembered, for {@link QuicServerConnection.delivered}. */
const remembered = 1024;

/** Callbacks of a {@link QuicServerConnection}, for its listener. */
export interface ServerConnectionOwner {
	readonly handler: ExchangeHandler;
	/** Bounds what clients make us keep. */
	readonly memory: RequestMemory;
	/** Reason for not serving a peer; undefined for none. */
	refusal(peer: Peer): OrchestraError | undefined;
	/** Whether new requests are turned away, since the listener closes. */
	readonly closing: boolean;
	/** The handshake is done and the peer is welcome. */
	welcomed(connection: QuicServerConnection): void;
	/** The number of exchanges has fallen to zero. */
	idle(connection: QuicServerConnection): void;
	/** The connection is over; `lingering` where it still answers late datagrams. */
	over(connection: QuicServerConnection): void;
	/** It does not even answer late datagrams any more. */
	gone(connection: QuicServerConnection): void;
}

/** The serving side of one QUIC connection. */
export class QuicServerConnection implements DriverOwner, StreamOwner {
	readonly driver: QuicDriver;
	readonly #owner: ServerConnectionOwner;
	readonly #buffer = new ReadBuffer();
	readonly #intake: RequestIntake;
	readonly #streams = new StreamTable<ServerStream>();
	/** Those of which the client may send more. */
	readonly #unfinished = new Set<ServerStream>();
	/** Number of the next stream that the client opens. */
	#nextStream = clientBidirectional;
	#exchangeCount = 0;
	readonly #blocked = new Set<ServerStream>();
	#toWrite: ServerStream[] = [];
	#waitingBytes = 0;
	/** Whether requests were left unread since too much waits for the client. */
	#held = false;
	#peer: Peer | undefined;
	/** Absent until the peer is known. */
	#memory: ConnectionMemory | undefined;
	#lastProbe = 0;
	#probeTimer: ReturnType<typeof setTimeout> | undefined;
	readonly #unexplained = new UnexplainedBytes();
	#lookedAt = 0;
	readonly #ended: number[] = [];
	#endedAt = 0;

	constructor(driver: QuicDriver, owner: ServerConnectionOwner) {
		this.driver = driver;
		this.#owner = owner;
		this.#intake = new RequestIntake(Math.min(maxPartialBytes, owner.memory.limit * incompletePart));
		driver.owner = this;
	}

	/** Exchanges that are under way. */
	get exchangeCount(): number {
		return this.#exchangeCount;
	}

	/** Streams of which something is still to come or to go. */
	get streamCount(): number {
		return this.#streams.size;
	}

	/** Ends the connection. Exchanges that are under way hear `error`. */
	close(code: number, reason: string, error: OrchestraError): void {
		if (this.driver.over) return;
		this.#end(error);
		this.driver.close(code, reason, () => this.#gone());
		this.#owner.over(this);
	}

	/** The peer whose certificate was verified and is welcome; undefined before that. */
	get peer(): Peer | undefined {
		return this.#peer;
	}

	/** Ends the connection and tells the peer that it is not served, and whether that is because it was revoked. */
	sendAway(refusal: OrchestraError): void {
		const revoked = refusal.code === 'certificate_revoked';
		const code = revoked ? closeCode.revoked : closeCode.refused;
		const lost = new OrchestraError('connection_lost', 'the client was sent away', { cause: refusal });
		this.close(code, revoked ? refusal.message.slice(0, maxReasonLength) : 'not authorized', lost);
	}

	/** Cancels the exchanges that are under way. */
	cancelAll(error: OrchestraError): void {
		for (const { exchange } of this.#streams.entries()) exchange?.cancel(error);
	}

	/** Whether the client has acknowledged everything that was sent to the end, as far as is known. */
	get delivered(): boolean {
		if (this.driver.over) return true;
		if (this.#toWrite.length > 0 || this.#blocked.size > 0) return false;
		const { native } = this.driver;
		while (this.#ended.length > 0) {
			const streamId = this.#ended[this.#ended.length - 1] as number;
			try {
				// Null where the stream is no more: all of it was acknowledged.
				if (native.streamSend(streamId, noBytes, false) !== null) return false;
			} catch {
				return false;
			}
			this.#ended.pop();
		}
		return true;
	}

	// ------------------------------------------------------------------- for the driver

	established(): void {
		const peer = peerOf(this.driver.native, formatAddress({ carrier: 'quic', ...this.driver.remote }));
		// No ticket of ours can be redeemed; should one be, its certificate was not looked at this time.
		if (!peer || this.driver.native.isResumed()) {
			this.close(closeCode.refused, 'not authorized', new OrchestraError('connection_lost', 'refused'));
			return;
		}
		const refusal = this.#owner.refusal(peer);
		if (refusal) {
			this.sendAway(refusal);
			return;
		}
		this.#peer = peer;
		const giveWay = (error: OrchestraError) =>
			this.close(closeCode.overloaded, error.message.slice(0, maxReasonLength), error);
		this.#memory = this.#owner.memory.join(peer, giveWay, this.driver.native);
		this.#owner.welcomed(this);
	}

	/** Those of which more input is to come, and the next ones that the client opens, which it numbers one by one. */
	readLikely(): void {
		const { native } = this.driver;
		if (this.#unfinished.size <= mostAskedInVain) {
			for (const { streamId } of this.#unfinished) {
				if (native.streamReadable(streamId)) this.readable(streamId);
				if (this.driver.over) return;
			}
		}
		for (let next = this.#nextStream; native.streamReadable(next); next = this.#nextStream) {
			this.readable(next);
			if (this.driver.over || next === this.#nextStream) return;
		}
	}

	readable(streamId: number): void {
		const { native } = this.driver;
		if ((streamId & 3) !== clientBidirectional) {
			readAndDrop(streamId, native, this.#buffer);
			return;
		}
		let stream = this.#streams.get(streamId);
		if (!stream) {
			if (this.#waitingBytes > maxWaitingBytes) {
				this.#held = true;
				return;
			}
			stream = new ServerStream(streamId, this);
			this.#streams.add(stream);
			if (streamId >= this.#nextStream) this.#nextStream = streamId + streamStep;
		}
		if (this.#intake.read(stream, native, this.#buffer)) this.driver.readAgain();
		if (stream.inputDone) this.#unfinished.delete(stream);
		else this.#unfinished.add(stream);
		this.#memory?.setIncomplete(this.#intake.incomplete);
		// It may just have given way.
		if (this.driver.over) return;
		this.#settleStream(stream);
	}

	write(received: boolean): void {
		const { native } = this.driver;
		if (received && this.driver.receivedBytes - this.#lookedAt >= lookBytes) {
			this.#look();
			if (this.driver.over) return;
		}
		if (received && this.#exchangeCount + this.#blocked.size > 0) this.#probe();
		if (received && this.#blocked.size > 0) {
			for (const stream of this.#takers()) {
				if (!stream.write(native, this.driver.budget, resumeBelowBytes)) this.#blocked.delete(stream);
				this.#settleStream(stream);
			}
		}
		const toWrite = this.#toWrite;
		if (toWrite.length === 0) return;
		this.#toWrite = [];
		for (const stream of toWrite) {
			stream.scheduled = false;
			if (this.#blocked.has(stream)) continue;
			if (stream.write(native, this.driver.budget, resumeBelowBytes)) this.#blocked.add(stream);
			this.#settleStream(stream);
		}
	}

	settle(): boolean {
		return false;
	}

	ended(end: ConnectionEnd): void {
		this.#end(lostConnection(end, this.#peer?.address ?? ''));
		this.#owner.over(this);
		this.#gone();
	}

	// --------------------------------------------------------------------- for streams

	decode(payload: Uint8Array): PluginRequest {
		if (!this.#memory) throw new OrchestraError('connection_closed', 'the connection is not open');
		return this.#memory.decode(payload);
	}

	requested(stream: ServerStream, request: PluginRequest): QuicIncomingExchange | undefined {
		const peer = this.#peer;
		const memory = this.#memory;
		if (!peer || !memory) return undefined;
		const exchange = new QuicIncomingExchange(request, peer, stream);
		this.#exchangeCount += 1;
		stream.exchange = exchange;
		let refusal = this.#refusal();
		if (!refusal) {
			exchange.memoryBytes = memory.admit(request);
			if (exchange.memoryBytes === 0) refusal = noMemoryLeft();
		}
		if (refusal) {
			exchange.refuse(refusal);
			return undefined;
		}
		try {
			this.#owner.handler(exchange);
		} catch (error) {
			exchange.refuse(OrchestraError.from(error, 'handler_error'));
		}
		return exchange.finished ? undefined : exchange;
	}

	cancelNamed(streamId: string, requestId: string): void {
		for (const { exchange } of this.#streams.entries()) {
			if (!exchange) continue;
			const { request } = exchange;
			const named = streamId !== '' && request.streamStart?.streamId === streamId;
			if (named || (request.requestId !== '' && request.requestId === (streamId || requestId))) {
				exchange.cancel(new OrchestraError('cancelled', 'the caller cancelled'));
			}
		}
	}

	writable(stream: ServerStream): void {
		if (stream.scheduled) return;
		stream.scheduled = true;
		this.#toWrite.push(stream);
		this.driver.schedule();
	}

	waiting(bytes: number): void {
		this.#waitingBytes += bytes;
		this.#memory?.setAnswers(this.#waitingBytes);
		if (bytes > 0) {
			if (this.#waitingBytes > waitingLimitBytes && !this.driver.over) this.#endOverloaded();
		} else if (this.#held && this.#waitingBytes <= maxWaitingBytes) {
			this.#held = false;
			this.driver.readAgain();
		}
	}

	exchangeEnded(memoryBytes: number): void {
		this.#memory?.release(memoryBytes);
		this.#exchangeCount -= 1;
		if (this.#exchangeCount === 0) this.#owner.idle(this);
	}

	// ------------------------------------------------------------------------------

	/** Blocked streams that may take more. Where they are few, all of them are tried: to ask quiche which could is as dear as thirty tries. */
	#takers(): ServerStream[] {
		const { native, budget } = this.driver;
		if (this.#blocked.size <= fewStreams) return budget.exhausted(native) ? [] : [...this.#blocked];
		const streams: ServerStream[] = [];
		for (const streamId of native.writable()) {
			const stream = this.#streams.get(streamId);
			if (stream && this.#blocked.has(stream)) streams.push(stream);
		}
		return streams;
	}

	/** Counts what the engine may hold; that may end the connection. */
	#look(): void {
		this.#memory?.setEngine(this.#engineBytes());
	}

	#engineBytes(): number {
		this.#lookedAt = this.driver.receivedBytes;
		const held = this.#held || this.#intake.held;
		const waiting = held ? this.#streams.size * initialStreamWindow + maxStreamWindow : 0;
		const traffic = this.driver.native.stats();
		return this.#unexplained.memoryFor(traffic, this.#buffer.total, waiting, performance.now());
	}

	/** Nobody holds the engine's part any more. V8 collects it soon for a block of its size that is never touched: see unfinished-handshakes.ts. */
	#gone(): void {
		this.#owner.gone(this);
		const bytes = Math.min(this.#unexplained.worstMemory, mostBallastBytes);
		if (bytes > lookBytes) Buffer.allocUnsafeSlow(bytes);
	}

	#endOverloaded(): void {
		const why = `more than ${waitingLimitBytes} bytes wait for a peer that does not read`;
		this.close(closeCode.overloaded, why, new OrchestraError('overloaded', why));
	}

	/** Reason for taking no more exchanges; undefined for none. */
	#refusal(): OrchestraError | undefined {
		if (this.#owner.closing) {
			return new OrchestraError('connection_closed', 'the peer is closing', { retryable: true });
		}
		if (this.#exchangeCount <= maxIncomingExchanges) return undefined;
		return new OrchestraError(
			'overloaded',
			`${maxIncomingExchanges} calls of this connection are under way already`,
			{ retryable: true, hint: 'Wait for some of them to end.' },
		);
	}

	#settleStream(stream: ServerStream): void {
		if (!stream.outputDone) return;
		this.#blocked.delete(stream);
		if (!stream.inputDone || !this.#streams.remove(stream)) return;
		this.#unfinished.delete(stream);
		this.#ended[this.#endedAt] = stream.streamId;
		this.#endedAt = (this.#endedAt + 1) % remembered;
	}

	#probe(): void {
		const now = performance.now();
		if (now - this.#lastProbe < probeMs) {
			this.#probeTimer ??= setTimeout(() => {
				this.#probeTimer = undefined;
				if (this.driver.over) return;
				this.#probe();
				this.driver.schedule();
			}, probeMs);
			return;
		}
		this.#lastProbe = now;
		const { native } = this.driver;
		for (const stream of this.#streams.entries()) {
			if (stream.exchange || this.#blocked.has(stream)) stream.probe(native);
			this.#settleStream(stream);
		}
	}

	#end(error: OrchestraError): void {
		if (this.#probeTimer !== undefined) clearTimeout(this.#probeTimer);
		this.#probeTimer = undefined;
		if (this.#memory) this.#engineBytes();
		this.#memory?.over();
		const streams = this.#streams.entries();
		for (const stream of streams) stream.connectionLost(error);
		this.#streams.clear();
		this.#unfinished.clear();
		this.#blocked.clear();
		this.#toWrite = [];
	}
}

const noBytes = new Uint8Array(0);
