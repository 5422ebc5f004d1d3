import type { PluginRequest } from '../../../wire/generated/messages.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { retoldError } from '../../../wire/retold-error.ts';
import type { Connection, ConnectionSetup, KeepAlive } from '../../carrier.ts';
import type { OpenOptions, ResponseSink } from '../../outgoing-exchange.ts';
import type { Peer } from '../../peer.ts';
import { closeCode } from '../driver/close-code.ts';
import type { ConnectionEnd } from '../driver/connection-end.ts';
import { lostConnection } from '../driver/connection-error.ts';
import type { DriverOwner, QuicDriver } from '../driver/quic-driver.ts';
import { ReadBuffer } from '../driver/read-buffer.ts';
import { readAndDrop } from '../driver/stream-input.ts';
import { mostAskedInVain, StreamTable } from '../driver/stream-table.ts';
import { LivenessProbe, type ProbeOwner } from './liveness-probe.ts';
import { type ExchangeOwner, QuicOutgoingExchange } from './quic-outgoing-exchange.ts';
import { RequestSender } from './request-sender.ts';
import { StoppedStreams } from './stopped-streams.ts';

/** Milliseconds that a peer has to take the last cancel messages before the connection closes. */
const lastCancelsMs = 250;

/** Streams of a connection by state: for tests and for `inspect`. */
export interface StreamCounts {
	readonly queued: number;
	readonly open: number;
	readonly stopping: number;
}

/** The client's side of a QUIC connection. Each exchange has a stream of its own. */
export class QuicConnection implements Connection, DriverOwner, ExchangeOwner, ProbeOwner {
	readonly peer: Peer;
	readonly setup: ConnectionSetup;
	readonly closed: Promise<Error | undefined>;
	/** Responses that came after their exchange had ended. */
	lateResponses = 0;
	readonly #driver: QuicDriver;
	readonly #release: () => void;
	readonly #buffer = new ReadBuffer();
	readonly #sender: RequestSender;
	/** By stream; an exchange stays until its stream has ended, which may be after its own end. */
	readonly #open = new StreamTable<QuicOutgoingExchange>();
	/** Readers that have caught up. */
	#resumed: QuicOutgoingExchange[] = [];
	readonly #stopped = new StoppedStreams();
	#nextRequest = 0;
	#isOpen = true;
	#closing: Promise<void> | undefined;
	#settleClosed: (reason: Error | undefined) => void = () => {};
	readonly #liveness: LivenessProbe;

