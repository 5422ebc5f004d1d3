import { clearTimeout, setTimeout } from 'node:timers';
import type { Identity } from '../identity/identity.ts';
import { type IdentitySource, identitySource } from '../identity/sources/identity-source.ts';
import type { PluginRequest } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { type Address, formatAddress } from './address.ts';
import { BackOff, type BackOffOptions } from './back-off.ts';
import type { Connection, ConnectionSetup, DialOptions } from './carrier.ts';
import { dial } from './network-carrier.ts';
import type { OpenOptions, OutgoingExchange, ResponseSink } from './outgoing-exchange.ts';
import type { Peer } from './peer.ts';
import { isRefusal } from './refusal.ts';
import { WaitingExchange, type WaitingOwner } from './waiting-exchange.ts';

/** State of a persistent connection. */
export type PersistentState =
	/** `attempt` counts from 1 since the connection last stood. */
	| { readonly state: 'connecting'; readonly attempt: number }
	| { readonly state: 'open'; readonly peer: Peer }
	/** Also after an attempt that failed. */
	| { readonly state: 'lost'; readonly reason: OrchestraError; readonly retryInMs: number }
	| { readonly state: 'closed' };

/** Options of keeping a connection. */
export interface PersistentOptions
	extends Pick<DialOptions, 'expectPeer' | 'timeoutMs' | 'keepAlive' | 'onProblem'> {
	/** One that stays, or a source, of which each attempt takes what is current. It stays its owner's to close. */
	readonly identity: Identity | IdentitySource;
	/** Dials when it is first needed. Default: at once. */
	readonly lazy?: boolean | undefined;
	/** The waits between two attempts: 100 ms to 30 s, with full jitter, unless said otherwise. */
	readonly backOff?: BackOffOptions | undefined;
	/** Milliseconds for which a connection has to stand until its loss counts as the first again. Default 10,000. */
	readonly healthyMs?: number | undefined;
	/** Exchanges that may wait for the connection; what comes beyond fails with `overloaded`. Default 1,024; 0: none waits. */
	readonly maxWaiting?: number | undefined;
	/** Whether an attempt that fails also fails the exchanges that wait. Default: they wait until their own deadlines. */
	readonly failFast?: boolean | undefined;
	/**
	 * Number of times that one exchange is sent again after an error that is `retryable`, with back-off and within its deadline. Default 0:
	 * only the caller knows whether a call may be made twice.
	 */
	readonly retries?: number | undefined;
	/** Works on each new connection before it carries anything else; where it throws, the attempt has failed. Needs a deadline. */
	readonly prepare?: ((connection: Connection) => Promise<void>) | undefined;
	/** Called with every change. Must not throw. */
	readonly onState?: ((state: PersistentState) => void) | undefined;
}

/** Milliseconds until a connection that stands counts as healthy. */
const defaultHealthyMs = 10_000;

const defaultMaxWaiting = 1024;

/** Refusals in a row after which nobody waits for the next attempt: a peer that is just stopping refuses in the same way once. */
const refusalsBelieved = 2;

/**
 * A connection that is made again whenever it is lost. Exchanges that are opened while there is none wait for it, each until
 * its own deadline; those under way when it is lost end with `connection_lost`, and are not sent again ({@link
 * PersistentOptions.retries} aside). A peer that refuses us, or is not who it has to be, fails those that wait with the
 * reason, and is asked again at the longest interval only.
 *
 * It keeps the process alive from the first attempt until it is closed.
 *
 * @example
 * import { connectPersistently, createClient, openDirectoryIdentity, parseAddress, resolveCertsDir } from 'orchestra-toolchain/client';
 *
 * const identity = await openDirectoryIdentity(resolveCertsDir(), 'my-program');
 * const client = createClient(connectPersistently(parseAddress('tcp://127.0.0.1:50101'), { identity }));
 * // Waits for the server where it is away, for ten seconds.
 * await client.callTool('forecast', { city: 'Oslo' }, { timeoutMs: 10_000 });
 * await client.close();
 * identity.close();
 */
export function connectPersistently(address: Address, options: PersistentOptions): PersistentConnection {
	return new PersistentConnection(address, options);
}

interface Waiter {
	resolve(): void;
	reject(error: OrchestraError): void;
}

