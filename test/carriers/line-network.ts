import type { Socket } from 'node:net';
import type { Address } from '../../src/runtime/carrier/address.ts';
import type { Carrier, DialOptions, ExchangeHandler, Listener } from '../../src/runtime/carrier/carrier.ts';
import { connectLine, peerOnLine, type ServedLine, serveLine } from '../../src/runtime/carrier/fd/line.ts';
import { currentIdentity } from '../../src/runtime/identity/sources/identity-source.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { createNetwork, type Network } from './harness.ts';
import { socketPair } from './socket-pair.ts';

/**
 * Lines, as if they had addresses: what listens at one serves a line to everybody who dials it, in this process; a process of its own is
 * at the other end of descriptors that it inherits.
 */
export class Lines {
	readonly #listeners = new Map<number, LineListener>();
	readonly #processes = new Map<number, Socket>();
	#last = 0;

	/** The network of these lines. Its certificates are for nobody. */
	network(): Network {
		const carrier = {
			name: 'fd',
			listen: async (_address: Address, { handler }: { handler: ExchangeHandler }) => this.listen(handler),
			dial: (address: Address, options: DialOptions) => this.#dial(address, options),
		} as unknown as Carrier;
		const never = () => Promise.reject(new Error('nobody is silent on a line'));
		return { ...createNetwork(carrier, never), lines: this };
	}

	/** The address of the process at the other end of a socket. */
	addressOf(socket: Socket): Address {
		const address = this.#address();
		this.#processes.set(address.port, socket);
		return address;
	}

	/** Serves the process at the other end of a socket as those are that dial an address. */
	serve({ port }: Address, socket: Socket): void {
		this.#listeners.get(port)?.serve(socket);
	}

	listen(handler: ExchangeHandler): Listener {
		const listener = new LineListener(this.#address(), handler);
		this.#listeners.set(listener.address.port, listener);
		return listener;
	}

	async #dial({ port }: Address, { keepAlive, identity }: DialOptions) {
		const process = this.#processes.get(port);
		if (process) return connectLine(process, peerOnLine('tools.server'), keepAlive);
		const { asking, serving } = await socketPair();
		this.#listeners.get(port)?.serve(serving, currentIdentity(identity).name);
		return connectLine(asking, peerOnLine('tools.server'), keepAlive);
	}

	#address(): Address {
		this.#last += 1;
		return { carrier: 'fd' as Address['carrier'], host: 'line', port: this.#last };
	}
}

/** Many lines as one listener. */
class LineListener implements Listener {
	readonly address: Address;
	readonly #handler: ExchangeHandler;
	readonly #lines = new Set<ServedLine>();

	constructor(address: Address, handler: ExchangeHandler) {
		this.address = address;
		this.#handler = handler;
	}

	get connectionCount(): number {
		let count = 0;
		for (const line of this.#lines) count += line.connectionCount;
		return count;
	}

	serve(socket: Socket, name = 'tools.client'): void {
		const line = serveLine(socket, peerOnLine(name), {
			handler: this.#handler,
			onGone: () => this.#lines.delete(line),
		});
		this.#lines.add(line);
	}

	async close(options?: { graceMs?: number }): Promise<void> {
		await Promise.all([...this.#lines].map((line) => line.close(options)));
	}

	setIdentity(): void {
		throw new OrchestraError('internal', 'there are no certificates on a line');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}
}