	/** @param release frees the socket; called once the connection is gone */
	constructor(
		driver: QuicDriver,
		peer: Peer,
		release: () => void,
		setup: ConnectionSetup,
		keepAlive: KeepAlive | undefined,
	) {
		this.#driver = driver;
		this.peer = peer;
		this.setup = setup;
		this.#release = release;
		this.#sender = new RequestSender(
			driver,
			(exchange) => this.#open.add(exchange),
			(streamId) => this.#open.get(streamId)?.resumeInput(),
		);
		this.closed = new Promise((resolve) => {
			this.#settleClosed = resolve;
		});
		this.#liveness = new LivenessProbe(driver, this, keepAlive);
		driver.owner = this;
	}

	get open(): boolean {
		return this.#isOpen;
	}

	get streamCounts(): StreamCounts {
		return {
			queued: this.#sender.waiting,
			open: this.#open.size,
			stopping: this.#stopped.size,
		};
	}

	exchange(request: PluginRequest, sink: ResponseSink, options?: OpenOptions): QuicOutgoingExchange {
		const requestId = request.requestId || (this.#nextRequest++).toString(36);
		const exchange = new QuicOutgoingExchange(this, requestId, request, sink, options);
		if (!this.#isOpen) {
			exchange.failSoon(
				new OrchestraError('connection_closed', `the connection to ${this.peer.address} is closed`, {
					retryable: true,
				}),
			);
		} else if (this.#sender.full) {
			exchange.failSoon(
				new OrchestraError(
					'overloaded',
					`too many calls wait for ${this.peer.address} to take them already`,
					{ retryable: true },
				),
			);
		} else if (exchange.request) {
			if (this.#liveness.doubtful) {
				// Bytes that are written to a peer that has vanished may be lost, or not: first a sign of life.
				this.#sender.pause();
				this.#driver.ask();
			}
			this.#sender.add(exchange);
		}
		return exchange;
	}

	/** Whether calls wait for their answers. */
	get busy(): boolean {
		return this.#open.size > 0;
	}

	/** Looks after streams that were stopped: see {@link LivenessProbe}. */
	look(): void {
		if (this.#stopped.size === 0) return;
		for (const requestId of this.#stopped.overdue(this.#driver.native)) {
			this.#sender.cancel(requestId, requestId);
		}
	}

	close(reason?: OrchestraError): Promise<void> {
		// A caller that gives a reason knows that the peer is gone: nobody is left to be told.
		if (reason) this.#sender.end();
		this.#closing ??= this.#close(reason);
		return this.#closing;
	}

	async #close(reason: OrchestraError | undefined): Promise<void> {
		if (!this.#isOpen) return;
		this.#end(reason ?? new OrchestraError('connection_closed', 'the connection was closed'));
		this.#settleClosed(undefined);
		if (!reason) await this.#sender.cancelsTaken(lastCancelsMs);
		this.#stopped.clear();
		this.#sender.end();
		if (this.#driver.over) return;
		this.#driver.close(closeCode.done, '', this.#release);
		// Deno sends a little later; whoever waits for this may end the process right after.
		await new Promise((resolve) => setImmediate(resolve));
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	// ---------------------------------------------------------------- for exchanges

	/** An exchange has ended. */
	forget(exchange: QuicOutgoingExchange): void {
		const { streamId } = exchange;
		if (streamId === undefined) {
			this.#sender.remove(exchange);
			return;
		}
		// Over before all of the request was sent: the rest is not wanted.
		if (this.#sender.isSending(streamId)) this.#stop(exchange);
	}

	/** The caller gave an exchange up. */
	cancelled(exchange: QuicOutgoingExchange): void {
		const { streamId } = exchange;
		if (streamId === undefined || !this.#isOpen) return;
		this.#stop(exchange);
		if (exchange.startedStream === undefined) return;
		// A Go plugin understands nothing else, and only for streams.
		this.#sender.cancel(exchange.requestId, exchange.startedStream);
	}

	/** The reader of an exchange has caught up. */
	resume(exchange: QuicOutgoingExchange): void {
		this.#resumed.push(exchange);
		this.#driver.schedule();
	}

	sendMore(exchange: QuicOutgoingExchange, frame: Uint8Array, last: boolean): void {
		if (exchange.streamId !== undefined) this.#sender.sendMore(exchange.streamId, frame, last);
	}

	isBlocked(exchange: QuicOutgoingExchange): boolean {
		return exchange.streamId === undefined || this.#sender.isBlocked(exchange.streamId);
	}

	// ------------------------------------------------------------------- for the driver

	established(): void {}

	/** Answers mostly come in the order of their requests, which is that of the map. */
	readLikely(): void {
		const { native } = this.#driver;
		let inVain = 0;
		let exchange = this.#open.first;
		while (exchange?.streamId !== undefined) {
			const { streamId, after } = exchange;
			if (native.streamReadable(streamId)) {
				this.#read(streamId, exchange);
				if (!native.isReadable()) return;
			} else if (++inVain === mostAskedInVain) return;
			exchange = after;
		}
	}

	readable(streamId: number): void {
		const exchange = this.#open.get(streamId);
		if (exchange) this.#read(streamId, exchange);
		// Streams that the peer opens are not part of the protocol; reading them keeps their state from piling up.
		else if (readAndDrop(streamId, this.#driver.native, this.#buffer) !== 'open')
			this.#sender.streamEnded(streamId);
	}

	write(received: boolean): void {
		if (this.#resumed.length > 0) {
			const resumed = this.#resumed;
			this.#resumed = [];
			for (const exchange of resumed) {
				const { streamId } = exchange;
				if (streamId !== undefined && this.#open.get(streamId) === exchange) {
					this.#read(streamId, exchange);
				}
			}
		}
		this.#sender.write(received);
	}

	settle(received: boolean): boolean {
		return this.#stopped.settle(this.#driver.native, received);
	}

	ended(end: ConnectionEnd): void {
		const error = lostConnection(end, this.peer.address);
		// Only what never left can be repeated without a second thought.
		this.#end(error, retoldError(error, error.message, { retryable: true }));
		this.#stopped.clear();
		this.#sender.end();
		this.#release();
		this.#settleClosed(error);
	}

	// ------------------------------------------------------------------------------

	#read(streamId: number, exchange: QuicOutgoingExchange): void {
		const { input } = exchange;
		if (!input) return;
		try {
			const state = input.read(this.#driver.native, this.#buffer);
			if (state === 'open') return;
			this.#open.remove(exchange);
			// Its own half is not done, and never will be.
			if (this.#sender.drop(streamId)) this.#stopped.reset(streamId);
			if (exchange.ended) return;
			const how = state === 'reset' ? 'gave the call up' : 'ended the call without an answer';
			const hint = "The peer's log may say why: a Go plugin does so where it cannot send its answer.";
			exchange.fail(new OrchestraError('connection_lost', `${this.peer.address} ${how}`, { hint }));
		} catch (error) {
			// The answer cannot be read. Only this call is spoilt.
			exchange.fail(OrchestraError.from(error, 'malformed_message', 'the answer cannot be read'));
			this.#stop(exchange);
		}
	}

	#stop(exchange: QuicOutgoingExchange): void {
		const { streamId, requestId } = exchange;
		if (streamId === undefined || !this.#open.remove(exchange)) return;
		this.#sender.drop(streamId);
		this.#stopped.stop(streamId, requestId);
		this.#driver.schedule();
	}

	#end(error: OrchestraError, unsentError = error): void {
		this.#isOpen = false;
		this.#liveness.stop();
		const unsent = this.#sender.clear();
		const sent = this.#open.entries();
		this.#open.clear();
		this.#resumed = [];
		for (const exchange of sent) exchange.fail(error);
		for (const exchange of unsent) exchange.fail(unsentError);
	}
}
