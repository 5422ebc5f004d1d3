/**
 * The part of the native quiche binding that this carrier uses (quiche 0.18 in `@matrixai/quic` 2.0), with what its own type
 * definitions leave out: what is null, and what throws. Every throw is a plain Error whose message is the name of quiche's
 * error, `StreamStopped(3)` for one. quiche's `Done` ("nothing to do") is null where the type says so and thrown elsewhere.
 */
export interface Quiche {
	readonly Config: {
		/**
		 * @param verifyPeer on a listener it also refuses a client that shows no certificate
		 * @param ca roots, PEM
		 * @param keys private keys, PEM; the first goes with the first certificate chain
		 * @param chains certificate chains, PEM, leaf first
		 * @param sigalgs BoringSSL's names, separated by colons; ed25519 is not among its defaults
		 * @throws on PEM that it cannot use. An empty list, or a chain without a certificate, ends the whole process.
		 */
		withBoringSslCtx(
			verifyPeer: boolean,
			verifyAllowFail: boolean,
			ca: Uint8Array,
			keys: Uint8Array[] | null,
			chains: Uint8Array[] | null,
			sigalgs: string,
		): QuicheConfig;
	};
	readonly Connection: {
		connect(
			serverName: string,
			sourceId: Uint8Array,
			local: HostPort,
			remote: HostPort,
			config: QuicheConfig,
		): QuicheConnection;
		/** @param originalId the destination id of the client's first packet, where a retry came in between */
		accept(
			sourceId: Uint8Array,
			originalId: Uint8Array | null,
			local: HostPort,
			remote: HostPort,
			config: QuicheConfig,
		): QuicheConnection;
	};
	/** Writes a version negotiation packet and returns its length. */
	negotiateVersion(sourceId: Uint8Array, destinationId: Uint8Array, out: Uint8Array): number;
	/** Writes a retry packet and returns its length. */
	retry(
		sourceId: Uint8Array,
		destinationId: Uint8Array,
		newSourceId: Uint8Array,
		token: Uint8Array,
		version: number,
		out: Uint8Array,
	): number;
	versionIsSupported(version: number): boolean;
}

/** The address of a UDP socket; `host` is an IP literal without a scope (`fe80::1`, never `fe80::1%eth0`). */
export interface HostPort {
	readonly host: string;
	readonly port: number;
}

/** Addresses between which a datagram came. */
export interface RecvInfo {
	readonly from: HostPort;
	readonly to: HostPort;
}

/** Settings of connections to come; a connection keeps those it was made with. */
export interface QuicheConfig {
	/** 48 bytes that session tickets are sealed with. A ticket of another key leads to a full handshake. */
	setTicketKey(key: Uint8Array): void;
	setApplicationProtos(protocols: string[]): void;
	/** Milliseconds; 0 for none. */
	setMaxIdleTimeout(ms: number): void;
	setMaxRecvUdpPayloadSize(bytes: number): void;
	setMaxSendUdpPayloadSize(bytes: number): void;
	setInitialMaxData(bytes: number): void;
	setInitialMaxStreamDataBidiLocal(bytes: number): void;
	setInitialMaxStreamDataBidiRemote(bytes: number): void;
	setInitialMaxStreamDataUni(bytes: number): void;
	setInitialMaxStreamsBidi(count: number): void;
	setInitialMaxStreamsUni(count: number): void;
	setMaxStreamWindow(bytes: number): void;
	setMaxConnectionWindow(bytes: number): void;
	setDisableActiveMigration(disable: boolean): void;
	enablePacing(enable: boolean): void;
}

/** The half of a stream that {@link QuicheConnection.streamShutdown} ends. The binding's own enum exists at run time only. */
export const shutdownRead = 0;
export const shutdownWrite = 1;

/** Reason for the end of a connection. */
export interface ConnectionError {
	/** True for an application's own code, false for one of QUIC's. */
	readonly isApp: boolean;
	readonly errorCode: number;
	readonly reason: Uint8Array;
}

/** One connection. It does no input or output of its own: the driver carries datagrams in and out, and time. */
export interface QuicheConnection {
	/** Takes a datagram; the bytes are changed. Throws where they cannot be used, and has then closed the connection if need be. */
	recv(datagram: Uint8Array, info: RecvInfo): number;
	/** Writes one datagram; null where there is nothing to send. */
	send(out: Uint8Array): [number, { readonly to: HostPort }] | null;
	/**
	 * Null where nothing can be read now. Throws `StreamReset(code)` once the peer has reset the stream, `InvalidStreamState`
	 * where there is no such stream (any more). True with the last bytes, or with none after them.
	 */
	streamRecv(streamId: number, out: Uint8Array): [number, boolean] | null;
	/**
	 * Takes as much as the windows and the congestion control let it; null for nothing. The first call opens the stream,
	 * even if it takes nothing. Throws `StreamStopped(code)` where the peer wants no more, `StreamLimit` beyond the peer's limit.
	 */
	streamSend(streamId: number, data: Uint8Array, fin: boolean): number | null;
	/** Null where the stream is gone or that half is shut down already. */
	streamShutdown(streamId: number, half: number, code: number): undefined | null;
	/** Bytes that {@link streamSend} would take. Throws `StreamStopped(code)`, and `InvalidStreamState` for no such stream. */
	streamCapacity(streamId: number): number;
	/** Whether everything was read, or the stream is gone. */
	streamFinished(streamId: number): boolean;
	/** Streams with something to read, resets included. Dear: the list and its iterator cost as much as thirty other calls, and collections. */
	readable(): Iterable<number>;
	/** Whether {@link readable} would list any. */
	isReadable(): boolean;
	/** Whether {@link readable} would list this one; false where there is no such stream. */
	streamReadable(streamId: number): boolean;
	/** Streams that could take data; stopped ones too, but none at all while the connection as a whole can send nothing. As dear as {@link readable}. */
	writable(): Iterable<number>;
	peerStreamsLeftBidi(): number;
	peerStreamsLeftUni(): number;
	/** Milliseconds, rounded down, until {@link onTimeout} is due; null for never. */
	timeout(): number | null;
	onTimeout(): void;
	/** Null where it is closing already. */
	close(app: boolean, code: number, reason: Uint8Array): undefined | null;
	/** DER, leaf first; null where there is none yet. */
	peerCertChain(): Uint8Array[] | null;
	applicationProto(): Uint8Array;
	isEstablished(): boolean;
	/** Whether a session ticket took the place of the certificates. */
	isResumed(): boolean;
	/** A close was sent or received: nothing more will be sent. */
	isDraining(): boolean;
	isClosed(): boolean;
	isTimedOut(): boolean;
	peerError(): ConnectionError | null;
	localError(): ConnectionError | null;
	/** `recv` are packets, `recvBytes` theirs; those alone that could be opened, and were not there before. */
	stats(): {
		readonly peerMaxUdpPayloadSize: number;
		readonly lost: number;
		readonly retrans: number;
		readonly recv: number;
		readonly recvBytes: number;
		readonly sentBytes: number;
	};
	sendAckEliciting(): void;
}
