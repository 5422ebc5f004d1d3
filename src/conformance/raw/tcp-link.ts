import { connect, type TLSSocket } from 'node:tls';
import { alpnProtocol } from '../../runtime/carrier/tcp/tls-options.ts';
import type { PluginResponse } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { Inbox } from './inbox.ts';
import type { RawLink, RawLinkOptions } from './raw-link.ts';

/** Opens a raw link over TLS. @throws OrchestraError `handshake_failed`, `deadline_exceeded` */
export async function openTcpLink(options: RawLinkOptions): Promise<RawLink> {
	const { address, identity, anonymous, timeoutMs } = options;
	const settings = {
		host: address.host,
		port: address.port,
		servername: 'localhost',
		ca: identity.caPem,
		...(anonymous ? {} : { cert: identity.certificatePem, key: identity.privateKeyPem }),
		ALPNProtocols: [alpnProtocol],
		allowHalfOpen: true,
	};
	const socket = connect(settings);
	const link = new TcpLink(socket);
	await new Promise<void>((resolve, reject) => {
		const fail = (error: OrchestraError) => {
			socket.destroy();
			reject(error);
		};
		const timer = setTimeout(() => {
			fail(new OrchestraError('deadline_exceeded', `no handshake within ${timeoutMs} ms`));
		}, timeoutMs);
		socket.once('secureConnect', () => {
			clearTimeout(timer);
			resolve();
		});
		socket.once('error', (cause: Error) => {
			clearTimeout(timer);
			fail(new OrchestraError('handshake_failed', cause.message, { cause }));
		});
	});
	return link;
}

class TcpLink implements RawLink {
	readonly #socket: TLSSocket;
	readonly #inbox = new Inbox();

	constructor(socket: TLSSocket) {
		this.#socket = socket;
		socket.on('data', (bytes: Uint8Array) => this.#inbox.push(bytes));
		socket.on('end', () => this.#inbox.end());
		socket.on('close', () => this.#inbox.end());
		// A refusal comes as an error; the end that follows is what counts.
		socket.on('error', () => this.#inbox.end());
	}

	write(bytes: Uint8Array, end = false): void {
		if (end) this.#socket.end(bytes);
		else this.#socket.write(bytes);
	}

	next(timeoutMs: number): Promise<PluginResponse | undefined> {
		return this.#inbox.next(timeoutMs);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#socket.destroy();
	}
}
