import { clearTimeout, setTimeout } from 'node:timers';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import type { Address } from '../../address.ts';
import type { DialOptions } from '../../carrier.ts';
import type { Quiche } from '../native/quiche.ts';
import { DialAttempt } from './dial-attempt.ts';
import type { QuicConnection } from './quic-connection.ts';

/** Milliseconds that a host's first address has before the next is tried beside it. */
const nextAddressMs = 300;

/** Tries the addresses of a host, each a little after the one before or as soon as that has failed. The first that works wins. */
export class DialRace {
	readonly result: Promise<QuicConnection>;
	readonly #quiche: Quiche;
	readonly #address: Address;
	readonly #options: DialOptions;
	readonly #startedAt: number;
	readonly #hosts: string[];
	readonly #running = new Set<DialAttempt>();
	#timer: ReturnType<typeof setTimeout> | undefined;
	#over = false;
	#failure: unknown;
	#resolve: (connection: QuicConnection) => void = () => {};
	#reject: (error: unknown) => void = () => {};

	/** @param startedAt when the dial began, on the clock of performance.now() */
	constructor(
		quiche: Quiche,
		address: Address,
		hosts: readonly string[],
		options: DialOptions,
		startedAt: number,
	) {
		this.#startedAt = startedAt;
		this.#quiche = quiche;
		this.#address = address;
		this.#options = options;
		this.#hosts = [...hosts];
		this.result = new Promise((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
		});
		// It may be stopped before anybody waits.
		this.result.catch(() => {});
		this.#startNext();
	}

	/** Whether anything at all came back. */
	get answered(): boolean {
		return [...this.#running].some((attempt) => attempt.answered);
	}

	/** Ends what is still running; a connection that comes of it all the same is closed. */
	stop(): void {
		this.#over = true;
		clearTimeout(this.#timer);
		for (const attempt of this.#running) attempt.giveUp();
	}

	#startNext(): void {
		clearTimeout(this.#timer);
		const host = this.#hosts.shift();
		if (host === undefined || this.#over) return;
		const attempt = new DialAttempt(this.#quiche, this.#address, host, this.#options, this.#startedAt);
		this.#running.add(attempt);
		attempt.result.then(
			(connection) => this.#succeeded(attempt, connection),
			(error) => this.#failed(attempt, error),
		);
		if (this.#hosts.length > 0) this.#timer = setTimeout(() => this.#startNext(), nextAddressMs);
	}

	#succeeded(attempt: DialAttempt, connection: QuicConnection): void {
		this.#running.delete(attempt);
		if (this.#over) {
			void connection.close();
			return;
		}
		this.#resolve(connection);
		this.stop();
	}

	#failed(attempt: DialAttempt, error: unknown): void {
		this.#running.delete(attempt);
		// The most telling failure: one that got an answer.
		if (this.#failure === undefined || isUnreachable(this.#failure)) this.#failure = error;
		if (this.#over) return;
		if (this.#hosts.length > 0) this.#startNext();
		else if (this.#running.size === 0) this.#reject(this.#failure);
	}
}

function isUnreachable(error: unknown): boolean {
	return error instanceof OrchestraError && error.code === 'unreachable';
}
