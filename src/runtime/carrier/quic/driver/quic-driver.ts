import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { HostPort, QuicheConnection, RecvInfo } from '../native/quiche.ts';
import { closeCode } from './close-code.ts';
import { ClosingDatagram } from './closing-datagram.ts';
import { type ConnectionEnd, readEnd } from './connection-end.ts';
import { ConnectionTimer } from './connection-timer.ts';
import { handshakeBytes, hasLongHeader } from './packet-header.ts';
import { SendBudget } from './send-budget.ts';
import type { UdpSocket } from './udp-socket.ts';

/** Owner of a {@link QuicDriver}. Its callbacks run inside of a turn; an error that they throw ends the connection. */
export interface DriverOwner {
	/** The handshake is done as far as this end can tell. Once. */
	established(): void;
	/**
	 * Something may be read: time to ask quiche for the streams that are likely to have it, one by one, which is far cheaper than to ask which
	 * have. Those that are left are named by {@link readable} afterwards.
	 */
	readLikely?(): void;
	/** A stream has something to read, or was reset. */
	readable(streamId: number): void;
	/** Time to give quiche what is to be sent. `received` tells whether there was a datagram since the last time. */
	write(received: boolean): void;
	/** Everything that could be sent is sent: time to shut streams down. True where that leaves something to send. */
	settle(received: boolean): boolean;
	/** The connection has ended, and was not ended by {@link QuicDriver.close}. Once, and the last call. */
	ended(end: ConnectionEnd): void;
}

/** Milliseconds between the first sign that the peer is gone and the question whether it is. */
const secondThoughtMs = 200;

/** Datagrams of one turn that make a connection no busy one: a few calls, one after the other. */
const fewDatagrams = 4;

/**
 * Bytes that come in one turn of the event loop before they are read and acknowledged in the midst of it. The sender goes on meanwhile, and
 * quiche doubles the window of a stream only where it is used up within two round trips, which a whole turn may take longer than.
 */
const bulkBytes = 128 * 1024;

/** Bytes of a datagram to an address that is not proven: the least that a handshake needs (RFC 9000, 14.1). */
const maxHandshakePacketBytes = 1200;

/**
 * Carries datagrams and time in and out of one quiche connection.
 *
 * All datagrams that arrive in one turn of the event loop are taken first, then the streams are read once; what comes of that in promise
 * callbacks is sent at the end of the same turn, or of the next where many came, all of it at once. A flush a turn instead of one a packet makes a busy connection three times faster.
 * Streams are written only right before the packets are built. So between turns quiche holds nothing unsent that it could send: it never gives up
 * the state of a stream that is stopped or reset while it holds unsent bytes (quiche 0.18), and the peer's count of streams
 * would run dry.
 */
