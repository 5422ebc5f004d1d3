import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expand } from './initial-flood.ts';

const tagBytes = 16;
const numberBytes = 4;

/** A packet number beyond all that the client's engine used. */
const firstNumber = 100_000;

/** Seals packets of an established connection with whatever frames in them, in the place of its client. For TLS_AES_128_GCM_SHA256. */
export class PacketSealer {
	readonly #key: Buffer;
	readonly #iv: Buffer;
	readonly #headerKey: Buffer;
	readonly #destinationId: Buffer;
	#number = firstNumber;

	/** @param keysFile where the client wrote its TLS secrets */
	constructor(keysFile: string, destinationId: Buffer) {
		const line = /^CLIENT_TRAFFIC_SECRET_0 \S+ ([0-9a-f]{64})$/m.exec(readFileSync(keysFile, 'utf8'));
		const secret = Buffer.from(line?.[1] ?? '', 'hex');
		if (secret.length === 0) throw new Error('the client wrote no secret');
		this.#key = expand(secret, 'quic key', 16);
		this.#iv = expand(secret, 'quic iv', 12);
		this.#headerKey = expand(secret, 'quic hp', 16);
		this.#destinationId = destinationId;
	}

	/** The next packet. */
	seal(frames: Uint8Array): Buffer {
		const number = this.#number++;
		const header = Buffer.concat([Buffer.of(0x43), this.#destinationId, Buffer.alloc(numberBytes)]);
		const numberAt = header.length - numberBytes;
		header.writeUInt32BE(number, numberAt);
		const nonce = Buffer.from(this.#iv);
		nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8);
		const cipher = createCipheriv('aes-128-gcm', this.#key, nonce);
		cipher.setAAD(header);
		const sealed = Buffer.concat([cipher.update(frames), cipher.final(), cipher.getAuthTag()]);
		const mask = createCipheriv('aes-128-ecb', this.#headerKey, null).update(sealed.subarray(0, tagBytes));
		header.writeUInt8(header.readUInt8(0) ^ (mask.readUInt8(0) & 0x1f), 0);
		for (let index = 0; index < numberBytes; index++) {
			header.writeUInt8(header.readUInt8(numberAt + index) ^ mask.readUInt8(index + 1), numberAt + index);
		}
		return Buffer.concat([header, sealed]);
	}
}
