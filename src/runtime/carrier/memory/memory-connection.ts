import type { PluginRequest } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Connection, ExchangeHandler } from '../carrier.ts';
import { errorResponse } from '../error-response.ts';
import { maxIncomingExchanges } from '../incoming-exchange.ts';
import { LinkedList } from '../linked-list.ts';
import { loggedConnection } from '../logged-carrier.ts';
import type { OpenOptions, OutgoingExchange, ResponseSink } from '../outgoing-exchange.ts';
import type { Peer } from '../peer.ts';
import { RequestIds } from '../request-ids.ts';
import type { MemoryOwner } from './memory-exchange.ts';
import { MemoryOutgoing } from './memory-exchange.ts';

/** The two ends of a connection in process. */
export interface InProcessOptions {
	/** The name under which the handler sees its caller. */
	readonly callerName: string;
	/** The id of the plugin that the handler serves: the caller's name for its peer. */
	readonly plugin: string;
}

/**
 * A connection to a handler in this process: the semantics of the network carriers without bytes.
 *
 * - JSON values cross as deep copies by the rules of the codec, bytes as copies: neither side can change what the other holds.
 * - A request reaches the handler one microtask after `exchange()` returned; responses reach the sink at once.
 * - The limit of 16 MiB holds for each value and each run of bytes in a message; what surrounds them is not counted.
 */
export function connectInProcess(handler: ExchangeHandler, options: InProcessOptions): Connection {
	return loggedConnection(new MemoryConnection(handler, options));
}

const settled = Promise.resolve();

class MemoryConnection implements Connection, MemoryOwner {
	readonly peer: Peer;
	readonly caller: Peer;
	readonly handler: ExchangeHandler;
	readonly closed: Promise<Error | undefined>;
	#settleClosed: (reason: Error | undefined) => void = () => undefined;
	#open = true;
	readonly #ids = new RequestIds();
	/** Exchanges that the handler has not ended yet. */
	readonly #underWay = new LinkedList<MemoryOutgoing>();
	/** The request ids among them that callers wanted. */
	readonly #wanted = new Set<string>();
	/** Exchanges that the next microtask delivers: one for all that were opened together. */
	#undelivered: MemoryOutgoing[] = [];
	readonly #deliver = () => {
		const batch = this.#undelivered;
		this.#undelivered = [];
		for (const exchange of batch) exchange.deliver();
	};

	constructor(handler: ExchangeHandler, options: InProcessOptions) {
		this.handler = handler;
		this.peer = { name: options.plugin, carrier: 'memory', address: '' };
		this.caller = { name: options.callerName, carrier: 'memory', address: '' };
		this.closed = new Promise((resolve) => {
			this.#settleClosed = resolve;
		});
	}

	get open(): boolean {
		return this.#open;
	}

	exchange(request: PluginRequest, sink: ResponseSink, options?: OpenOptions): OutgoingExchange {
		const id = this.#ids.choose(request.requestId, this.#wanted);
		const exchange = new MemoryOutgoing(this, id, sink, options);
		if (!this.#open) {
			exchange.failSoon(
				new OrchestraError('connection_closed', `the connection to ${this.peer.name} is closed`),
			);
		} else if (this.#underWay.size >= maxIncomingExchanges) {
			const overloaded = new OrchestraError(
				'overloaded',
				`${this.peer.name} is serving ${maxIncomingExchanges} calls of this connection already`,
				{ retryable: true, hint: 'Wait for some of them to end.' },
			);
			queueMicrotask(() => exchange.answer({ ...errorResponse(request, overloaded), requestId: id }));
		} else if (exchange.begin(request)) {
			this.#underWay.add(exchange);
			if (id === request.requestId) this.#wanted.add(id);
			if (this.#undelivered.push(exchange) === 1) settled.then(this.#deliver);
		}
		return exchange;
	}

	release(exchange: MemoryOutgoing): void {
		this.#underWay.remove(exchange);
		if (this.#wanted.size > 0) this.#wanted.delete(exchange.requestId);
	}

	async close(reason?: OrchestraError): Promise<void> {
		if (!this.#open) return;
		this.#open = false;
		const told =
			reason ?? new OrchestraError('connection_closed', `the connection to ${this.peer.name} was closed`);
		for (const exchange of this.#underWay.items()) exchange.lose(told);
		this.#settleClosed(reason);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}
}
