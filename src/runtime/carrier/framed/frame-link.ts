import type { Socket } from 'node:net';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { onDeno } from '../../platform/on-deno.ts';
import { FrameDecoder } from '../../wire/frame-decoder.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { PatientTimer } from '../patient-timer.ts';
import { closeTimeoutMs, keepAliveMs, outputLimitBytes, stallTimeoutMs } from './frame-limits.ts';
import { FrameWriter } from './frame-writer.ts';
import { resumeReading, stopReading } from './socket-reading.ts';

/**
 * Messages after which others have their turn. The system gives one socket up to 2 MiB in a turn of the event loop, which is ten thousand
 * small calls; a peer that sends without a pause would hold up all others for as long as they take.
 */
const messagesInTurn = 256;

/** Turns of the event loop that others have then. On Deno what came for them takes several to reach us. */
const turnsOfOthers = onDeno ? 8 : 1;

/** Callbacks of a link. */
export interface FrameLinkListener {
	/** A whole message came. The payload may alias a buffer of the socket. An error that it throws is a fault. */
	onFrame(payload: Uint8Array): void;
	/** The peer broke the protocol. The link reads no more; its owner has to end or destroy it. */
	onFault(error: OrchestraError): void;
	/** So many bytes came of a message that is not complete; 0 where it is. Only for messages that come in several pieces. */
	onIncomplete?(bytes: number): void;
	/** The peer will send no more. */
	onPeerEnd(): void;
	/** Output has room again. */
	onDrain(): void;
	/** The link is over; called once. The error is undefined where {@link FrameLink.destroy} was called without one. */
	onClosed(error: OrchestraError | undefined): void;
}

/** Time limits of a link. */
export interface FrameLinkOptions {
	/** Milliseconds without progress in which a peer may leave us with a full output or half a message. */
	readonly stallMs?: number | undefined;
}

/**
 * A socket that carries frames, with a bound on everything that a peer can make it hold or wait for. TLS or plain alike: the
 * socket is connected and, with TLS, authenticated before a link is made of it.
 */
export class FrameLink {
	readonly #socket: Socket;
	readonly #listener: FrameLinkListener;
	readonly #stallMs: number;
	readonly #decoder = new FrameDecoder();
	readonly #writer: FrameWriter;
	#over = false;
	#deaf = false;
	#reading = true;
	#chunks = 0;
	/** Messages since the last time that others had their turn. */
	#messages = 0;
	/** Bytes of an incomplete message, as the owner knows them. */
	#incomplete = 0;
	#heardAt = performance.now();
	readonly #stall = new PatientTimer((late) => this.#judgeStall(late));
	/** What {@link progress} and the number of chunks were when {@link #stall} was armed. */
	#stallProgress = 0;
	#stallChunks = 0;
	#endTimer: ReturnType<typeof setTimeout> | undefined;
	#socketError: Error | undefined;

