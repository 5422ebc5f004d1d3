import type { Msg, NatsConnection, PublishOptions, Subscription } from '@nats-io/transport-node';
import { BackOff } from '../../runtime/carrier/back-off.ts';
import { debugLog } from '../../runtime/debug/debug-log.ts';
import type { IdentitySource } from '../../runtime/identity/sources/identity-source.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { loadNats, type NatsModules } from './load-nats.ts';
import { natsFault, permissionFault } from './nats-fault.ts';
import { inboxOf } from './subjects.ts';

const dialLog = debugLog('dial');

/** Settings of a {@link NatsLink}. */
export interface NatsLinkOptions {
	/** Such as `tls://host:4222`. */
	readonly servers: readonly string[];
	/** The name of the node, for the server's own lists. */
	readonly node: string;
	/** Identity that is shown to the server; its authority is what the server is held to. */
	readonly identity: IdentitySource;
	/** Milliseconds after which silence counts as a cut. */
	readonly silenceMs: number;
	/** Called when what is wrong is something else than before. Must not throw. */
	readonly onProblem: (error: OrchestraError) => void;
}

/** A message, as a subscriber gets it. */
export interface Heard {
	readonly subject: string;
	readonly data: Uint8Array;
	readonly reply: string | undefined;
	/** Status of the server: 503 says that nobody hears that subject; 0 for what others sent. */
	readonly status: number;
	header(name: string): string;
}

interface Wanted {
	readonly subject: string;
	readonly queue: string | undefined;
	readonly heard: (message: Heard) => void;
	current: Subscription | undefined;
}

/** Refusals that are remembered, at most. */
const maxToldDenials = 256;

/** Milliseconds for what was said last to leave. */
const closeMs = 500;

/** Milliseconds for connect and handshake. */
const connectTimeoutMs = 5_000;

/**
 * The way to NATS. A connection that is lost is replaced by a new one, never taken up again: its client would send later what was
 * waiting in it, and nobody may be called after its caller was told that nobody was.
 */
export class NatsLink {
	readonly #options: NatsLinkOptions;
	readonly #wanted = new Set<Wanted>();
	readonly #onUp = new Set<(connection: NatsConnection) => unknown>();
	readonly #onDown = new Set<(reason: OrchestraError) => void>();
	readonly #onDenied = new Set<(subject: string, error: OrchestraError) => void>();
	readonly #backOff = new BackOff({ firstMs: 200, longestMs: 5_000 });
	#modules: NatsModules | undefined;
	#connection: NatsConnection | undefined;
	#failure: OrchestraError | undefined;
	#attempts = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#closed = false;
	#toldText = '';
	/** Refusals that were told since the connection stands: the client says most of them twice, in any order. */
	readonly #toldDenials = new Set<string>();

	constructor(options: NatsLinkOptions) {
		this.#options = options;
	}

	get up(): boolean {
		return this.#connection !== undefined;
	}

