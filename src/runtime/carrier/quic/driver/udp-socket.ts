import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { onDeno } from '../../../platform/on-deno.ts';
import type { HostPort } from '../native/quiche.ts';

/** Receives the datagrams and the end of a {@link UdpSocket}. Neither may throw. */
export interface UdpListener {
	/** The bytes belong to the listener. */
	datagram(bytes: Buffer, from: RemoteInfo): void;
	/** A datagram could not be sent or received; the socket itself goes on. `ECONNREFUSED` says that nothing is at the peer's port. */
	fault(error: NodeJS.ErrnoException): void;
}

/**
 * Bytes that the kernel keeps for us. Its default (208 KiB on Linux) is less than a bulk transfer has under way, and what does
 * not fit is lost. Never on Deno: it allocates a buffer of this size for each datagram.
 */
const kernelBufferBytes = 4 * 1024 * 1024;

/** A UDP socket that is bound, and perhaps connected to one peer. */
export class UdpSocket {
	/** Address to which it is bound. */
	readonly local: HostPort;
	readonly #socket: Socket;
	readonly #connected: boolean;
	#out: Buffer;
	#closing: Promise<void> | undefined;

	private constructor(socket: Socket, connected: boolean, maxSendBytes: number) {
		const { address, port } = socket.address();
		this.local = { host: address, port };
		this.#socket = socket;
		this.#connected = connected;
		this.#out = Buffer.allocUnsafeSlow(maxSendBytes);
	}

	/** Binds a socket for any number of peers. Rejects with the system's error. */
	static async bind(
		host: string,
		port: number,
		maxSendBytes: number,
		listener: UdpListener,
	): Promise<UdpSocket> {
		const socket = create(host);
		await settled(socket, (done) => socket.bind({ port, address: host, exclusive: true }, done));
		return UdpSocket.#start(socket, false, maxSendBytes, listener);
	}

	/** Makes a socket that hears one peer only, and learns of it when nothing is there (not on Deno). Rejects with the system's error. */
	static async connect(
		host: string,
		port: number,
		maxSendBytes: number,
		listener: UdpListener,
	): Promise<UdpSocket> {
		const socket = create(host);
		// Deno binds to every interface unless told.
		const from = host === '::1' || host.startsWith('127.') ? host : isIPv6(host) ? '::' : '0.0.0.0';
		await settled(socket, (done) => socket.bind({ port: 0, address: from, exclusive: true }, done));
		await settled(socket, (done) => socket.connect(port, host, done));
		return UdpSocket.#start(socket, true, maxSendBytes, listener);
	}

	static #start(socket: Socket, connected: boolean, maxSendBytes: number, listener: UdpListener): UdpSocket {
		socket.on('message', (bytes, from) => listener.datagram(bytes, from));
		socket.on('error', (error) => listener.fault(error));
		return new UdpSocket(socket, connected, maxSendBytes);
	}

	/** Buffer for the next datagram. Ask anew for each: a buffer that the system still reads is not given again. */
	get out(): Buffer {
		return this.#out;
	}

	/** Sends the first `length` bytes of {@link out}. Faults go to the listener. */
	send(length: number, to: HostPort): void {
		if (this.#closing) return;
		const socket = this.#socket;
		if (onDeno) {
			// It sends later, and does not say when.
			this.#dispatch(Buffer.from(this.#out.subarray(0, length)), length, to);
			return;
		}
		this.#dispatch(this.#out, length, to);
		// Node sends at once unless the kernel's buffer is full; only then does it keep the bytes.
		if (socket.getSendQueueCount() > 0) this.#out = Buffer.allocUnsafeSlow(this.#out.length);
	}

	#dispatch(bytes: Buffer, length: number, to: HostPort): void {
		if (this.#connected) this.#socket.send(bytes, 0, length);
		else this.#socket.send(bytes, 0, length, to.port, to.host);
	}

	/** The socket's one peer is done: the process may end while it is open. Does nothing to a socket with several. */
	rest(): void {
		if (this.#connected) this.#socket.unref();
	}

	/** Sends what is under way and frees the port. Safe to call twice. */
	close(): Promise<void> {
		this.#closing ??= new Promise((resolve) => {
			this.#socket.removeAllListeners('message');
			// A send that is still under way may fail now; nobody wants to hear of it.
			this.#socket.once('close', resolve);
			setImmediate(() => this.#socket.close());
		});
		return this.#closing;
	}
}

function create(host: string): Socket {
	const family = isIPv6(host) ? 6 : 4;
	return createSocket({
		type: `udp${family}`,
		// quiche gives IP literals only; Node would ask its resolver for each datagram, a turn of the loop later.
		lookup: (name, _options, callback) => callback(null, name, family),
		...(onDeno ? {} : { recvBufferSize: kernelBufferBytes, sendBufferSize: kernelBufferBytes }),
	});
}

/** Waits for an operation on a socket, and closes the socket where it fails. */
function settled(socket: Socket, start: (done: () => void) => void): Promise<void> {
	return new Promise((resolve, reject) => {
		const onError = (error: Error) => {
			socket.close();
			reject(error);
		};
		socket.once('error', onError);
		try {
			start(() => {
				socket.removeListener('error', onError);
				resolve();
			});
		} catch (error) {
			socket.close();
			reject(error);
		}
	});
}
