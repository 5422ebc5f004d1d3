import { randomBytes } from 'node:crypto';
import type { Address } from '../../src/runtime/carrier/address.ts';
import type { ConnectionEnd } from '../../src/runtime/carrier/quic/driver/connection-end.ts';
import { QuicDriver } from '../../src/runtime/carrier/quic/driver/quic-driver.ts';
import { UdpSocket } from '../../src/runtime/carrier/quic/driver/udp-socket.ts';
import { loadQuicBinding } from '../../src/runtime/carrier/quic/native/native-binding.ts';
import type { QuicheConfig, QuicheConnection } from '../../src/runtime/carrier/quic/native/quiche.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { encodeRequestFrame } from '../../src/runtime/wire/frame.ts';
import { FrameDecoder } from '../../src/runtime/wire/frame-decoder.ts';
import { signalled, within } from './within.ts';

/** How a {@link RawClient} differs from a well-behaved one. */
export interface RawOptions {
	/** Without one it shows no certificate. */
	readonly identity?: Identity;
	readonly caPem: string;
	readonly protocols?: string[];
	readonly idleMs?: number;
	/** A file for its TLS secrets. */
	readonly keysFile?: string;
	/** A session of an earlier connection. */
	readonly session?: Uint8Array;
}

/** A QUIC client that can do what ours never does. */
export class RawClient {
	readonly driver: QuicDriver;
	readonly established: Promise<void>;
	readonly ended: Promise<ConnectionEnd>;
	/** The payloads that came, by stream. */
	readonly frames = new Map<number, Uint8Array[]>();
	/** Streams that the peer has ended or reset. */
	readonly finished = new Set<number>();
	readonly #socket: UdpSocket;
	readonly #decoders = new Map<number, FrameDecoder>();
	#writes: (() => void)[] = [];

