import type { Socket } from 'node:net';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Connection, ExchangeHandler, KeepAlive, Listener } from '../carrier.ts';
import { FramedConnection } from '../framed/framed-connection.ts';
import { FramedServerConnection } from '../framed/framed-server-connection.ts';
import { ServedConnections } from '../framed/served-connections.ts';
import type { Peer } from '../peer.ts';
import { processMemory, type RequestMemory } from '../request-memory.ts';

/** The peer at the other end of a line. */
export function peerOnLine(name: string): Peer & { name: string } {
	return { name, carrier: 'fd', address: '' };
}

/**
 * The asking side of one half of a line. Its end is that of the process that holds the other end, for certain. One that only stands still
 * is found out by `keepAlive`; the other end waits for us as long as we are there.
 */
export function connectLine(socket: Socket, peer: Peer, keepAlive?: KeepAlive): Connection {
	const connection = new FramedConnection(socket, peer, { keepAlive, tellsSilence: false });
	connection.watch();
	return connection;
}

/** Options of serving one half of a line. */
export interface LineOptions {
	readonly handler: ExchangeHandler;
	/** Called once, when it has ended. Must not throw. */
	readonly onGone?: (() => void) | undefined;
	/** Memory that its requests may use. Default: that of the process. */
	readonly memory?: RequestMemory | undefined;
}

/** Something that serves, and can be closed: a listener, but for the address that it has not. */
export type ServedLine = Pick<Listener, 'connectionCount' | 'close'>;

/** The serving side of one half of a line. */
export function serveLine(socket: Socket, peer: Peer, options: LineOptions): ServedLine {
	const connections = new ServedConnections();
	const connection = new FramedServerConnection(socket, peer, {
		handler: options.handler,
		memory: options.memory ?? processMemory,
		lasting: true,
		onClosed: (closed) => {
			connections.remove(closed);
			options.onGone?.();
		},
	});
	connections.add(connection);
	const closed = () =>
		new OrchestraError('connection_lost', `the line to ${peer.name || 'the process'} was closed`);
	return {
		get connectionCount() {
			return connections.size;
		},
		close: ({ graceMs = 0 } = {}) => connections.close(graceMs, closed()),
	};
}
