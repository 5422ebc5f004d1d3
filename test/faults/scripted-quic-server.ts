import { randomBytes } from 'node:crypto';
import { QuicDriver } from '../../src/runtime/carrier/quic/driver/quic-driver.ts';
import { UdpSocket } from '../../src/runtime/carrier/quic/driver/udp-socket.ts';
import { loadQuicBinding } from '../../src/runtime/carrier/quic/native/native-binding.ts';
import { createQuicConfig } from '../../src/runtime/carrier/quic/native/quic-config.ts';
import { shutdownRead, shutdownWrite } from '../../src/runtime/carrier/quic/native/quiche.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { decodeRequest } from '../../src/runtime/wire/frame.ts';
import { FrameDecoder } from '../../src/runtime/wire/frame-decoder.ts';
import type { HostileScript, HostileServer, WayBack } from './hostile-server.ts';

/** A QUIC server with real mutual TLS that answers whatever its script says. A connection is known by its client's port. */
export async function startScriptedQuicServer(
	identity: Identity,
	script: HostileScript,
	{ maxStreams }: { readonly maxStreams?: number },
): Promise<HostileServer> {
	const quiche = await loadQuicBinding();
	const config = createQuicConfig(quiche, identity, '127.0.0.1');
	if (maxStreams !== undefined) config.setInitialMaxStreamsBidi(maxStreams);
	const connections = new Map<number, ScriptedConnection>();
	const socket: UdpSocket = await UdpSocket.bind('127.0.0.1', 0, 1350, {
		datagram: (bytes, { address, port }) => {
			let connection = connections.get(port);
			if (!connection) {
				const from = { host: address, port };
				const native = quiche.Connection.accept(randomBytes(8), null, socket.local, from, config);
				connection = new ScriptedConnection(new QuicDriver(native, socket, from, 3), script, () =>
					connections.delete(port),
				);
				connections.set(port, connection);
			}
			connection.driver.receive(bytes, address, port);
		},
		fault: () => undefined,
	});
	return {
		address: { carrier: 'quic', host: '127.0.0.1', port: socket.local.port },
		close: async () => {
			for (const { driver } of [...connections.values()]) driver.close(0, '');
			await socket.close();
		},
	};
}

class ScriptedConnection {
	readonly driver: QuicDriver;
	readonly #script: HostileScript;
	readonly #decoders = new Map<number, FrameDecoder>();
	/** What waits to be sent, by stream. */
	readonly #waiting = new Map<number, Uint8Array[]>();
	readonly #ending = new Set<number>();
	#reading = true;

	constructor(driver: QuicDriver, script: HostileScript, onEnded: () => void) {
		this.driver = driver;
		this.#script = script;
		driver.owner = {
			established: () => undefined,
			readable: (streamId) => this.#read(streamId),
			write: () => this.#write(),
			settle: () => false,
			ended: onEnded,
		};
	}

	#read(streamId: number): void {
		if (!this.#reading) return;
		const space = new Uint8Array(64 * 1024);
		try {
			for (;;) {
				const read = this.driver.native.streamRecv(streamId, space);
				if (!read) return;
				if ((streamId & 3) === 0) this.#take(streamId, space.slice(0, read[0]));
				if (read[1]) return;
			}
		} catch {
			// Reset by the client.
		}
	}

	#take(streamId: number, bytes: Uint8Array): void {
		const decoder = this.#decoders.get(streamId) ?? new FrameDecoder();
		this.#decoders.set(streamId, decoder);
		decoder.push(bytes, (payload) => {
			const request = decodeRequest(payload);
			if (request.streamCancel) this.#wayBack(streamId).end();
			else this.#script(request, this.#wayBack(streamId));
		});
	}

	#wayBack(streamId: number): WayBack {
		return {
			write: (bytes) => {
				this.#waiting.set(streamId, [...(this.#waiting.get(streamId) ?? []), bytes]);
				this.driver.schedule();
			},
			end: () => {
				this.#ending.add(streamId);
				this.#waiting.set(streamId, this.#waiting.get(streamId) ?? []);
				this.driver.schedule();
			},
			reset: () => {
				this.driver.native.streamShutdown(streamId, shutdownWrite, 9);
				this.driver.native.streamShutdown(streamId, shutdownRead, 9);
				this.driver.schedule();
			},
			stopReading: () => {
				this.#reading = false;
			},
		};
	}

	#write(): void {
		for (const [streamId, parts] of [...this.#waiting]) {
			const bytes = Buffer.concat(parts);
			const last = this.#ending.has(streamId);
			try {
				const taken = this.driver.native.streamSend(streamId, bytes, last) ?? 0;
				if (taken < bytes.length) this.#waiting.set(streamId, [bytes.subarray(taken)]);
				else this.#waiting.delete(streamId);
			} catch {
				// The client wants no more of it.
				this.#waiting.delete(streamId);
			}
		}
	}
}
