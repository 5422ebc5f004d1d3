import type { Socket } from 'node:net';
import { onDeno } from '../../platform/on-deno.ts';

/** The part of a TCP handle that starts and stops reading. */
interface ReadingHandle {
	readStart(): void;
	readStop(): void;
}

/** Stops reading from a socket, so that the system holds its peer back. */
export function stopReading(socket: Socket): void {
	socket.pause();
	denoTcpHandle(socket)?.readStop();
}

/** Reads again. */
export function resumeReading(socket: Socket): void {
	denoTcpHandle(socket)?.readStart();
	socket.resume();
}

/**
 * Deno 2.9 goes on reading from a paused TLS socket, into memory and without bound; the handle underneath can be stopped. It has
 * no public name: where another release has none, reading is bounded by the stall timeout only.
 */
function denoTcpHandle(socket: Socket): ReadingHandle | undefined {
	if (!onDeno) return undefined;
	const { _handle: handle } = socket as { _handle?: { _nativeTcpHandle?: Partial<ReadingHandle> } | null };
	const tcp = handle?._nativeTcpHandle;
	return tcp?.readStart && tcp.readStop ? (tcp as ReadingHandle) : undefined;
}
