import { createCipheriv, createHmac, randomBytes } from 'node:crypto';

/** The salt of QUIC 1's Initial keys (RFC 9001, 5.2). */
const initialSalt = Buffer.from('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'hex');

const tagBytes = 16;

/** Bytes of the header of our Initial packets, without a token. */
const headerBytes = 31;

/** Bytes of every datagram that starts a connection. */
const datagramBytes = 1200;

/**
 * A client that starts a handshake and never ends it: Initial packets as anybody can make them, with CRYPTO frames of one byte each
 * at places that leave gaps. It has no certificate.
 */
export class SparseInitials {
	readonly #key: Buffer;
	readonly #iv: Buffer;
	readonly #headerKey: Buffer;
	readonly #destinationId: Buffer;
	readonly #token: Buffer;
	readonly #sourceId = randomBytes(8);
	#number = 0;
	#offset = 1;

	/** @param retry what the server has asked to be tried again with */
	constructor(retry: { id: Buffer; token: Buffer } = { id: randomBytes(8), token: Buffer.alloc(0) }) {
		this.#destinationId = retry.id;
		this.#token = retry.token;
		const secret = createHmac('sha256', initialSalt).update(this.#destinationId).digest();
		const client = expand(secret, 'client in', 32);
		this.#key = expand(client, 'quic key', 16);
		this.#iv = expand(client, 'quic iv', 12);
		this.#headerKey = expand(client, 'quic hp', 16);
	}

	/** The next datagram. */
	next(): Buffer {
		const frames = Buffer.alloc(datagramBytes - headerBytes - this.#token.length - tagBytes);
		for (let at = 0; at + 7 <= frames.length; at += 7) {
			frames.writeUInt8(0x06, at);
			// A length of four bytes: the offset, then one byte of data.
			frames.writeUInt32BE(0x8000_0000 + this.#offset, at + 1);
			frames.writeUInt8(1, at + 5);
			frames.writeUInt8(0xff, at + 6);
			this.#offset += 2;
		}
		return this.#packet(frames);
	}

	#packet(frames: Buffer): Buffer {
		const number = this.#number++;
		const numberBytes = Buffer.alloc(4);
		numberBytes.writeUInt32BE(number);
		const lengthBytes = Buffer.alloc(2);
		lengthBytes.writeUInt16BE(0x4000 + numberBytes.length + frames.length + tagBytes);
		const tokenLength = Buffer.alloc(2);
		tokenLength.writeUInt16BE(0x4000 + this.#token.length);
		const header = Buffer.concat([
			Buffer.of(0xc3, 0, 0, 0, 1, 8),
			this.#destinationId,
			Buffer.of(8),
			this.#sourceId,
			tokenLength,
			this.#token,
			lengthBytes,
			numberBytes,
		]);
		const nonce = Buffer.from(this.#iv);
		nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8);
		const cipher = createCipheriv('aes-128-gcm', this.#key, nonce);
		cipher.setAAD(header);
		const sealed = Buffer.concat([cipher.update(frames), cipher.final(), cipher.getAuthTag()]);
		const mask = createCipheriv('aes-128-ecb', this.#headerKey, null).update(sealed.subarray(0, 16));
		header.writeUInt8(header.readUInt8(0) ^ (mask.readUInt8(0) & 0x0f), 0);
		const numberAt = header.length - numberBytes.length;
		for (let index = 0; index < numberBytes.length; index++) {
			header.writeUInt8(header.readUInt8(numberAt + index) ^ mask.readUInt8(index + 1), numberAt + index);
		}
		return Buffer.concat([header, sealed]);
	}
}

/** Reads a server's wish that the client prove its address; undefined where it is something else. */
export function readRetry(datagram: Buffer): { id: Buffer; token: Buffer } | undefined {
	if ((datagram.readUInt8(0) & 0xf0) !== 0xf0) return undefined;
	const sourceAt = 6 + datagram.readUInt8(5);
	const tokenAt = sourceAt + 1 + datagram.readUInt8(sourceAt);
	return { id: datagram.subarray(sourceAt + 1, tokenAt), token: datagram.subarray(tokenAt, -tagBytes) };
}

/** HKDF-Expand-Label of TLS 1.3, for at most one block. */
export function expand(secret: Buffer, label: string, bytes: number): Buffer {
	const name = Buffer.from(`tls13 ${label}`);
	const info = Buffer.concat([Buffer.of(0, bytes, name.length), name, Buffer.of(0, 1)]);
	return createHmac('sha256', secret).update(info).digest().subarray(0, bytes);
}
