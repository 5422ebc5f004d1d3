import type { Socket } from 'node:net';
import { forgetOldest } from '../../platform/forget-oldest.ts';
import { fromErrorInfo } from '../../wire/error-info.ts';
import { isFinal } from '../../wire/flow.ts';
import { decodeResponse } from '../../wire/frame.ts';
import type { PluginRequest, PluginResponse } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Connection, ConnectionSetup, KeepAlive } from '../carrier.ts';
import { ExchangeTable } from '../exchange-table.ts';
import { maxIncomingExchanges } from '../incoming-exchange.ts';
import type { OpenOptions, OutgoingExchange, ResponseSink } from '../outgoing-exchange.ts';
import type { Peer } from '../peer.ts';
import { RequestIds } from '../request-ids.ts';
import type { FrameLinkListener } from './frame-link.ts';
import { FrameLink } from './frame-link.ts';
import type { OutgoingOwner } from './framed-outgoing-exchange.ts';
import { FramedOutgoingExchange } from './framed-outgoing-exchange.ts';
import { LivenessProbe, type ProbeOwner } from './liveness-probe.ts';
import { unreadableValue } from './unreadable-value.ts';

/** Exchanges that may wait for a sign of life. */
const maxDeferred = 10_000;

/** Options of a connection that carries frames. */
export interface FramedOptions {
	readonly keepAlive?: KeepAlive | undefined;
	/**
	 * Whether the peer is told after which silence it may take us for gone. Default true; false where it hears of our end
	 * for certain, and a client that only stands still is to be waited for.
	 */
	readonly tellsSilence?: boolean | undefined;
}

