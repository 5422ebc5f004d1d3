import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { clearTimeout, setTimeout } from 'node:timers';
import type { PluginRequest } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Address } from '../address.ts';
import { formatAddress } from '../address.ts';
import type { Connection } from '../carrier.ts';
import type { OpenOptions, OutgoingExchange, ResponseSink } from '../outgoing-exchange.ts';
import type { Peer } from '../peer.ts';
import { RequestIds } from '../request-ids.ts';
import type { PlainHost } from './plain-outgoing-exchange.ts';
import { PlainOutgoingExchange } from './plain-outgoing-exchange.ts';

/** Milliseconds that the socket of the dial is kept for a first exchange. */
const spareMs = 5_000;

/**
 * The client's side of plaintext TCP, where every exchange has a socket of its own: what the Go side serves. It proves nothing
 * about the peer, and it only ends with {@link close}, since there is no socket between two exchanges.
 */
export class PlainTcpConnection implements Connection, PlainHost {
	readonly peer: Peer;
	readonly address: Address;
	readonly closed: Promise<Error | undefined>;
	#settleClosed: (reason: Error | undefined) => void = () => undefined;
	#open = true;
	readonly #ids = new RequestIds();
	readonly #exchanges = new Map<string, PlainOutgoingExchange>();
	/** The socket by which the dial found out that somebody listens. */
	#spare: Socket | undefined;
	readonly #spareTimer: ReturnType<typeof setTimeout>;

	constructor(address: Address, spare: Socket) {
		this.address = address;
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
		exchange.begin(request, options?.signal?.aborted === true);
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
