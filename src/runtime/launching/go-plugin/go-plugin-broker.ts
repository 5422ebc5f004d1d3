import { join } from 'node:path';
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import type { GrpcChannel, PinnedTls } from '../../grpc/grpc-channel.ts';
import { type ConnInfo, connInfoForm } from '../../grpc/own-messages.ts';
import { statusOf } from '../../grpc/status-error.ts';
import { maxMessageBytes } from '../../wire/limits.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/** Answers one call of a plugin to its host. */
export type CallbackHandler = (request: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>;

/** A service of the host that may be offered. */
export interface CallbackServer {
	/** The path of its socket. */
	readonly address: string;
}

/** The largest number of a side channel. */
const maxId = 0xffff_ffff;

/** Address of the plugin, and what side channels are secured with. */
export interface BrokerOptions {
	/** The plugin, for messages. */
	readonly name: string;
	readonly channel: GrpcChannel;
	/** Folder of this launch, for sockets. */
	readonly folder: string;
	/** Undefined where the plugin speaks in the clear. */
	readonly tls: PinnedTls | undefined;
}

/** Side channels between a go-plugin and its host, by numbers: services of the host that the plugin calls. */
export class GoPluginBroker {
	readonly #options: BrokerOptions;
	readonly #servers = new Set<Server>();
	readonly #outgoing: ConnInfo[] = [];
	#wake: () => void = () => {};
	#closed = false;
	#lastId = 0;
	#started: Promise<void> | undefined;

	constructor(options: BrokerOptions) {
		this.#options = options;
	}

	/**
	 * Serves unary methods, by their paths: `/proto.AddHelper/Sum`. The plugin may call them when they were offered to it.
	 *
	 * @throws OrchestraError `start_failed` where no socket could be made
	 */
	async serve(methods: Readonly<Record<string, CallbackHandler>>): Promise<CallbackServer> {
		const { name, folder, tls } = this.#options;
		const server = new Server({
			'grpc.max_receive_message_length': maxMessageBytes,
			'grpc.max_send_message_length': maxMessageBytes,
		});
		this.#servers.add(server);
		const paths = Object.keys(methods);
		server.addService(
			definitionOf(paths),
			Object.fromEntries(
				paths.map((path) => [
					path,
					(
						call: { request: Buffer; on(event: 'cancelled', listener: () => void): void },
						done: (error: { code: number; details: string } | null, answer?: Uint8Array) => void,
					) => {
						const controller = new AbortController();
						call.on('cancelled', () =>
							controller.abort(new OrchestraError('cancelled', `${name} gave up its call`)),
						);
						// The lookup cannot fail: the paths are those of the definition.
						const handler = methods[path] as CallbackHandler;
						handler(call.request, controller.signal).then(
							(answer) => done(null, answer),
							(error: unknown) => done(statusOf(error)),
						);
					},
				]),
			),
		);
		const address = join(folder, `callback-${this.#servers.size}.sock`);
		await new Promise<void>((resolve, reject) => {
			server.bindAsync(`unix:${address}`, serverCredentials(tls), (error) => {
				if (!error) return resolve();
				const text = `${name} cannot be served its call-backs: ${error.message}`;
				reject(new OrchestraError('start_failed', text, { cause: error }));
			});
		});
		return { address };
	}

	/**
	 * Offers a service to the plugin, for one connection, which it has to make within 5 s.
	 *
	 * @returns the number under which it finds it: the plugin has to be told
	 */
	offer({ address }: CallbackServer): number {
		this.#lastId = (this.#lastId % maxId) + 1;
		this.#send({ serviceId: this.#lastId, network: 'unix', address });
		return this.#lastId;
	}

	/** Ends all side channels that the host serves. Safe to call twice. */
	close(): void {
		this.#closed = true;
		this.#wake();
		for (const server of this.#servers) server.forceShutdown();
		this.#servers.clear();
	}

	#send(info: ConnInfo): void {
		this.#outgoing.push(info);
		this.#start();
		this.#wake();
	}

	#start(): void {
		// It ends with the plugin, whose end its owner sees.
		this.#started ??= this.#exchange().catch(() => {});
	}

	async #exchange(): Promise<void> {
		const { channel, name } = this.#options;
		const announced = channel.duplex('/plugin.GRPCBroker/StartStream', this.#announcements(), {
			subject: `the broker of ${name}`,
		});
		// Services that the plugin offers in its turn, nobody here asks for.
		for await (const _ of announced);
	}

	async *#announcements(): AsyncGenerator<Uint8Array> {
		while (!this.#closed) {
			const next = this.#outgoing.shift();
			if (next) yield connInfoForm.encode(next);
			else {
				await new Promise<void>((resolve) => {
					this.#wake = resolve;
				});
			}
		}
	}
}

function definitionOf(paths: readonly string[]): ServiceDefinition {
	const same = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return Object.fromEntries(
		paths.map((path) => [
			path,
			{
				path,
				requestStream: false,
				responseStream: false,
				requestSerialize: same,
				requestDeserialize: (bytes: Buffer) => bytes,
				responseSerialize: same,
				responseDeserialize: (bytes: Buffer) => bytes,
			},
		]),
	);
}

/** The plugin takes our certificate of the launch for a server's too, and shows its own. */
function serverCredentials(tls: PinnedTls | undefined): ServerCredentials {
	if (!tls) return ServerCredentials.createInsecure();
	const lines =
		Buffer.from(tls.serverCertificate)
			.toString('base64')
			.match(/.{1,64}/g) ?? [];
	const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
	return ServerCredentials.createSsl(
		Buffer.from(pem),
		[{ private_key: Buffer.from(tls.privateKeyPem), cert_chain: Buffer.from(tls.certificatePem) }],
		true,
	);
}
