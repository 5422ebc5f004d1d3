import { once } from 'node:events';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import type { Address } from '../../../src/runtime/carrier/address.ts';
import type { Identity } from '../../../src/runtime/identity/identity.ts';
import { decodeResponse } from '../../../src/runtime/wire/frame.ts';
import { FrameDecoder } from '../../../src/runtime/wire/frame-decoder.ts';
import type { PluginResponse } from '../../../src/runtime/wire/generated/messages.ts';
import { within } from '../within.ts';

/** A client that writes whatever bytes it is given, over real mutual TLS. */
export class RawClient {
	readonly socket: TLSSocket;
	/** Settles when the server has ended the connection, by whatever means. */
	readonly ended: Promise<unknown>;
	readonly responses: PluginResponse[] = [];

	private constructor(socket: TLSSocket) {
		this.socket = socket;
		this.ended = new Promise((resolve) => {
			socket.once('end', resolve);
			socket.once('close', resolve);
		});
		socket.on('error', () => undefined);
	}

	/** Connects, and reads what comes unless told otherwise. */
	static async connect(
		address: Address,
		identity: Identity | undefined,
		options: ConnectionOptions & { read?: boolean; caPem?: string } = {},
	): Promise<RawClient> {
		const { read = true, caPem, ...tls } = options;
		const settings: ConnectionOptions & { allowHalfOpen: boolean } = {
			// Like a client that ends its half after its request.
			allowHalfOpen: true,
			host: address.host,
			port: address.port,
			servername: 'localhost',
			ca: caPem ?? identity?.caPem ?? '',
			...(identity && { cert: identity.certificatePem, key: identity.privateKeyPem }),
			ALPNProtocols: ['orchestra-plugin'],
			...tls,
		};
		const socket = connect(settings);
		const client = new RawClient(socket);
		await within(once(socket, 'secureConnect'), 'the TLS handshake');
		if (read) client.#read();
		return client;
	}

	write(...parts: Uint8Array[]): void {
		for (const part of parts) this.socket.write(part);
	}

	/** Waits for this many responses. */
	async received(count: number): Promise<PluginResponse[]> {
		while (this.responses.length < count) {
			await within(
				Promise.race([
					once(this.socket, 'data'),
					this.ended.then(() => {
						if (this.responses.length < count) {
							throw new Error(`the connection ended after ${this.responses.length} of ${count} responses`);
						}
					}),
				]),
				`${count} responses (${this.responses.length} came)`,
			);
		}
		return this.responses;
	}

	/** Waits until the server has ended the connection. */
	async gone(): Promise<void> {
		await within(this.ended, 'the server ends the connection');
	}

	close(): void {
		this.socket.destroy();
	}

	#read(): void {
		const decoder = new FrameDecoder();
		this.socket.on('data', (chunk) => {
			decoder.push(chunk, (payload) => this.responses.push(decodeResponse(payload)));
		});
	}
}

/** A frame with these bytes as its payload. */
export function frameOf(payload: Uint8Array): Uint8Array {
	return Buffer.concat([lengthHeader(payload.length), payload]);
}

/** The four bytes before a message of this length. */
export function lengthHeader(length: number): Uint8Array {
	const header = Buffer.alloc(4);
	header.writeUInt32BE(length);
	return header;
}
