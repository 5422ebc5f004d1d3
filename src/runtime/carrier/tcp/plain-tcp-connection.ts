import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { clearTimeout, setTimeout } from 'node:timers';
import type { PluginRequest } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Address } from '../address.ts';
import { formatAddress } from '../address.ts';
import type { Connection, ConnectionSetup } from '../carrier.ts';
import type { OpenOptions, OutgoingExchange, ResponseSink } from '../outgoing-exchange.ts';
import type { Peer } from '../peer.ts';
import { RequestIds } from '../request-ids.ts';
import type { PlainOwner } from './plain-outgoing-exchange.ts';
import { PlainOutgoingExchange } from './plain-outgoing-exchange.ts';

/** Milliseconds that the socket of the dial is kept for a first exchange. */
const spareMs = 5_000;

/** Milliseconds for a message that is not answered, from connecting to the peer's end of it. */
const tellMs = 500;

/** Messages that may be under way at once. One more is left out: what it would cancel still loses its socket. */
const maxTelling = 256;

/**
 * The client's side of plaintext TCP, where every exchange has a socket of its own: what the Go side serves. It proves nothing
 * about the peer, and it only ends with {@link close}, since there is no socket between two exchanges.
 */
export class PlainTcpConnection implements Connection, PlainOwner {
	readonly peer: Peer;
	readonly address: Address;
	readonly setup: ConnectionSetup;
	readonly closed: Promise<Error | undefined>;
	#settleClosed: (reason: Error | undefined) => void = () => undefined;
	#open = true;
	readonly #ids = new RequestIds();
	readonly #exchanges = new Map<string, PlainOutgoingExchange>();
	/** Settle when a message that is not answered has left. */
	readonly #telling = new Set<Promise<void>>();
	/** The socket by which the dial found out that somebody listens. */
	#spare: Socket | undefined;
	readonly #spareTimer: ReturnType<typeof setTimeout>;

	constructor(address: Address, spare: Socket, setup: ConnectionSetup) {
		this.address = address;
		this.setup = setup;
		this.peer = { name: '', carrier: 'tcp+plain', address: formatAddress(address) };
		this.closed = new Promise((resolve) => {
			this.#settleClosed = resolve;
		});
		this.#spare = spare;
		this.#spareTimer = setTimeout(() => this.#dropSpare(), spareMs);
		spare.once('close', () => {
			if (this.#spare === spare) this.#dropSpare();
		});
	}

	get open(): boolean {
		return this.#open;
	}

	exchange(request: PluginRequest, sink: ResponseSink, options?: OpenOptions): OutgoingExchange {
		const id = this.#ids.choose(request.requestId, this.#exchanges);
		const exchange = new PlainOutgoingExchange(this, id, sink, options);
		if (!this.#open) {
			exchange.failSoon(
				new OrchestraError('connection_closed', `the connection to ${this.peer.address} is closed`),
			);
			return exchange;
		}
		this.#exchanges.set(id, exchange);
		exchange.begin(request);
		return exchange;
	}

	openSocket(): Socket {
		const spare = this.#spare;
		if (spare && !spare.destroyed && spare.readable && spare.writable) {
			this.#spare = undefined;
			clearTimeout(this.#spareTimer);
			return spare;
		}
		return connect({ host: this.address.host, port: this.address.port });
	}

	tell(frame: Uint8Array): void {
		if (this.#telling.size >= maxTelling) return;
		const socket = connect({ host: this.address.host, port: this.address.port });
		const timer = setTimeout(() => socket.destroy(), tellMs);
		// A peer that cannot be reached cannot be told.
		socket.on('error', () => undefined);
		const told = new Promise<void>((resolve) => socket.once('close', () => resolve())).then(() => {
			clearTimeout(timer);
			this.#telling.delete(told);
		});
		this.#telling.add(told);
		socket.resume();
		socket.end(frame);
	}

	forget(exchange: PlainOutgoingExchange): void {
		if (this.#exchanges.get(exchange.requestId) === exchange) this.#exchanges.delete(exchange.requestId);
	}

	async close(reason?: OrchestraError): Promise<void> {
		if (!this.#open) return;
		this.#open = false;
		this.#dropSpare();
		const told =
			reason ?? new OrchestraError('connection_closed', `the connection to ${this.peer.address} was closed`);
		for (const exchange of [...this.#exchanges.values()]) exchange.fail(told);
		this.#settleClosed(reason);
		// Whoever waits for this may end the process right after.
		await Promise.all(this.#telling);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}

	#dropSpare(): void {
		clearTimeout(this.#spareTimer);
		this.#spare?.destroy();
		this.#spare = undefined;
	}
}
