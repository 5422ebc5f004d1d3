import { randomBytes } from 'node:crypto';
import { QuicDriver } from '../../runtime/carrier/quic/driver/quic-driver.ts';
import { UdpSocket } from '../../runtime/carrier/quic/driver/udp-socket.ts';
import { loadQuicBinding } from '../../runtime/carrier/quic/native/native-binding.ts';
import type { Quiche, QuicheConfig } from '../../runtime/carrier/quic/native/quiche.ts';
import { alpnProtocol } from '../../runtime/carrier/tcp/tls-options.ts';
import { settlesWithin } from '../../runtime/platform/settles-within.ts';
import type { PluginResponse } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { Inbox } from './inbox.ts';
import type { RawLink, RawLinkOptions } from './raw-link.ts';

/** Bytes of a datagram: fits every path. */
const packetBytes = 1350;

/** The first bidirectional stream of a client. */
const streamId = 0;

/** Opens a raw link over QUIC. @throws OrchestraError `handshake_failed`, `deadline_exceeded`, `carrier_unavailable` */
export async function openQuicLink(options: RawLinkOptions): Promise<RawLink> {
	const { address, timeoutMs } = options;
	const quiche = await loadQuicBinding();
	const remote = { host: address.host, port: address.port };
	const held: { driver?: QuicDriver } = {};
	const socket: UdpSocket = await UdpSocket.connect(address.host, address.port, packetBytes, {
		datagram: (bytes, from) => held.driver?.receive(bytes, from.address, from.port),
		fault: () => {},
	});
	const config = linkConfig(quiche, options);
	const native = quiche.Connection.connect('localhost', randomBytes(8), socket.local, remote, config);
	held.driver = new QuicDriver(native, socket, remote, 2);
	const link = new QuicLink(held.driver, socket);
	held.driver.turn();
	await settlesWithin(link.settled, timeoutMs);
	if (link.established) return link;
	await link[Symbol.asyncDispose]();
	throw link.over
		? new OrchestraError('handshake_failed', 'the connection ended in its handshake')
		: new OrchestraError('deadline_exceeded', `no handshake within ${timeoutMs} ms`);
}

function linkConfig(quiche: Quiche, { identity, anonymous, timeoutMs }: RawLinkOptions): QuicheConfig {
	const config = quiche.Config.withBoringSslCtx(
		true,
		false,
		Buffer.from(identity.caPem),
		anonymous ? null : [Buffer.from(identity.privateKeyPem)],
		anonymous ? null : [Buffer.from(identity.certificatePem)],
		'ed25519:ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256',
	);
	config.setApplicationProtos([alpnProtocol]);
	config.setMaxIdleTimeout(Math.max(30_000, timeoutMs));
	config.setMaxRecvUdpPayloadSize(packetBytes);
	config.setMaxSendUdpPayloadSize(packetBytes);
	config.setInitialMaxData(2 ** 40);
	config.setInitialMaxStreamDataBidiLocal(2 ** 20);
	config.setInitialMaxStreamDataBidiRemote(2 ** 20);
	config.setInitialMaxStreamsUni(4);
	return config;
}

class QuicLink implements RawLink {
	/** Settles when the handshake is over, either way. */
	readonly settled: Promise<void>;
	established = false;
	over = false;
	readonly #driver: QuicDriver;
	readonly #socket: UdpSocket;
	readonly #inbox = new Inbox();
	readonly #space = new Uint8Array(64 * 1024);
	#waiting: Uint8Array[] = [];
	#ends = false;

	constructor(driver: QuicDriver, socket: UdpSocket) {
		this.#driver = driver;
		this.#socket = socket;
		this.settled = new Promise((resolve) => {
			driver.owner = {
				established: () => {
					this.established = true;
					resolve();
				},
				readable: (id) => this.#read(id),
				write: () => this.#send(),
				settle: () => false,
				ended: () => {
					this.over = true;
					this.#inbox.end();
					resolve();
				},
			};
		});
	}

	write(bytes: Uint8Array, end = false): void {
		this.#waiting.push(bytes);
		this.#ends ||= end;
		if (!this.over) this.#driver.schedule();
	}

	next(timeoutMs: number): Promise<PluginResponse | undefined> {
		return this.#inbox.next(timeoutMs);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (!this.over) this.#driver.close(0, '');
		await this.#socket.close();
	}

	#send(): void {
		const [bytes] = this.#waiting;
		if (!bytes) return;
		const last = this.#ends && this.#waiting.length === 1;
		try {
			const taken = this.#driver.native.streamSend(streamId, bytes, last) ?? 0;
			if (taken < bytes.length) this.#waiting[0] = bytes.subarray(taken);
			else this.#waiting.shift();
			if (this.#waiting.length > 0 && taken > 0) this.#driver.schedule();
		} catch {
			// The plugin wants no more of it.
			this.#waiting = [];
		}
	}

	#read(id: number): void {
		for (;;) {
			let read: [number, boolean] | null;
			try {
				read = this.#driver.native.streamRecv(id, this.#space);
			} catch {
				// Reset by the plugin.
				if (id === streamId) this.#inbox.end();
				return;
			}
			if (!read) return;
			if (id === streamId) this.#inbox.push(this.#space.slice(0, read[0]));
			if (read[1]) {
				if (id === streamId) this.#inbox.end();
				return;
			}
		}
	}
}