/** The client's side of a connection that carries frames: many exchanges at once, told apart by their request ids. */
export class FramedConnection implements Connection, OutgoingOwner, FrameLinkListener, ProbeOwner {
	readonly peer: Peer;
	/** Known once the dial is done. */
	setup: ConnectionSetup | undefined;
	readonly closed: Promise<Error | undefined>;
	/** Responses that came for no exchange under way: late ones, after a cancel or a deadline. */
	lateResponses = 0;
	#settleClosed: (reason: Error | undefined) => void = () => undefined;
	readonly #link: FrameLink;
	readonly #socketClosed: Promise<void>;
	readonly #ids = new RequestIds();
	readonly #exchanges = new ExchangeTable<FramedOutgoingExchange>();
	/** Ids that were cancelled: the peer's last response to them is still to come, and until then they cannot serve again. */
	readonly #cancelled = new Set<string>();
	readonly #taken = {
		has: (id: string) => this.#exchanges.has(id) || (this.#cancelled.size > 0 && this.#cancelled.has(id)),
	};
	/** Exchanges for which reading has stopped. */
	readonly #holding = new Set<FramedOutgoingExchange>();
	readonly #liveness: LivenessProbe;
	readonly #tellsSilence: boolean;
	/** Exchanges that wait for a sign of life before their requests are sent. */
	readonly #deferred = new Set<FramedOutgoingExchange>();
	/** Reason for the end of the connection. */
	#reason: OrchestraError | undefined;
	#closing: Promise<void> | undefined;

	/** @param socket connected, and its peer verified */
	constructor(socket: Socket, peer: Peer, options: FramedOptions = {}) {
		this.peer = peer;
		this.#tellsSilence = options.tellsSilence ?? true;
		this.closed = new Promise((resolve) => {
			this.#settleClosed = resolve;
		});
		this.#socketClosed = new Promise((resolve) => {
			if (socket.closed) resolve();
			else socket.once('close', () => resolve());
		});
		this.#link = new FrameLink(socket, this);
		this.#liveness = new LivenessProbe(this.#link, this, options.keepAlive);
	}

	get open(): boolean {
		return !this.#link.over;
	}

	get full(): boolean {
		return this.#link.full;
	}

	exchange(request: PluginRequest, sink: ResponseSink, options?: OpenOptions): OutgoingExchange {
		const exchange = new FramedOutgoingExchange(
			this,
			this.#ids.choose(request.requestId, this.#taken),
			sink,
			options,
		);
		if (this.#link.over) {
			exchange.failSoon(this.#notOpen());
		} else if (this.#link.overflowing || this.#deferred.size >= maxDeferred) {
			exchange.failSoon(
				new OrchestraError('overloaded', `${this.peer.name} does not read what was sent to it`, {
					retryable: true,
				}),
			);
		} else if (exchange.begin(request, this.#doubtful)) {
			this.#exchanges.add(exchange);
			if (exchange.deferred) this.#defer(exchange);
		}
		return exchange;
	}

	/**
	 * Asks the peer for a sign of life: a stream credit of nothing, which its carrier answers with an empty response. From then on
	 * the connection looks after itself.
	 *
	 * In TLS 1.3 a client has finished its handshake before the server has looked at its certificate; the answer is the proof
	 * that the server took it.
	 */
	async prove(options: OpenOptions): Promise<void> {
		await new Promise<void>((resolve, reject) => this.#ask({ done: () => resolve(), fail: reject }, options));
		this.watch();
	}

	/** Lets the connection look after itself from now on: the peer has nothing to prove. */
	watch(): void {
		if (!this.#link.over) this.#liveness.start();
	}

	probe(): void {
		// Any byte answers it; a sink of its own keeps the answer from counting as late.
		this.#ask({ done: () => undefined, fail: () => undefined }, { timeoutMs: Number.POSITIVE_INFINITY });
	}

	vanished(error: OrchestraError): void {
		this.#link.destroy(error);
	}

	async close(reason?: OrchestraError): Promise<void> {
		this.#closing ??= this.#close(reason);
		await this.#closing;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}

	send(frame: Uint8Array): number {
		return this.#link.send(frame);
	}

	forget(exchange: FramedOutgoingExchange): void {
		this.#exchanges.remove(exchange);
		if (this.#deferred.size > 0) this.#deferred.delete(exchange);
	}

	cancelled(exchange: FramedOutgoingExchange): void {
		this.#cancelled.add(exchange.requestId);
		// A peer has at most this many under way; one that never ends them is owed no memory.
		forgetOldest(this.#cancelled, maxIncomingExchanges);
	}

	hold(exchange: FramedOutgoingExchange): void {
		this.#holding.add(exchange);
		this.#link.read(false);
	}

	release(exchange: FramedOutgoingExchange): void {
		this.#holding.delete(exchange);
		if (this.#holding.size === 0) this.#link.read(true);
	}

	onFrame(payload: Uint8Array): void {
		if (this.#deferred.size > 0) this.#sendDeferred();
		let response: PluginResponse;
		try {
			response = decodeResponse(payload);
		} catch (error) {
			const fault = unreadableValue(error);
			if (!fault) throw error;
			const exchange = this.#exchanges.get(fault.requestId);
			if (exchange) exchange.fail(fault.error);
			else this.#late(fault.requestId, true);
			return;
		}
		const requestId = response.requestId ?? '';
		const exchange = this.#exchanges.get(requestId);
		if (exchange) {
			exchange.receive(response);
			if (exchange.overrun) exchange.hold();
			return;
		}
		// The peer's last words: why it ends the connection.
		if (requestId === '' && response.error) this.#link.destroy(fromErrorInfo(response.error));
		else this.#late(requestId, isFinal(response));
	}

	onFault(error: OrchestraError): void {
		this.#link.destroy(error);
	}

	onPeerEnd(): void {
		this.#link.destroy(new OrchestraError('connection_lost', `${this.peer.name} closed the connection`));
	}

	onDrain(): void {
		for (const exchange of this.#exchanges.entries()) exchange.resumeInput();
	}

	onClosed(error: OrchestraError | undefined): void {
		this.#reason = error;
		this.#liveness.stop();
		this.#deferred.clear();
		const peer = this.#peerText;
		for (const exchange of this.#exchanges.entries()) {
			// A reason that the peer gives says more than that the connection is gone.
			if (error?.code === 'certificate_revoked') {
				exchange.fail(error);
				continue;
			}
			const unsent = exchange.frameNumber === undefined || !this.#link.hasStarted(exchange.frameNumber);
			exchange.fail(
				new OrchestraError('connection_lost', `the connection to ${peer} ended before the answer came`, {
					// Only what never left can be repeated without a second thought.
					retryable: unsent,
					cause: error,
				}),
			);
		}
		this.#settleClosed(error);
	}

	async #close(reason: OrchestraError | undefined): Promise<void> {
		if (!this.#link.over) {
			const told =
				reason ?? new OrchestraError('connection_closed', `the connection to ${this.peer.name} was closed`);
			for (const exchange of this.#exchanges.entries()) exchange.fail(told);
			this.#link.destroy(reason);
		}
		await this.#socketClosed;
	}

	/**
	 * Whether requests have to wait for a sign of life. Nothing is known of a connection that was silent for long: what is written
	 * to it may be lost, or not. The clock is not read for a busy connection: that has its timer.
	 */
	get #doubtful(): boolean {
		return (
			this.#deferred.size > 0 ||
			((this.#exchanges.size === 0 || this.#liveness.asked) && this.#liveness.doubtful)
		);
	}

	#ask(sink: Pick<ResponseSink, 'done' | 'fail'>, options: OpenOptions): void {
		const question = new FramedOutgoingExchange(
			this,
			this.#ids.choose(undefined, this.#taken),
			{ ...sink, next: () => undefined },
			options,
		);
		const silenceMs = this.#tellsSilence ? this.#liveness.silenceMs : 0;
		if (question.begin({ streamCredit: silenceMs > 0 ? { silenceMs } : {} }, false))
			this.#exchanges.add(question);
	}

	#defer(exchange: FramedOutgoingExchange): void {
		this.#deferred.add(exchange);
		this.#liveness.ask();
	}

	#sendDeferred(): void {
		const deferred = [...this.#deferred];
		this.#deferred.clear();
		for (const exchange of deferred) exchange.sendDeferred();
	}

	get #peerText(): string {
		const { name, address } = this.peer;
		return address === '' ? name : `${name} at ${address}`;
	}

	#notOpen(): OrchestraError {
		return new OrchestraError('connection_closed', `the connection to ${this.#peerText} is closed`, {
			retryable: true,
			cause: this.#reason,
		});
	}

	#late(requestId: string, last: boolean): void {
		this.lateResponses += 1;
		if (last) this.#cancelled.delete(requestId);
	}
}
