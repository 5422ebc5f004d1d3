import { clearInterval, setInterval } from 'node:timers';
import type { PluginRequest } from '../../../wire/generated/messages.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { retoldError } from '../../../wire/retold-error.ts';
import type { Connection, ConnectionSetup } from '../../carrier.ts';
import type { OpenOptions, OutgoingExchange, ResponseSink } from '../../outgoing-exchange.ts';
import type { Peer } from '../../peer.ts';
import type { QuicConnection, StreamCounts } from './quic-connection.ts';

/**
 * Exchanges after which a connection is replaced. quiche keeps a little of every stream for as long as its connection lives, about
 * 65 bytes at each end (measured: 25 MiB after 370,000 calls): at a thousand calls a second that is 200 MiB in an hour.
 */
export const exchangesPerConnection = 100_000;

/** Milliseconds between two looks at whether a replaced connection has become idle. */
const idleCheckMs = 1_000;

/** Options of a connection's replacement. */
export interface RenewingConnectionOptions {
	/** Default {@link exchangesPerConnection}; less in tests. */
	readonly limit?: number | undefined;
	/** Called where no other connection can be had. Default: nobody is told. */
	readonly onProblem?: ((error: OrchestraError) => void) | undefined;
}

/**
 * A connection that replaces itself before it has grown: the next exchanges go over a fresh connection to the same peer, the old
 * one closes when its last exchange has ended. Where no fresh one can be had, the old one goes on.
 */
export class RenewingConnection implements Connection {
	readonly closed: Promise<Error | undefined>;
	#settleClosed: (reason: Error | undefined) => void = () => {};
	#current: QuicConnection;
	readonly #dialAgain: () => Promise<QuicConnection>;
	readonly #onProblem: (error: OrchestraError) => void;
	readonly #limit: number;
	/** Exchanges until the next replacement. */
	#left: number;
	#renewing = false;
	#closing = false;
	/** Replaced, and not idle yet. */
	readonly #retired = new Set<QuicConnection>();
	#idleCheck: ReturnType<typeof setInterval> | undefined;

	/**
	 * @param dialAgain makes another connection to the same peer
	 */
	constructor(
		first: QuicConnection,
		dialAgain: () => Promise<QuicConnection>,
		{ limit = exchangesPerConnection, onProblem = () => {} }: RenewingConnectionOptions = {},
	) {
		this.#current = first;
		this.#dialAgain = dialAgain;
		this.#onProblem = onProblem;
		this.#limit = limit;
		this.#left = limit;
		this.closed = new Promise((resolve) => {
			this.#settleClosed = resolve;
		});
		this.#watch(first);
	}

	get peer(): Peer {
		return this.#current.peer;
	}

	get setup(): ConnectionSetup {
		return this.#current.setup;
	}

	get open(): boolean {
		return this.#current.open;
	}

	/** Of the connection that is in use: for tests and for `inspect`. */
	get streamCounts(): StreamCounts {
		return this.#current.streamCounts;
	}

	/** Connections that were replaced and still have exchanges under way. */
	get retiredCount(): number {
		return this.#retired.size;
	}

	exchange(request: PluginRequest, sink: ResponseSink, options?: OpenOptions): OutgoingExchange {
		if (--this.#left <= 0 && !this.#renewing) void this.#renew();
		return this.#current.exchange(request, sink, options);
	}

	async close(reason?: OrchestraError): Promise<void> {
		this.#closing = true;
		clearInterval(this.#idleCheck);
		await Promise.all([this.#current, ...this.#retired].map((connection) => connection.close(reason)));
		this.#retired.clear();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	async #renew(): Promise<void> {
		this.#renewing = true;
		const before = this.#current;
		try {
			const fresh = await this.#dialAgain();
			if (this.#closing || !before.open) {
				await fresh.close();
				return;
			}
			this.#current = fresh;
			this.#watch(fresh);
			this.#retire(before);
		} catch (error) {
			// The peer may be busy, or our certificate at its end: what stands still works. Asked again after as many exchanges.
			if (!this.#closing) await this.#notReplaced(OrchestraError.from(error, 'internal'));
		} finally {
			this.#left = this.#limit;
			this.#renewing = false;
		}
	}

	async #notReplaced(error: OrchestraError): Promise<void> {
		const { address } = this.peer;
		this.#onProblem(
			retoldError(error, `the connection to ${address} could not be replaced: ${error.message}`),
		);
		// A peer that was revoked meanwhile is sent nothing more.
		if (error.code === 'peer_revoked' || error.code === 'certificate_revoked') await this.close(error);
	}

	#watch(connection: QuicConnection): void {
		connection.closed.then((reason) => {
			if (connection === this.#current) this.#settleClosed(reason);
			else this.#retired.delete(connection);
		});
	}

	#retire(connection: QuicConnection): void {
		this.#retired.add(connection);
		this.#idleCheck ??= setInterval(() => this.#closeIdle(), idleCheckMs).unref();
		this.#closeIdle();
	}

	#closeIdle(): void {
		for (const connection of this.#retired) {
			const { queued, open } = connection.streamCounts;
			if (queued > 0 || open > 0) continue;
			this.#retired.delete(connection);
			void connection.close();
		}
		if (this.#retired.size > 0) return;
		clearInterval(this.#idleCheck);
		this.#idleCheck = undefined;
	}
}
