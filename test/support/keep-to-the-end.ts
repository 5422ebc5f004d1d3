import { closeSync, constants, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { IPty } from '@lydell/node-pty';

/**
 * Lets all be read that a process leaves in its terminal when it ends. Of more than a page the rest is lost otherwise: libuv reads no
 * further where nobody has the other end any more, and 200 ms after the end node-pty throws away what is left.
 *
 * @returns is called when all is read
 */
export function keepToTheEnd(pty: IPty): () => void {
	const { ptsName, _socket: socket } = pty as unknown as { ptsName: string; _socket: Socket };
	const other = openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY);
	const destroy = socket.destroy.bind(socket);
	socket.destroy = (error) => {
		if (error) return destroy(error);
		const { bytesRead } = socket;
		// A piece is read in each turn, as long as there is one.
		setImmediate(() => setImmediate(() => (socket.bytesRead === bytesRead ? destroy() : socket.destroy())));
		return socket;
	};
	return () => closeSync(other);
}