	/** The connection that stands. @throws OrchestraError `cluster_unavailable` */
	get connection(): NatsConnection {
		if (this.#connection) return this.#connection;
		throw this.unavailable;
	}

	get modules(): NatsModules {
		if (this.#modules) return this.#modules;
		throw this.unavailable;
	}

	/** Bytes of one message, at most. */
	get maxPayload(): number {
		// Headers count too.
		return (this.#connection?.info?.max_payload ?? 1024 * 1024) - 1024;
	}

	/** Reason why nothing can be sent. */
	get unavailable(): OrchestraError {
		const why = this.#failure ? `: ${this.#failure.message}` : '';
		return new OrchestraError(
			'cluster_unavailable',
			`node ${this.#options.node} is cut off from its cluster${why}`,
			{
				retryable: true,
				hint: 'Call again when the NATS server is back. Local plugins work on.',
				details: { node: this.#options.node },
				cause: this.#failure,
			},
		);
	}

	/** Tries once. @throws OrchestraError why it does not stand; it is tried again all the same */
	async open(): Promise<void> {
		await this.#connect();
		if (!this.#connection && this.#failure) throw this.#failure;
	}

	/** Calls back each time that a connection stands; at once where one does. What it returns is not waited for, and must not reject. */
	onUp(listener: (connection: NatsConnection) => unknown): void {
		this.#onUp.add(listener);
		if (this.#connection) listener(this.#connection);
	}

	/** Calls back each time that a connection is lost. */
	onDown(listener: (reason: OrchestraError) => void): void {
		this.#onDown.add(listener);
	}

	/** Calls back where the server refuses something that was published. */
	onDenied(listener: (subject: string, error: OrchestraError) => void): void {
		this.#onDenied.add(listener);
	}

	/** Hears a subject from now on, over each connection to come. @returns what ends it */
	subscribe(subject: string, heard: (message: Heard) => void, queue?: string): () => void {
		const wanted: Wanted = { subject, queue, heard, current: undefined };
		this.#wanted.add(wanted);
		if (this.#connection) this.#subscribe(wanted, this.#connection);
		return () => {
			this.#wanted.delete(wanted);
			wanted.current?.unsubscribe();
		};
	}

	/** Sends a message now, or throws. @throws OrchestraError `cluster_unavailable`, `message_too_large` */
	publish(
		subject: string,
		data: Uint8Array,
		reply?: string,
		headers?: readonly (readonly [name: string, value: string])[],
	): void {
		const { connection } = this;
		if (data.length > this.maxPayload) throw tooLarge(data.length, this.maxPayload);
		const options: PublishOptions = {};
		if (reply !== undefined) options.reply = reply;
		if (headers) {
			options.headers = this.modules.transport.headers();
			for (const [name, value] of headers) options.headers.append(name, value);
		}
		connection.publish(subject, data, options);
	}

	/** Waits until the server has what was sent and subscribed. */
	async flush(): Promise<void> {
		await this.until(this.connection.flush(), connectTimeoutMs);
	}

	/** Waits for an answer of the server; a connection that is lost ends it. @throws OrchestraError `cluster_unavailable` */
	async until<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
		let over: (error: OrchestraError) => void = () => {};
		const lost = new Promise<never>((_, reject) => {
			over = reject;
		});
		work.catch(() => {});
		const timer = setTimeout(
			() =>
				over(
					new OrchestraError('cluster_unavailable', `NATS did not answer within ${timeoutMs} ms`, {
						retryable: true,
					}),
				),
			timeoutMs,
		);
		this.#onDown.add(over);
		try {
			return await Promise.race([work, lost]);
		} finally {
			clearTimeout(timer);
			this.#onDown.delete(over);
		}
	}

	/** Ends it. Never rejects. */
	async close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		clearTimeout(this.#timer);
		const connection = this.#connection;
		if (!connection) return;
		// The last that was said has to leave.
		await this.until(connection.flush(), closeMs).catch(() => {});
		await connection.close().catch(() => {});
	}

	async #connect(): Promise<void> {
		const { servers, node, identity, silenceMs } = this.#options;
		this.#attempts++;
		try {
			this.#modules ??= await loadNats();
			const plain = servers.every((server) => server.startsWith('nats://'));
			const connection = await this.#modules.transport.connect({
				servers: servers.map((server) => server.replace(/^(tls|nats):\/\//, '')),
				name: node,
				reconnect: false,
				noEcho: true,
				inboxPrefix: inboxOf(node),
				timeout: connectTimeoutMs,
				pingInterval: Math.max(250, Math.floor(silenceMs / 2)),
				maxPingOut: 1,
				ignoreClusterUpdates: false,
				...(plain
					? {}
					: {
							tls: {
								cert: identity.current.certificatePem,
								key: identity.current.privateKeyPem,
								ca: identity.current.caPem,
							},
						}),
			});
			if (this.#closed) await connection.close();
			else this.#opened(connection);
		} catch (error) {
			this.#failed(natsFault(error, servers));
		}
	}

	#opened(connection: NatsConnection): void {
		this.#connection = connection;
		this.#attempts = 0;
		this.#failure = undefined;
		this.#toldText = '';
		this.#toldDenials.clear();
		dialLog?.(`connected to NATS at ${connection.getServer()}`);
		void this.#follow(connection);
		void connection.closed().then((error) => this.#lost(connection, error));
		for (const wanted of this.#wanted) this.#subscribe(wanted, connection);
		for (const listener of this.#onUp) listener(connection);
	}

	#subscribe(wanted: Wanted, connection: NatsConnection): void {
		wanted.current = connection.subscribe(wanted.subject, {
			...(wanted.queue ? { queue: wanted.queue } : {}),
			callback: (error, message) => {
				if (error) this.#denied(error);
				else wanted.heard(asHeard(message));
			},
		});
	}

	/** Follows the status: a fault of something that was sent is said there only. */
	async #follow(connection: NatsConnection): Promise<void> {
		for await (const status of connection.status()) {
			if (status.type === 'error') this.#denied(status.error);
			// It dials no more: what it knows of is over.
			else if (status.type === 'disconnect') this.#lost(connection, undefined);
		}
	}

	#denied(error: Error): void {
		if (error.name !== 'PermissionViolationError') return;
		const known = permissionFault(error, this.#options.node);
		const subject = String(known.details?.subject ?? '');
		for (const listener of this.#onDenied) listener(subject, known);
		if (this.#toldDenials.has(known.message)) return;
		if (this.#toldDenials.size >= maxToldDenials) this.#toldDenials.clear();
		this.#toldDenials.add(known.message);
		this.#tell(known);
	}

	#lost(connection: NatsConnection, error: unknown): void {
		if (this.#connection !== connection) return;
		this.#connection = undefined;
		const { servers, node } = this.#options;
		void connection.close().catch(() => {});
		if (this.#closed) return;
		this.#failure = error
			? natsFault(error, servers)
			: new OrchestraError(
					'cluster_unavailable',
					`the connection to NATS at ${servers.join(', ')} was lost`,
					{
						retryable: true,
						details: { node },
					},
				);
		this.#tell(this.#failure);
		for (const listener of [...this.#onDown]) listener(this.unavailable);
		this.#retry();
	}

	#failed(error: OrchestraError): void {
		this.#failure = error;
		if (this.#closed) return;
		this.#tell(error);
		this.#retry();
	}

	#retry(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.#connect(), this.#backOff.after(this.#attempts));
	}

	/** Each fault once, until it is another. */
	#tell(error: OrchestraError): void {
		if (this.#toldText === error.message) return;
		this.#toldText = error.message;
		this.#options.onProblem(error);
	}
}

function asHeard(message: Msg): Heard {
	const { headers } = message;
	return {
		subject: message.subject,
		data: message.data,
		reply: message.reply,
		status: headers?.code ?? 0,
		header: (name) => headers?.get(name) ?? '',
	};
}

function tooLarge(bytes: number, most: number): OrchestraError {
	return new OrchestraError(
		'message_too_large',
		`${bytes} bytes are more than NATS takes in one message (${most})`,
		{
			hint: 'Let the nodes reach each other: large bodies go over their own connections (cluster.advertise).',
			details: { bytes, most },
		},
	);
}
