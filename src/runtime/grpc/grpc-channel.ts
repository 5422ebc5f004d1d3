import { X509Certificate } from 'node:crypto';
import {
	type ChannelCredentials,
	type ChannelOptions,
	Client,
	type ClientReadableStream,
	credentials,
	Metadata,
} from '@grpc/grpc-js';
import { maxMessageBytes } from '../wire/limits.ts';
import { OrchestraError, ToolError } from '../wire/orchestra-error.ts';
import { statusError } from './status-error.ts';

/** Address of a gRPC server on this machine. */
export interface GrpcAddress {
	readonly network: 'unix' | 'tcp';
	/** A path, or `host:port`. */
	readonly address: string;
}

/** Both ends' certificates, where each trusts exactly the other's. */
export interface PinnedTls {
	/** The server's, DER. */
	readonly serverCertificate: Uint8Array;
	/** Ours, PEM. */
	readonly certificatePem: string;
	readonly privateKeyPem: string;
}

/** Options of one call. */
export interface GrpcCallOptions {
	/** Subject of a call, for messages. */
	readonly subject: string;
	/** When the caller stops waiting, in milliseconds of Date.now(). Default: never. */
	readonly deadline?: number | undefined;
	readonly signal?: AbortSignal | undefined;
	/** Whether messages of errors begin with {@link subject}, as for calls that no author made. Default false. */
	readonly named?: boolean | undefined;
}

type Bytes = Uint8Array;
const same = (bytes: Bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * A connection to a gRPC server of this machine. It knows no messages: bytes go in and out. Messages over 16 MiB are refused in
 * both directions.
 */
export class GrpcChannel {
	readonly #client: Client;
	/** Calls under way: a client that is closed leaves them to the peer, which may be silent. */
	readonly #calls = new Set<{ cancel(): void }>();
	#closed = false;

	/** @param tls undefined for a connection in the clear */
	constructor(at: GrpcAddress, tls: PinnedTls | undefined) {
		this.#client = new Client(targetOf(at), tls ? pinned(tls) : credentials.createInsecure(), channelOptions);
	}

	/** One message there, one back. @throws OrchestraError what {@link statusError} makes of the status; `connection_closed` after {@link close} */
	unary(path: string, request: Bytes, options: GrpcCallOptions): Promise<Buffer> {
		return new Promise((resolve, reject) => {
			this.#assertOpen(options);
			const call = this.#client.makeUnaryRequest(
				path,
				same,
				(bytes: Buffer) => bytes,
				request,
				new Metadata(),
				timing(options),
				(error, answer) => {
					end();
					this.#calls.delete(call);
					if (error) reject(failure(error, options));
					else resolve(answer as Buffer);
				},
			);
			this.#calls.add(call);
			const end = cancelOn(options.signal, () => call.cancel());
		});
	}

	/** One message there, any number back; who stops reading cancels. */
	serverStream(path: string, request: Bytes, options: GrpcCallOptions): AsyncGenerator<Buffer> {
		this.#assertOpen(options);
		const call = this.#client.makeServerStreamRequest<Bytes, Buffer>(
			path,
			same,
			(bytes) => bytes,
			request,
			new Metadata(),
			timing(options),
		);
		return this.#answers(call, options);
	}

	/** Any number of messages in both directions. An input that fails cancels the call, and its error is what the reader gets. */
	duplex(path: string, input: AsyncIterable<Bytes>, options: GrpcCallOptions): AsyncGenerator<Buffer> {
		this.#assertOpen(options);
		const call = this.#client.makeBidiStreamRequest<Bytes, Buffer>(
			path,
			same,
			(bytes) => bytes,
			new Metadata(),
			timing(options),
		);
		let fault: { readonly error: unknown } | undefined;
		const send = async () => {
			for await (const message of input) {
				if (call.destroyed) return;
				if (!call.write(message)) await drained(call);
			}
			call.end();
		};
		send().catch((error: unknown) => {
			fault = { error };
			call.cancel();
		});
		return this.#answers(call, options, () => fault);
	}

	/** Ends the calls under way, and frees everything. Safe to call twice. */
	close(): void {
		this.#closed = true;
		for (const call of this.#calls) call.cancel();
		this.#client.close();
	}

	#assertOpen({ subject }: GrpcCallOptions): void {
		if (this.#closed) throw new ToolError('connection_closed', `${subject}: the connection is closed`);
	}

	async *#answers(
		call: ClientReadableStream<Buffer>,
		options: GrpcCallOptions,
		inputFault: () => { readonly error: unknown } | undefined = () => undefined,
	): AsyncGenerator<Buffer> {
		this.#calls.add(call);
		const end = cancelOn(options.signal, () => call.cancel());
		try {
			for await (const message of call) yield message as Buffer;
		} catch (error) {
			const fault = inputFault();
			throw fault ? fault.error : failure(error, options);
		} finally {
			end();
			this.#calls.delete(call);
			// The status of a call that its reader has left comes as an error that nobody listens to.
			call.on('error', () => {});
			call.cancel();
		}
	}
}

const channelOptions: ChannelOptions = {
	'grpc.max_receive_message_length': maxMessageBytes,
	'grpc.max_send_message_length': maxMessageBytes,
	// Calls within this machine go without a proxy, as they are, and once.
	'grpc.enable_http_proxy': 0,
	'grpc.service_config_disable_resolution': 1,
	'grpc.enable_retries': 0,
	'grpc.default_authority': 'localhost',
	'grpc.initial_reconnect_backoff_ms': 100,
	'grpc.max_reconnect_backoff_ms': 2_000,
	'grpc.use_local_subchannel_pool': 1,
};

function targetOf({ network, address }: GrpcAddress): string {
	return network === 'unix' ? `unix:${address}` : `dns:${address}`;
}

/** Trusts one certificate, whatever else it may have signed. */
function pinned({ serverCertificate, certificatePem, privateKeyPem }: PinnedTls): ChannelCredentials {
	const certificate = new X509Certificate(serverCertificate);
	return credentials.createSsl(
		Buffer.from(certificate.toString()),
		Buffer.from(privateKeyPem),
		Buffer.from(certificatePem),
		{
			checkServerIdentity: (_host, { raw }) => {
				if (Buffer.compare(raw, serverCertificate) === 0) return undefined;
				return new Error('the server has another certificate than the one that it announced');
			},
		},
	);
}

function timing({ deadline }: GrpcCallOptions) {
	return deadline === undefined || !Number.isFinite(deadline) ? {} : { deadline };
}

function failure(error: unknown, { signal, subject, named }: GrpcCallOptions): OrchestraError {
	return signal?.aborted && signal.reason instanceof OrchestraError
		? signal.reason
		: statusError(error, subject, named);
}

/** Returns what ends the listening. */
function cancelOn(signal: AbortSignal | undefined, cancel: () => void): () => void {
	if (!signal) return () => {};
	if (signal.aborted) cancel();
	signal.addEventListener('abort', cancel, { once: true });
	return () => signal.removeEventListener('abort', cancel);
}

function drained(call: NodeJS.EventEmitter): Promise<void> {
	return new Promise((resolve) => {
		const over = () => {
			call.off('drain', over).off('close', over).off('error', over);
			resolve();
		};
		call.on('drain', over).on('close', over).on('error', over);
	});
}
