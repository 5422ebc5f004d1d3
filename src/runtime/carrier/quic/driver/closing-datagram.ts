import { clearTimeout, setTimeout } from 'node:timers';
import type { HostPort } from '../native/quiche.ts';
import type { UdpSocket } from './udp-socket.ts';

/** Milliseconds that a closed connection goes on answering its peer, which may have missed the close. */
const lingerMs = 500;

/** The datagram that closed a connection: it is said again to a peer that goes on talking (RFC 9000, 10.2.1). */
export class ClosingDatagram {
	#datagram: Buffer | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** Keeps what was sent last. */
	keep(datagram: Uint8Array): void {
		this.#datagram = Buffer.from(datagram);
	}

	/** Whether there is one, as long as it is not too late for it. */
	get said(): boolean {
		return this.#datagram !== undefined;
	}

	/** Calls back when nobody can be waiting for it any more. Does not keep the process alive. */
	linger(onOver: () => void): void {
		this.#timer = setTimeout(onOver, lingerMs);
		this.#timer.unref();
	}

	/** Sends it once more. */
	repeat(socket: UdpSocket, to: HostPort): void {
		if (!this.#datagram) return;
		this.#datagram.copy(socket.out);
		socket.send(this.#datagram.length, to);
	}

	/** Never says it again. */
	forget(): void {
		clearTimeout(this.#timer);
		this.#datagram = undefined;
	}
}