	constructor(socket: Socket, listener: FrameLinkListener, options: FrameLinkOptions = {}) {
		this.#socket = socket;
		this.#listener = listener;
		this.#stallMs = options.stallMs ?? stallTimeoutMs;
		this.#writer = new FrameWriter(socket, () => {
			if (!this.#over) this.#listener.onDrain();
		});
		socket.setNoDelay(true);
		socket.setKeepAlive(true, keepAliveMs);
		socket.on('error', (error) => {
			this.#socketError ??= error;
			// A TLS socket tells of a record that was tampered with, and stays open.
			socket.destroy();
		});
		socket.on('close', () => this.#lost(this.#socketError));
		socket.on('end', () => this.#peerEnded());
		socket.on('data', this.#onData);
		// It may have failed between the handshake and now, and said so to nobody.
		if (socket.destroyed) queueMicrotask(() => this.#lost(undefined));
	}

	/** Whether the link has ended. */
	get over(): boolean {
		return this.#over;
	}

	/** Whether senders should wait for {@link FrameLinkListener.onDrain}. */
	get full(): boolean {
		return this.#writer.full;
	}

	/**
	 * When the last byte came, on the clock of performance.now(). As long as we do not read the peer cannot be heard, and its silence
	 * says nothing: then it is now.
	 */
	get heardAt(): number {
		return this.#reading ? this.#heardAt : performance.now();
	}

	/** When bytes were last given to the socket, on the clock of performance.now(). */
	get sentAt(): number {
		return this.#writer.sentAt;
	}

	/** Rises whenever the kernel takes bytes. */
	get progress(): number {
		return this.#writer.progress;
	}

	/** Bytes of output that wait. */
	get pendingBytes(): number {
		return this.#writer.pendingBytes;
	}

	/** Whether output waits for the kernel to take it. */
	get backlogged(): boolean {
		return this.#writer.pendingBytes > 0;
	}

	/** Whether so much output waits that its owner must not add to it. */
	get overflowing(): boolean {
		return this.#writer.pendingBytes > outputLimitBytes;
	}

	/** Takes a frame, and gives its number for {@link hasStarted}. */
	send(frame: Uint8Array): number {
		const number = this.#writer.write(frame);
		if (this.#writer.full) this.#watchStall();
		return number;
	}

	/** Whether any byte of a frame may have left. */
	hasStarted(frameNumber: number): boolean {
		return this.#writer.hasStarted(frameNumber);
	}

	/** Stops or resumes reading. */
	read(on: boolean): void {
		if (this.#over || on === this.#reading) return;
		this.#reading = on;
		this.#heardAt = performance.now();
		if (on) resumeReading(this.#socket);
		else stopReading(this.#socket);
	}

	/** Sends what waits, then says goodbye; a peer that does not do likewise is dropped in a moment. */
	end(): void {
		if (this.#over || this.#endTimer) return;
		this.#writer.end();
		this.#endTimer = setTimeout(() => this.#endExpired(this.#writer.progress), closeTimeoutMs);
	}

	/** Reads on, so that the peer's input does not reset the connection, but hears nothing of it. */
	deafen(): void {
		this.#deaf = true;
		this.read(true);
	}

	/** Ends the link at once. */
	destroy(error?: OrchestraError): void {
		if (this.#over) return;
		this.#finish(error);
		this.#socket.destroy();
	}

	readonly #onData = (chunk: Uint8Array): void => {
		if (this.#over || this.#deaf) return;
		this.#chunks += 1;
		this.#heardAt = performance.now();
		try {
			this.#decoder.push(chunk, this.#onPayload);
		} catch (error) {
			this.#fault(OrchestraError.from(error, 'malformed_message', 'the peer sent something unreadable'));
			return;
		}
		if (this.#messages >= messagesInTurn) this.#giveTurn();
		const { buffered } = this.#decoder;
		if (buffered > 0) this.#watchStall();
		if (buffered !== this.#incomplete) {
			this.#incomplete = buffered;
			if (!this.#over && !this.#deaf) this.#listener.onIncomplete?.(buffered);
		}
	};

	readonly #onPayload = (payload: Uint8Array): void => {
		this.#messages++;
		// A frame before this one may have ended the link.
		if (!this.#over && !this.#deaf) this.#listener.onFrame(payload);
	};

	/** Reads on when others had their turn. */
	#giveTurn(): void {
		this.#messages = 0;
		if (this.#over || !this.#reading) return;
		stopReading(this.#socket);
		let left = turnsOfOthers;
		const turn = () => {
			left--;
			if (left > 0) setImmediate(turn);
			else if (!this.#over && this.#reading) resumeReading(this.#socket);
		};
		setImmediate(turn);
	}

	#fault(error: OrchestraError): void {
		if (this.#over || this.#deaf) return;
		this.deafen();
		this.#listener.onFault(error);
	}

	#peerEnded(): void {
		if (this.#over || this.#deaf) return;
		try {
			this.#decoder.end();
		} catch (error) {
			this.#fault(OrchestraError.from(error, 'malformed_message'));
			return;
		}
		this.#listener.onPeerEnd();
	}

	/**
	 * One timer watches both directions. It is started where one of them has begun to wait and looks again only when it
	 * fires, so that a busy connection does not pay for it.
	 */
	#watchStall(): void {
		if (this.#stall.armed || this.#over) return;
		this.#stallProgress = this.#writer.progress;
		this.#stallChunks = this.#chunks;
		this.#stall.arm(this.#stallMs);
	}

	/** @param late whether we stood still ourselves: what the peer did meanwhile is not known yet */
	#judgeStall(late: boolean): void {
		const writing = this.#writer.full;
		const reading = this.#decoder.buffered > 0 && this.#reading;
		if (!late && writing && this.#stallProgress === this.#writer.progress) {
			this.destroy(
				new OrchestraError('connection_lost', `the peer has read nothing for ${this.#stallMs} ms`),
			);
		} else if (!late && reading && this.#stallChunks === this.#chunks) {
			this.#fault(
				new OrchestraError('malformed_message', `the peer stopped inside a message for ${this.#stallMs} ms`),
			);
		} else if (writing || reading) this.#watchStall();
	}

	/** Waits on as long as the peer still takes what was sent before the goodbye. */
	#endExpired(progress: number): void {
		if (this.#over) return;
		if (progress === this.#writer.progress) this.destroy();
		else this.#endTimer = setTimeout(() => this.#endExpired(this.#writer.progress), closeTimeoutMs);
	}

	#lost(cause: Error | undefined): void {
		if (this.#over) return;
		const why = cause ? cause.message.trim() : 'the peer closed it';
		this.#finish(new OrchestraError('connection_lost', `the connection ended: ${why}`, { cause }));
	}

	#finish(error: OrchestraError | undefined): void {
		this.#over = true;
		this.#stall.clear();
		clearTimeout(this.#endTimer);
		this.#listener.onClosed(error);
		this.#writer.discard();
	}
}
