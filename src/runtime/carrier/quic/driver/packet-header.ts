/** Bytes of the connection ids that we choose. Longer ones cost space in each packet; 64 random bits do not collide. */
export const connectionIdBytes = 8;

/** QUIC's limit on a connection id, in bytes (RFC 9000, 17.2). */
const maxIdBytes = 20;

/** The largest number of bytes that fit a number exactly. */
const keyBytes = 6;

/** A packet of a handshake, as far as any version of QUIC defines it (RFC 8999). */
export interface LongHeader {
	readonly version: number;
	/** Whether a server may start a connection for it, if the version is QUIC 1. */
	readonly initial: boolean;
	readonly destinationId: Buffer;
	readonly sourceId: Buffer;
	/** Offset of the part that depends on the version. */
	readonly end: number;
}

/** Whether a datagram begins with a packet of a handshake. */
export function hasLongHeader(datagram: Buffer): boolean {
	return ((datagram[0] ?? 0) & 0x80) !== 0;
}

/**
 * Key by which a connection id of ours is looked up: its first 48 bits, as a number. Read in JavaScript since it is done for every
 * datagram, and the binding's own parser makes five objects.
 */
export function connectionKey(id: Uint8Array): number {
	return Buffer.from(id.buffer, id.byteOffset, id.byteLength).readUIntBE(0, keyBytes);
}

/** The key of the connection that a datagram with a short header is for; undefined where it is too short to be one. */
export function shortHeaderKey(datagram: Buffer): number | undefined {
	return datagram.length > connectionIdBytes ? datagram.readUIntBE(1, keyBytes) : undefined;
}

/** Reads the header of a packet of a handshake; undefined where the bytes are none. */
export function readLongHeader(datagram: Buffer): LongHeader | undefined {
	if (datagram.length < 7) return undefined;
	const first = datagram.readUInt8(0);
	const version = datagram.readUInt32BE(1);
	const destinationLength = datagram.readUInt8(5);
	const sourceAt = 6 + destinationLength;
	if (destinationLength > maxIdBytes || datagram.length <= sourceAt) return undefined;
	const sourceLength = datagram.readUInt8(sourceAt);
	const end = sourceAt + 1 + sourceLength;
	if (sourceLength > maxIdBytes || datagram.length < end) return undefined;
	return {
		version,
		initial: (first & 0x70) === 0x40,
		destinationId: datagram.subarray(6, sourceAt),
		sourceId: datagram.subarray(sourceAt + 1, end),
		end,
	};
}

/**
 * Bytes of the handshake's packets in a datagram, without what pads it: the lengths stand in the clear. All of the datagram where
 * they make no sense. Padding is no cost, and a datagram of 16,000 bytes may hold 900 bytes of a handshake.
 */
export function handshakeBytes(datagram: Buffer): number {
	let at = 0;
	while (at < datagram.length && hasLongHeader(datagram.subarray(at))) {
		const packet = datagram.subarray(at);
		const header = readLongHeader(packet);
		if (header?.version !== 1) break;
		let lengthAt = header.end;
		if (header.initial) {
			const token = readInitialToken(packet, header);
			if (!token) return datagram.length;
			lengthAt = token.byteOffset - packet.byteOffset + token.length;
		}
		const length = readVarint(packet, lengthAt);
		if (!length) return datagram.length;
		at += length.end + length.value;
	}
	return Math.min(at, datagram.length);
}

/** A number of QUIC's variable length (RFC 9000, 16), and where it ends; undefined where it is cut short. */
function readVarint(bytes: Buffer, at: number): { value: number; end: number } | undefined {
	const first = bytes[at];
	if (first === undefined) return undefined;
	const end = at + (1 << (first >> 6));
	if (end > bytes.length) return undefined;
	let value = first & 0x3f;
	for (let next = at + 1; next < end; next++) value = value * 256 + bytes.readUInt8(next);
	return { value, end };
}

/** The token of an Initial packet of QUIC 1; empty where it has none, undefined where the bytes are cut short. */
export function readInitialToken(datagram: Buffer, header: LongHeader): Buffer | undefined {
	const first = datagram[header.end];
	if (first === undefined) return undefined;
	const lengthBytes = 1 << (first >> 6);
	const start = header.end + lengthBytes;
	if (lengthBytes > 4 || datagram.length < start) return undefined;
	let length = first & 0x3f;
	for (let at = header.end + 1; at < start; at++) length = length * 256 + datagram.readUInt8(at);
	return datagram.length < start + length ? undefined : datagram.subarray(start, start + length);
}