	private constructor(native: QuicheConnection, socket: UdpSocket, address: Address) {
		this.#socket = socket;
		this.driver = new QuicDriver(native, socket, { host: address.host, port: address.port }, 2);
		const established = signalled();
		const ended = signalled<ConnectionEnd>();
		this.established = established.promise;
		this.ended = ended.promise;
		this.driver.owner = {
			established: () => established.settle(),
			readable: (streamId) => this.#read(streamId),
			write: () => {
				for (const write of this.#writes.splice(0)) write();
			},
			settle: () => false,
			ended: ended.settle,
		};
	}

	static async dial(address: Address, options: RawOptions): Promise<RawClient> {
		const client: { current?: RawClient } = {};
		const socket = await UdpSocket.connect(address.host, address.port, 1350, {
			datagram: (bytes) => client.current?.driver.receive(bytes, address.host, address.port),
			fault: () => {},
		});
		const native = (await loadQuicBinding()).Connection.connect(
			'localhost',
			randomBytes(8),
			socket.local,
			{ host: address.host, port: address.port },
			await rawConfig(options),
		);
		if (options.keysFile) (native as unknown as Binding).setKeylog(options.keysFile);
		if (options.session) (native as unknown as Binding).setSession(options.session);
		client.current = new RawClient(native, socket, address);
		client.current.driver.turn();
		return client.current;
	}

	/** Waits until the handshake is confirmed at both ends. Uses stream 0. */
	async confirmed(): Promise<void> {
		await this.established;
		this.send(0, encodeRequestFrame({ requestId: 'none', streamCancel: { streamId: 'none' } }), true);
		await this.end(0);
	}

	/** Waits for the end of a stream. */
	async end(streamId: number): Promise<void> {
		const ended = async () => {
			while (!this.finished.has(streamId)) await new Promise((resolve) => setTimeout(resolve, 2));
		};
		await within(ended(), `the end of stream ${streamId}`);
	}

	/** Sends bytes as they are. */
	send(streamId: number, bytes: Uint8Array, fin = false): void {
		this.#writes.push(() => this.driver.native.streamSend(streamId, bytes, fin));
		this.driver.schedule();
	}

	/** Sends bytes as fast as the peer takes them, without an end. Settles when all are on their way, or the connection is over. */
	async pour(streamId: number, bytes: Uint8Array): Promise<void> {
		let at = 0;
		while (at < bytes.length && !this.driver.over) {
			this.#writes.push(() => {
				at += this.driver.native.streamSend(streamId, bytes.subarray(at, at + 64 * 1024), false) ?? 0;
			});
			this.driver.schedule();
			await new Promise((resolve) => setTimeout(resolve, 1));
		}
	}

	/** What the peer is called in packets to it. */
	get destinationId(): Buffer {
		return Buffer.from((this.driver.native as unknown as Binding).destinationId());
	}

	/** What a later connection may try to go on with; undefined before the peer has sent it. */
	get session(): Uint8Array | undefined {
		return (this.driver.native as unknown as Binding).session() ?? undefined;
	}

	/** Sends a datagram that did not come from the engine. */
	sendDatagram(bytes: Uint8Array): void {
		this.#socket.out.set(bytes);
		this.#socket.send(bytes.length, this.driver.remote);
	}

	/** Shuts half of a stream down. */
	shutdown(streamId: number, half: number): void {
		this.#writes.push(() => this.driver.native.streamShutdown(streamId, half, 7));
		this.driver.schedule();
	}

	/** The n-th payload that came on a stream. */
	async frame(streamId: number, index = 0): Promise<Uint8Array> {
		return within(
			(async () => {
				for (;;) {
					const frame = this.frames.get(streamId)?.[index];
					if (frame) return frame;
					await new Promise((resolve) => setTimeout(resolve, 2));
				}
			})(),
			`frame ${index} of stream ${streamId}`,
		);
	}

	/** Falls silent without a word. */
	async vanish(): Promise<void> {
		this.driver.abandon();
		await this.#socket.close();
	}

	#read(streamId: number): void {
		const { native } = this.driver;
		const buffer = new Uint8Array(64 * 1024);
		for (;;) {
			let result: [number, boolean] | null;
			try {
				result = native.streamRecv(streamId, buffer);
			} catch {
				this.finished.add(streamId);
				return;
			}
			if (!result) return;
			const frames = this.frames.get(streamId) ?? [];
			this.frames.set(streamId, frames);
			const decoder = this.#decoders.get(streamId) ?? new FrameDecoder();
			this.#decoders.set(streamId, decoder);
			decoder.push(buffer.slice(0, result[0]), (payload) => frames.push(payload.slice()));
			if (result[1]) {
				this.finished.add(streamId);
				return;
			}
		}
	}
}

/** What the binding has, and only tests use. */
interface Binding {
	setKeylog(file: string): void;
	logKeys(): void;
	destinationId(): Uint8Array;
	session(): Uint8Array | null;
	setSession(session: Uint8Array): void;
}

async function rawConfig(options: RawOptions): Promise<QuicheConfig> {
	const { identity, caPem } = options;
	const config = (await loadQuicBinding()).Config.withBoringSslCtx(
		true,
		false,
		Buffer.from(caPem),
		// Not an empty list: the binding dies of it, and takes the process along.
		identity ? [Buffer.from(identity.privateKeyPem)] : null,
		identity ? [Buffer.from(identity.certificatePem)] : null,
		'ed25519',
	);
	if (options.keysFile) (config as unknown as Binding).logKeys();
	config.setApplicationProtos(options.protocols ?? ['orchestra-plugin']);
	config.setMaxIdleTimeout(options.idleMs ?? 30_000);
	config.setMaxRecvUdpPayloadSize(1350);
	config.setMaxSendUdpPayloadSize(1350);
	config.setInitialMaxData(2 ** 40);
	config.setInitialMaxStreamDataBidiLocal(2 ** 20);
	config.setInitialMaxStreamDataBidiRemote(2 ** 20);
	config.setInitialMaxStreamsUni(4);
	return config;
}