/** See {@link connectPersistently}. */
export class PersistentConnection implements Connection, WaitingOwner {
	readonly closed: Promise<Error | undefined>;
	readonly addressText: string;
	readonly #address: Address;
	readonly #options: PersistentOptions;
	readonly #source: IdentitySource;
	readonly #backOff: BackOff;
	readonly #waiting = new Set<WaitingExchange>();
	/** Sent, or about to be sent again. */
	readonly #forwarded = new Set<WaitingExchange>();
	readonly #readyWaiters: Waiter[] = [];
	#settleClosed: (reason: Error | undefined) => void = () => undefined;
	#isOpen = true;
	#current: Connection | undefined;
	#openedAt = 0;
	/** Set while an attempt is under way. */
	#attempt: AbortController | undefined;
	#preparing: Connection | undefined;
	#attempts = 0;
	#refusals = 0;
	#failure: OrchestraError | undefined;
	/** Whether exchanges fail with {@link failure} rather than wait for the next attempt. */
	#hopeless = false;
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** Before that no attempt is made, on the clock of performance.now(). */
	#notBefore = 0;
	#lastId = 0;

	constructor(address: Address, options: PersistentOptions) {
		this.#address = address;
		this.#options = options;
		this.addressText = formatAddress(address);
		this.#source = identitySource(options.identity);
		this.#backOff = new BackOff(options.backOff);
		this.closed = new Promise((resolve) => {
			this.#settleClosed = resolve;
		});
		// Not before whoever makes it can hear of it.
		if (!options.lazy) queueMicrotask(() => this.#connectWhenDue());
	}

	/** The peer of the connection that stands; before that, what is known of it. */
	get peer(): Peer {
		const { expectPeer } = this.#options;
		return (
			this.#current?.peer ?? {
				name: expectPeer ?? '',
				carrier: this.#address.carrier,
				address: this.addressText,
			}
		);
	}

	get setup(): ConnectionSetup | undefined {
		return this.#current?.setup;
	}

	/** True until it is closed: exchanges can be opened all the time. */
	get open(): boolean {
		return this.#isOpen;
	}

	/** Whether a connection stands now. */
	get connected(): boolean {
		return this.#current?.open === true;
	}

	/** Reason why the connection is not there: the last loss, or the error of the last attempt. */
	get failure(): OrchestraError | undefined {
		return this.#failure;
	}

