import type { Socket } from 'node:net';

/** Sockets whose handshake may be under way at once; the oldest gives way to a newcomer. */
const maxUnfinished = 256;

/**
 * The accepted sockets whose handshake is not done, in the order in which they came. A full table is no reason to refuse a
 * newcomer: whoever opens connections and falls silent would lock everybody out.
 *
 * They are found by the peer's address and port, since the socket that TLS hands over is another object than the accepted one.
 * The TLS library bounds the bytes that one of them may send: about 130 KB.
 */
export class UnfinishedSockets {
	readonly #sockets = new Map<string, Socket>();

	get size(): number {
		return this.#sockets.size;
	}

	/** Takes an accepted socket; where there are too many, the oldest ones are destroyed. */
	add(socket: Socket): void {
		const key = keyOf(socket);
		this.#sockets.set(key, socket);
		socket.once('close', () => {
			if (this.#sockets.get(key) === socket) this.#sockets.delete(key);
		});
		for (const [oldestKey, oldest] of this.#sockets) {
			if (this.#sockets.size <= maxUnfinished) return;
			this.#sockets.delete(oldestKey);
			oldest.destroy();
		}
	}

	/** The handshake of a socket is done. */
	finished(socket: Socket): void {
		this.#sockets.delete(keyOf(socket));
	}
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
	return `${remoteAddress} ${remotePort}`;
}