export class QuicDriver {
	readonly native: QuicheConnection;
	/** Bytes that the owner may give to quiche. */
	readonly budget: SendBudget;
	/** Address at which the peer was last heard of. */
	remote: HostPort;
	owner: DriverOwner | undefined;
	/** Datagrams that quiche could not use. */
	rejected = 0;
	/** Bytes of the datagrams that came. */
	receivedBytes = 0;
	/**
	 * Whether the peer receives what is sent to its address. Before that it gets three times what came from there at most (RFC 9000,
	 * 8.1): the address may be somebody else's. quiche 0.18 does not count it right.
	 */
	provedAddress = true;
	#sentBytes = 0;
	readonly #socket: UdpSocket;
	#info: RecvInfo;
	/** Datagrams that came since streams were read, and their bytes. */
	#unread = 0;
	#unreadBytes = 0;
	/** Whether many came the last time. */
	#busy = false;
	#readScheduled = false;
	#sendScheduled = false;
	#lastHeard = 0;
	/** When the peer's system first said that nothing is at its port. */
	#refusedAt: number | undefined;
	#suspicion: ReturnType<typeof setTimeout> | undefined;
	/** Something was read since the last time that was sent. */
	#news = false;
	#established = false;
	#over = false;
	readonly #timer = new ConnectionTimer(() => {
		this.#due = true;
		this.turn();
	});
	#due = false;
	readonly #closing = new ClosingDatagram();
	#onGone: (() => void) | undefined;

	/** @param gauge see {@link SendBudget} */
	constructor(native: QuicheConnection, socket: UdpSocket, remote: HostPort, gauge: number) {
		this.budget = new SendBudget(gauge);
		this.native = native;
		this.remote = remote;
		this.#socket = socket;
		this.#info = { from: remote, to: socket.local };
	}

	/** Whether the connection has ended; nothing of it may be used any more. */
	get over(): boolean {
		return this.#over;
	}

	get established(): boolean {
		return this.#established;
	}

	/** Takes a datagram; `host` without a scope. */
	receive(datagram: Buffer, host: string, port: number): void {
		if (this.#over) {
			this.#closing.repeat(this.#socket, this.remote);
			return;
		}
		const { from } = this.#info;
		if (from.port !== port || from.host !== host) {
			this.remote = { host, port };
			this.#info = { from: this.remote, to: this.#socket.local };
		}
		this.receivedBytes += datagram.length;
		// quiche forgets the keys of the handshake, and drops all that follows a packet which it has no keys for: the word of a client that
		// hangs up right after the handshake, which quic-go says once with the keys of the handshake and once, behind it, with the new ones.
		const end = this.#established && hasLongHeader(datagram) ? handshakeBytes(datagram) : datagram.length;
		if (end === datagram.length) this.#take(datagram);
		else {
			this.#take(datagram.subarray(0, end));
			this.#take(datagram.subarray(end));
		}
		this.budget.renew();
		this.#unread++;
		this.#unreadBytes += datagram.length;
		if (this.#unreadBytes >= bulkBytes) this.#takeBulk();
		this.readAgain();
	}

	#take(packets: Buffer): void {
		try {
			this.native.recv(packets, this.#info);
		} catch {
			// Not for this connection, or a violation: then quiche has closed it, which the next turn sees.
			this.rejected++;
		}
	}

	/** Reads and answers in the midst of a turn: see {@link bulkBytes}. */
	#takeBulk(): void {
		this.#unreadBytes = 0;
		if (!this.#established) return;
		try {
			this.#readStreams();
			if (!this.#over) this.#send();
		} catch (error) {
			this.#breakOff(error);
		}
	}

	/** Asks for the streams to be read, though nothing may have come. */
	readAgain(): void {
		if (this.#readScheduled || this.#over) return;
		this.#readScheduled = true;
		setImmediate(this.#onRead);
		// Right behind it, with the promise callbacks between the two: asked for only then, it would wait for the system once more. That
		// wait is wanted on a busy connection, where more comes meanwhile and leaves together.
		if (!this.#busy) this.schedule();
	}

	/** Asks for what was given to be sent. Cheap, and any number of calls give one turn. */
	schedule(): void {
		if (this.#sendScheduled || this.#over) return;
		this.#sendScheduled = true;
		setImmediate(this.#onSend);
	}

	/** Sends now what there is to send. */
	turn(): void {
		if (this.#over) return;
		try {
			this.#send();
		} catch (error) {
			this.#breakOff(error);
		}
	}

	/** Whether anything came since a time of performance.now(). */
	heardOf(since: number): boolean {
		return this.#lastHeard >= since;
	}

	/** Keeps the connection, and what is between the two ends, from taking silence for the end. */
	keepAlive(): void {
		if (this.#over) return;
		try {
			this.native.sendAckEliciting();
		} catch {
			// It is closing.
		}
		this.turn();
	}

	/** As {@link keepAlive}, in the next turn. */
	ask(): void {
		if (this.#over) return;
		try {
			this.native.sendAckEliciting();
		} catch {
			// It is closing.
		}
		this.schedule();
	}

	/** The peer is silent for too long: the connection has ended. It is told, in case that it only stood still. */
	giveUp(): void {
		if (this.#over) return;
		const { owner } = this;
		this.close(closeCode.silent, 'no sign of life');
		owner?.ended({ by: 'silence' });
	}

	/**
	 * Tells the peer that the connection ends, and forgets it. The owner hears nothing. `onGone` is called when the peer's
	 * late datagrams need no answer any more: at once where the peer ended it.
	 */
	close(code: number, reason: string, onGone?: () => void): void {
		if (this.#over) {
			onGone?.();
			return;
		}
		this.#onGone = onGone;
		try {
			this.native.close(this.#established, this.#established ? code : 0, Buffer.from(reason));
			this.#sendAll(true);
		} catch {
			// The peer will have to find out by itself.
		}
		this.#finish();
		if (this.#closing.said && onGone) {
			this.#closing.linger(() => this.abandon());
			this.#socket.rest();
		} else this.abandon();
	}

	/**
	 * The system was told that nothing is at the peer's port. An established connection is asked once more a moment later: it
	 * takes more than one datagram to end it, and whoever has started the peer's process can tell better why it is gone.
	 */
	refused(): void {
		if (this.#over) return;
		const now = performance.now();
		if (this.#established) {
			if (this.#suspicion !== undefined) return;
			const first = this.#refusedAt;
			this.#refusedAt = now;
			if (first === undefined || this.heardOf(first)) {
				this.#suspicion = setTimeout(() => {
					this.#suspicion = undefined;
					this.keepAlive();
				}, secondThoughtMs);
				return;
			}
		}
		const { owner } = this;
		this.abandon();
		owner?.ended({ by: 'refusal' });
	}

	/** Ends the connection without a word to the peer, and without one to the owner. */
	abandon(): void {
		this.#finish();
		this.#closing.forget();
		const onGone = this.#onGone;
		this.#onGone = undefined;
		onGone?.();
	}

	readonly #onRead = (): void => {
		this.#readScheduled = false;
		if (this.#over) return;
		try {
			this.#read();
		} catch (error) {
			this.#breakOff(error);
		}
	};

	/** Promise callbacks, which answer what was read, have run by now: so acknowledgement and answer leave in one packet, not in two. */
	readonly #onSend = (): void => {
		this.#sendScheduled = false;
		this.turn();
	};

	#read(): void {
		this.#busy = this.#unread > fewDatagrams;
		this.#unread = 0;
		this.#unreadBytes = 0;
		this.#news = true;
		this.#lastHeard = performance.now();
		if (this.#establish()) {
			this.#readStreams();
			if (this.#over) return;
		}
		this.schedule();
	}

	#readStreams(): void {
		const { native } = this;
		if (!native.isReadable()) return;
		this.owner?.readLikely?.();
		if (this.#over || !native.isReadable()) return;
		for (const streamId of native.readable()) {
			this.owner?.readable(streamId);
			if (this.#over) return;
		}
	}

	#send(): void {
		const news = this.#news;
		this.#news = false;
		if (this.#due) {
			this.#due = false;
			this.native.onTimeout();
		}
		if (this.#established) this.owner?.write(news);
		if (this.#over) return;
		this.#sendAll(false);
		if (this.#established && this.owner?.settle(news) && !this.#over) this.#sendAll(false);
		if (this.#over) return;
		if (this.#established) this.budget.reportCongestion(this.native);
		this.#lookForEnd();
		if (this.#over) return;
		const ms = this.native.timeout();
		if (ms !== null) this.#timer.arm(ms);
	}

	#establish(): boolean {
		if (this.#established) return true;
		if (this.#over || !this.native.isEstablished()) return false;
		this.#established = true;
		this.owner?.established();
		return !this.#over;
	}

	#lookForEnd(): void {
		const { native } = this;
		if (!native.isDraining() && !native.isClosed()) return;
		this.#finish();
		this.owner?.ended(readEnd(native));
		this.abandon();
	}

	#sendAll(keepLast: boolean): void {
		const { native } = this;
		const socket = this.#socket;
		let bytes = 0;
		for (;;) {
			// quiche takes what it has built for sent, so it is not even asked.
			const allowed = 3 * this.receivedBytes - maxHandshakePacketBytes;
			if (!this.provedAddress && this.#sentBytes > allowed) break;
			const out = this.provedAddress ? socket.out : socket.out.subarray(0, maxHandshakePacketBytes);
			const sent = native.send(out);
			if (sent === null) break;
			this.#sentBytes += sent[0];
			bytes += sent[0];
			if (keepLast) this.#closing.keep(out.subarray(0, sent[0]));
			socket.send(sent[0], sent[1].to);
		}
		this.budget.sent(bytes);
	}

	/** A defect, or a call that quiche refused: this connection cannot go on, the others can. */
	#breakOff(error: unknown): void {
		if (this.#over) return;
		const { owner } = this;
		this.close(closeCode.failed, 'internal error');
		owner?.ended({ by: 'here', cause: error });
	}

	#finish(): void {
		this.#over = true;
		this.#timer.clear();
		clearTimeout(this.#suspicion);
		this.#suspicion = undefined;
	}
}