	/**
	 * Resolves when a connection stands. Rejects with the reason where the attempt under way, or the next one, fails; more follow
	 * all the same.
	 */
	ready(): Promise<void> {
		if (this.connected) return Promise.resolve();
		if (!this.#isOpen) return Promise.reject(this.#closedError());
		return new Promise((resolve, reject) => {
			const refused = this.#connectWhenDue();
			if (refused) reject(refused);
			else this.#readyWaiters.push({ resolve, reject });
		});
	}

	exchange(request: PluginRequest, sink: ResponseSink, options?: OpenOptions): OutgoingExchange {
		const current = this.#current;
		const retries = this.#options.retries ?? 0;
		if (current?.open && retries === 0) return current.exchange(request, sink, options);
		this.#lastId += 1;
		const requestId = request.requestId || `w${this.#lastId}`;
		const exchange = new WaitingExchange(this, request, requestId, sink, options, retries);
		if (!exchange.unsendable) this.submit(exchange);
		return exchange;
	}

	/** Used by its exchanges. */
	submit(exchange: WaitingExchange): void {
		if (exchange.ended) return;
		this.#forwarded.delete(exchange);
		if (this.#current?.open) this.#forward(exchange, this.#current);
		else if (!this.#isOpen) exchange.failSoon(this.#closedError());
		else if (this.#waiting.size >= (this.#options.maxWaiting ?? defaultMaxWaiting)) {
			exchange.failSoon(
				new OrchestraError('overloaded', `too many calls wait for ${this.addressText} already`, {
					retryable: true,
					cause: this.#failure,
				}),
			);
		} else {
			this.#waiting.add(exchange);
			const refused = this.#connectWhenDue();
			if (refused) {
				this.#waiting.delete(exchange);
				exchange.failSoon(refused);
			}
		}
	}

	/** Used by its exchanges. */
	retryDelayMs(attempt: number): number {
		return this.#backOff.after(attempt);
	}

	/** Used by its exchanges. */
	forget(exchange: WaitingExchange): void {
		this.#waiting.delete(exchange);
		this.#forwarded.delete(exchange);
	}

	async close(reason?: OrchestraError): Promise<void> {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		clearTimeout(this.#timer);
		const told = reason ?? this.#closedError();
		this.#attempt?.abort(told);
		for (const { reject } of this.#readyWaiters.splice(0)) reject(told);
		for (const exchange of [...this.#waiting, ...this.#forwarded]) exchange.cancel(told);
		const connections = [this.#current, this.#preparing];
		this.#settleClosed(reason);
		this.#tell({ state: 'closed' });
		await Promise.all(connections.map((connection) => connection?.close(reason)));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}

	/**
	 * Sees to it that an attempt is made: now, where none is under way and the last one is long enough ago. Returns what exchanges
	 * fail with until then, where they are not to wait.
	 */
	#connectWhenDue(): OrchestraError | undefined {
		if (!this.#isOpen || this.#attempt || this.connected) return undefined;
		const waitMs = this.#notBefore - performance.now();
		if (waitMs <= 0) {
			clearTimeout(this.#timer);
			this.#timer = undefined;
			void this.#connect();
			return undefined;
		}
		if (this.#hopeless) return this.#failure;
		this.#timer ??= setTimeout(() => this.#due(), waitMs);
		return undefined;
	}

	#due(): void {
		this.#timer = undefined;
		// Timers may fire a little early.
		this.#notBefore = 0;
		this.#connectWhenDue();
	}

	/** Never rejects. */
	async #connect(): Promise<void> {
		const attempt = new AbortController();
		this.#attempt = attempt;
		this.#attempts += 1;
		this.#tell({ state: 'connecting', attempt: this.#attempts });
		try {
			const connection = await this.#dial(attempt.signal);
			this.#attempt = undefined;
			if (this.#isOpen) this.#opened(connection);
			else await connection.close();
		} catch (error) {
			this.#attempt = undefined;
			if (this.#isOpen) this.#failed(OrchestraError.from(error, 'internal', 'the attempt to connect failed'));
		}
	}

	async #dial(signal: AbortSignal): Promise<Connection> {
		const { expectPeer, timeoutMs, keepAlive, prepare, onProblem } = this.#options;
		const connection = await dial(this.#address, {
			identity: this.#source,
			expectPeer,
			timeoutMs,
			keepAlive,
			signal,
			onProblem,
		});
		this.#preparing = connection;
		try {
			if (this.#isOpen) await prepare?.(connection);
			if (!this.#isOpen) throw this.#closedError();
			return connection;
		} catch (error) {
			await connection.close();
			throw error;
		} finally {
			this.#preparing = undefined;
		}
	}

	#opened(connection: Connection): void {
		this.#current = connection;
		this.#openedAt = performance.now();
		this.#attempts = 0;
		this.#refusals = 0;
		this.#failure = undefined;
		this.#hopeless = false;
		void connection.closed.then((reason) => this.#lost(connection, reason));
		this.#tell({ state: 'open', peer: connection.peer });
		for (const { resolve } of this.#readyWaiters.splice(0)) resolve();
		for (const exchange of [...this.#waiting]) this.#resume(exchange);
	}

	/** An exchange that waited gets its turn. */
	#resume(exchange: WaitingExchange): void {
		this.#waiting.delete(exchange);
		this.submit(exchange);
	}

	#forward(exchange: WaitingExchange, connection: Connection): void {
		this.#forwarded.add(exchange);
		exchange.forward(connection);
	}

	#lost(connection: Connection, reason: Error | undefined): void {
		if (this.#current !== connection) return;
		this.#current = undefined;
		if (!this.#isOpen) return;
		if (performance.now() - this.#openedAt >= (this.#options.healthyMs ?? defaultHealthyMs))
			this.#backOff.reset();
		const lost = new OrchestraError('connection_lost', `the connection to ${this.addressText} was lost`, {
			retryable: true,
			cause: reason,
		});
		this.#failure = reason === undefined ? lost : OrchestraError.from(reason, 'connection_lost');
		this.#retryIn(this.#backOff.next());
	}

	#failed(error: OrchestraError): void {
		this.#failure = error;
		this.#refusals = isRefusal(error) ? this.#refusals + 1 : 0;
		const refused = this.#refusals >= refusalsBelieved;
		this.#hopeless = refused || this.#options.failFast === true;
		if (this.#hopeless) for (const exchange of [...this.#waiting]) exchange.fail(error);
		this.#retryIn(refused ? this.#backOff.longestMs : this.#backOff.next());
		for (const { reject } of this.#readyWaiters.splice(0)) reject(error);
	}

	#retryIn(ms: number): void {
		this.#notBefore = performance.now() + ms;
		this.#tell({ state: 'lost', reason: this.#failure ?? this.#closedError(), retryInMs: ms });
		if (this.#isOpen) this.#timer ??= setTimeout(() => this.#due(), ms);
	}

	#tell(state: PersistentState): void {
		this.#options.onState?.(state);
	}

	#closedError(): OrchestraError {
		return new OrchestraError('connection_closed', `the connection to ${this.addressText} was closed`);
	}
}
