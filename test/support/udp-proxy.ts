import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Direction } from './tcp-proxy.ts';

/** A datagram that leaves, at once or later. */
export interface Delivery {
	readonly bytes: Uint8Array;
	/** Milliseconds. Default 0. */
	readonly after?: number;
}

/** What happens to a datagram: what leaves in its place. `index` counts the datagrams of a direction. */
export type DatagramMeddler = (bytes: Buffer, direction: Direction, index: number) => readonly Delivery[];

/** A path over loopback between one client and one UDP port, on which things happen to the datagrams. */
export class UdpProxy {
	readonly port: number;
	/** Default: nothing happens. */
	meddle: DatagramMeddler = (bytes) => [{ bytes }];
	/** Datagrams that did not arrive as they were sent. */
	disturbed = 0;
	readonly #front: Socket;
	readonly #back: Socket;
	readonly #target: number;
	readonly #counts: Record<Direction, number> = { 'to server': 0, 'to client': 0 };
	readonly #timers = new Set<ReturnType<typeof setTimeout>>();
	#client = 0;
	#closed = false;

	private constructor(front: Socket, back: Socket, target: number) {
		this.#front = front;
		this.#back = back;
		this.#target = target;
		this.port = front.address().port;
		front.on('message', (bytes, from) => {
			this.#client = from.port;
			this.#pass(bytes, 'to server');
		});
		back.on('message', (bytes) => this.#pass(bytes, 'to client'));
		for (const socket of [front, back]) socket.on('error', () => undefined);
	}

	/** Makes a path to a port of loopback. */
	static async to(target: number): Promise<UdpProxy> {
		const [front, back] = [createSocket('udp4'), createSocket('udp4')];
		front.bind(0, '127.0.0.1');
		back.bind(0, '127.0.0.1');
		await Promise.all([once(front, 'listening'), once(back, 'listening')]);
		return new UdpProxy(front, back, target);
	}

	/** Datagrams that came so far. */
	count(direction: Direction): number {
		return this.#counts[direction];
	}

	async close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		for (const timer of this.#timers) clearTimeout(timer);
		for (const socket of [this.#front, this.#back]) {
			socket.close();
			await once(socket, 'close');
		}
	}

	#pass(bytes: Buffer, direction: Direction): void {
		const deliveries = this.meddle(bytes, direction, this.#counts[direction]++);
		const [first] = deliveries;
		if (deliveries.length !== 1 || first?.bytes !== bytes || first.after) this.disturbed++;
		for (const { bytes: out, after = 0 } of deliveries) {
			if (after <= 0) {
				this.#send(out, direction);
				continue;
			}
			const timer = setTimeout(() => {
				this.#timers.delete(timer);
				this.#send(out, direction);
			}, after);
			this.#timers.add(timer);
		}
	}

	#send(bytes: Uint8Array, direction: Direction): void {
		if (this.#closed) return;
		if (direction === 'to server') this.#back.send(bytes, this.#target, '127.0.0.1');
		else if (this.#client) this.#front.send(bytes, this.#client, '127.0.0.1');
	}
}
