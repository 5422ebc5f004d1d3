import type { Socket } from 'node:net';
import { encodeResponseFrame } from '../../wire/frame.ts';
import type { PluginRequest } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { ExchangeHandler } from '../carrier.ts';
import { type ConnectionMemory, noMemoryLeft } from '../connection-memory.ts';
import { errorResponse } from '../error-response.ts';
import { ExchangeTable } from '../exchange-table.ts';
import { maxIncomingExchanges } from '../incoming-exchange.ts';
import { PatientTimer } from '../patient-timer.ts';
import type { Peer } from '../peer.ts';
import type { RequestMemory } from '../request-memory.ts';
import { handshakeTimeoutMs, outputLimitBytes } from './frame-limits.ts';
import type { FrameLinkListener } from './frame-link.ts';
import { FrameLink } from './frame-link.ts';
import type { IncomingOwner } from './framed-incoming-exchange.ts';
import { FramedIncomingExchange } from './framed-incoming-exchange.ts';
import { unreadableValue } from './unreadable-value.ts';

/** Options of serving a connection. */
export interface FramedServerOptions {
	readonly handler: ExchangeHandler;
	/** Bounds what the client makes us keep. */
	readonly memory: RequestMemory;
	/** Called once, when the connection has ended. */
	readonly onClosed: (connection: FramedServerConnection) => void;
	/** Whether to end the connection when the requests that came have been answered, as the Go side does. */
	readonly closeWhenIdle?: boolean;
	/** Milliseconds until the first whole request must be here. Default {@link handshakeTimeoutMs}. */
	readonly firstFrameMs?: number | undefined;
	/**
	 * Whether the peer keeps one connection for as long as it lives, from the start: it may be silent for ever, and its end is its death.
	 * Default: once it asks for a sign of life.
	 */
	readonly lasting?: boolean | undefined;
	/** See {@link FrameLink}. */
	readonly stallMs?: number | undefined;
}

/** The serving side of one connection. */
export class FramedServerConnection implements IncomingOwner, FrameLinkListener {
	readonly peer: Peer;
	readonly #options: FramedServerOptions;
	readonly #link: FrameLink;
	readonly #memory: ConnectionMemory;
	readonly #exchanges = new ExchangeTable<FramedIncomingExchange>();
	readonly #firstFrame: PatientTimer;
	/** Whether the peer asked for a sign of life: then it keeps one connection for many calls, and its end is its death. */
	#longLived: boolean;
	/** The longest silence, in ms, after which the peer is still there, as it said itself; undefined where it did not. */
	#silenceMs: number | undefined;
	readonly #silence = new PatientTimer((late) => this.#judgeSilence(late));
	#peerEnded = false;
	#draining = false;

