import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** Which way bytes go. */
export type Direction = 'to server' | 'to client';

/**
 * What happens to a piece of the stream: what leaves in its place. `index` counts the pieces of a direction, over all
 * connections. A promise delays what comes behind it too.
 */
export type Meddler = (
	piece: Buffer,
	direction: Direction,
	index: number,
) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;

/** A TCP proxy on loopback between clients and a port, on which things happen to the bytes. */
export class TcpProxy {
	readonly port: number;
	/** Default: nothing happens. */
	meddle: Meddler = (piece) => [piece];
	/** The port of loopback that new connections go to: another than before, where what they are for is started anew. */
	targetPort: number;
	/** The directions in which nothing is read for now. */
	readonly #stalled = new Set<Direction>();
	readonly #server: Server;
	readonly #pairs = new Set<Pair>();
	readonly #counts: Record<Direction, number> = { 'to server': 0, 'to client': 0 };

	private constructor(server: Server, targetPort: number) {
		this.#server = server;
		this.targetPort = targetPort;
		this.port = (server.address() as { port: number }).port;
		server.on('connection', (client) => this.#join(client));
	}

	/** Starts a proxy to a port of loopback. */
	static async to(targetPort: number): Promise<TcpProxy> {
		const server = createServer({ allowHalfOpen: true, noDelay: true });
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return new TcpProxy(server, targetPort);
	}

	/** Pieces that came so far. */
	count(direction: Direction): number {
		return this.#counts[direction];
	}

	/** Reads nothing more in one direction, until {@link resume}. What was read before is delivered. */
	stall(direction: Direction): void {
		this.#stalled.add(direction);
		for (const pair of this.#pairs) this.#source(pair, direction).pause();
	}

	resume(direction: Direction): void {
		this.#stalled.delete(direction);
		for (const pair of this.#pairs) this.#source(pair, direction).resume();
	}

	/** Resets every connection at both ends. */
	reset(): void {
		for (const { client, upstream } of this.#pairs) {
			client.resetAndDestroy();
			upstream.resetAndDestroy();
		}
	}

	/** Ends every connection at both ends, politely, wherever it is in its messages. */
	cut(): void {
		for (const { client, upstream } of this.#pairs) {
			client.end();
			upstream.end();
		}
	}

	async close(): Promise<void> {
		for (const { client, upstream } of this.#pairs) {
			client.destroy();
			upstream.destroy();
		}
		this.#server.close();
		await once(this.#server, 'close');
	}

	#source(pair: Pair, direction: Direction): Socket {
		return direction === 'to server' ? pair.client : pair.upstream;
	}

	#join(client: Socket): void {
		const upstream = connect({
			host: '127.0.0.1',
			port: this.targetPort,
			allowHalfOpen: true,
			noDelay: true,
		});
		const pair: Pair = { client, upstream };
		this.#pairs.add(pair);
		for (const socket of [client, upstream]) {
			// The other end hears of it by its own close.
			socket.on('error', () => undefined);
			socket.once('close', () => {
				client.destroy();
				upstream.destroy();
				this.#pairs.delete(pair);
			});
		}
		this.#pump(client, upstream, 'to server');
		this.#pump(upstream, client, 'to client');
	}

	#pump(source: Socket, sink: Socket, direction: Direction): void {
		let last: Promise<void> = Promise.resolve();
		if (this.#stalled.has(direction)) source.pause();
		source.on('data', (piece: Buffer) => {
			const pieces = this.meddle(piece, direction, this.#counts[direction]++);
			last = last.then(async () => {
				for (const one of await pieces) {
					if (!sink.writable) return;
					await new Promise<void>((resolve) => sink.write(one, () => resolve()));
				}
			});
		});
		source.once('end', () => {
			last = last.then(() => {
				sink.end();
			});
		});
	}
}

interface Pair {
	readonly client: Socket;
	readonly upstream: Socket;
}