	constructor(socket: Socket, peer: Peer, options: FramedServerOptions) {
		this.peer = peer;
		this.#options = options;
		this.#memory = options.memory.join(peer, (error) => this.#giveWay(error));
		this.#link = new FrameLink(socket, this, { stallMs: options.stallMs });
		this.#longLived = options.lasting ?? false;
		const { firstFrameMs = handshakeTimeoutMs } = options;
		this.#firstFrame = new PatientTimer((late) => {
			// We stood still ourselves: its request may be here.
			if (late) this.#firstFrame.arm(firstFrameMs);
			else this.destroy(new OrchestraError('deadline_exceeded', 'the client sent no request'));
		});
		if (!this.#longLived) this.#firstFrame.arm(firstFrameMs);
	}

	/** Exchanges that are not answered yet. */
	get underWay(): number {
		return this.#exchanges.size;
	}

	/** Whether senders should wait. */
	get full(): boolean {
		return this.#link.full;
	}

	send(frame: Uint8Array): void {
		this.#link.send(frame);
		if (this.#link.full) this.#memory.setAnswers(this.#link.pendingBytes);
		// Handlers that wait when they are asked to never come this far.
		if (this.#link.overflowing) {
			this.destroy(
				new OrchestraError(
					'overloaded',
					`more than ${outputLimitBytes} bytes wait for a peer that does not read`,
				),
			);
		}
	}

	forget(exchange: FramedIncomingExchange): void {
		this.#exchanges.remove(exchange);
		this.#memory.release(exchange.memoryBytes);
		this.#endIfAsked();
	}

	/** Refuses new requests, and ends the connection when those under way are answered. */
	drain(): void {
		this.#draining = true;
		this.#endIfIdle();
	}

	/** Ends the connection for a reason that the peer is told. */
	refuse(error: OrchestraError): void {
		this.#firstFrame.clear();
		this.#link.deafen();
		this.#link.send(encodeResponseFrame({ ...errorResponse({}, error), requestId: '' }));
		this.#cancelAll(error);
		this.#link.end();
	}

	/** Ends the connection at once. */
	destroy(reason: OrchestraError): void {
		this.#link.destroy(reason);
	}

	onFrame(payload: Uint8Array): void {
		if (this.#firstFrame.armed) this.#firstFrame.clear();
		const request = this.#decode(payload);
		if (!request) return;
		if (request.streamCancel) this.#cancel(request);
		else if (request.streamCredit) this.#credit(request);
		else if (request.streamInput)
			this.#exchanges.get(request.requestId ?? '')?.takeInput(request.streamInput);
		else this.#open(request);
		if (this.#link.full) this.#link.read(false);
	}

	onFault(error: OrchestraError): void {
		this.refuse(error);
	}

	onIncomplete(bytes: number): void {
		this.#memory.setIncomplete(bytes);
	}

	onPeerEnd(): void {
		this.#peerEnded = true;
		// A socket does not tell a peer that has gone from one that has said all it had to say. Our own clients end both halves at
		// once; one with a single request may still be reading, and that it has gone shows when it is answered.
		if (this.#longLived)
			this.destroy(new OrchestraError('connection_lost', 'the client closed the connection'));
		else {
			for (const exchange of this.#exchanges.entries()) exchange.inputStopped();
			this.#endIfIdle();
		}
	}

	onDrain(): void {
		this.#memory.setAnswers(0);
		this.#link.read(true);
		for (const exchange of this.#exchanges.entries()) exchange.reconsider();
	}

	onClosed(error: OrchestraError | undefined): void {
		this.#firstFrame.clear();
		this.#silence.clear();
		this.#memory.over();
		this.#cancelAll(error);
		this.#options.onClosed(this);
	}

	/** The request; undefined where it was answered with an error already: one value of it cannot be had in JS. */
	#decode(payload: Uint8Array): PluginRequest | undefined {
		try {
			return this.#memory.decode(payload);
		} catch (error) {
			const fault = unreadableValue(error);
			if (!fault) throw error;
			this.#assertFree(fault.requestId);
			this.send(encodeResponseFrame({ ...errorResponse({}, fault.error), requestId: fault.requestId }));
			this.#endIfAsked();
			return undefined;
		}
	}

	#open(request: PluginRequest): void {
		const exchange = new FramedIncomingExchange(request, this);
		this.#assertFree(exchange.requestId);
		if (this.#draining) {
			exchange.refuse(new OrchestraError('connection_closed', 'the peer is closing', { retryable: true }));
			return;
		}
		if (this.#exchanges.size >= maxIncomingExchanges) {
			exchange.refuse(
				new OrchestraError(
					'overloaded',
					`${maxIncomingExchanges} calls of this connection are under way already`,
					{
						retryable: true,
						hint: 'Wait for some of them to end.',
					},
				),
			);
			return;
		}
		exchange.memoryBytes = this.#memory.admit(request);
		if (exchange.memoryBytes === 0) {
			exchange.refuse(noMemoryLeft());
			return;
		}
		this.#exchanges.add(exchange);
		try {
			this.#options.handler(exchange);
		} catch (error) {
			exchange.refuse(OrchestraError.from(error, 'handler_error'));
		}
	}

	#assertFree(requestId: string): void {
		if (!this.#exchanges.has(requestId)) return;
		throw new OrchestraError(
			'malformed_message',
			`two requests under way have the id ${JSON.stringify(requestId.slice(0, 64))}`,
		);
	}

	#cancel(request: PluginRequest): void {
		const exchange =
			this.#exchanges.get(request.requestId ?? '') ?? this.#byStreamId(request.streamCancel?.streamId);
		if (!exchange) return;
		const late = exchange.deadline !== undefined && Date.now() >= exchange.deadline;
		exchange.cancel(
			late
				? new OrchestraError('deadline_exceeded', "the caller's deadline passed")
				: new OrchestraError('cancelled', 'the caller gave up'),
		);
	}

	#byStreamId(streamId: string | undefined): FramedIncomingExchange | undefined {
		if (!streamId) return undefined;
		for (const exchange of this.#exchanges.entries()) {
			if (exchange.request.streamStart?.streamId === streamId) return exchange;
		}
		return undefined;
	}

	#credit(request: PluginRequest): void {
		const requestId = request.requestId ?? '';
		const bytes = request.streamCredit?.bytes ?? 0;
		const exchange = this.#exchanges.get(requestId);
		if (exchange) exchange.credit(bytes);
		else if (bytes === 0) {
			// Nothing to grant: a sign of life is asked for.
			this.#longLived = true;
			this.#expect(request.streamCredit?.silenceMs);
			this.send(encodeResponseFrame({ requestId }));
		}
	}

	/** The peer says how often it will be heard of. */
	#expect(silenceMs: number | undefined): void {
		if (!silenceMs || this.#silenceMs === silenceMs) return;
		this.#silenceMs = silenceMs;
		this.#silence.arm(silenceMs);
	}

	#judgeSilence(late: boolean): void {
		const limit = this.#silenceMs;
		if (limit === undefined || this.#link.over) return;
		const left = limit - (performance.now() - this.#link.heardAt);
		if (left > 0) this.#silence.arm(Math.max(1, left));
		else if (late) this.#silence.arm(limit);
		else this.destroy(new OrchestraError('connection_lost', `the client was silent for ${limit} ms`));
	}

	/** Says why, where the client reads. */
	#giveWay(error: OrchestraError): void {
		if (this.#link.full) this.destroy(error);
		else this.refuse(error);
	}

	#cancelAll(cause: OrchestraError | undefined): void {
		if (this.#exchanges.size === 0) return;
		const reason = new OrchestraError(
			'connection_lost',
			`the connection of ${this.peer.name || 'the caller'} ended`,
			{
				cause,
			},
		);
		for (const exchange of this.#exchanges.entries()) exchange.cancel(reason);
	}

	#endIfAsked(): void {
		if (this.#peerEnded || this.#draining || this.#options.closeWhenIdle) this.#endIfIdle();
	}

	#endIfIdle(): void {
		if (this.#exchanges.size === 0) this.#link.end();
	}
}
