import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { HostPort } from '../native/quiche.ts';

/** Milliseconds that a token is good for: the time of one round trip, generously. */
const lifetimeMs = 10_000;

const macBytes = 16;
const timeBytes = 6;

/**
 * Tokens by which a client proves that it receives what is sent to its address (RFC 9000, 8.1.2). They hold everything that is
 * needed to go on, so that a client that has not proven it costs the listener nothing.
 */
export class RetryTokens {
	readonly #key = randomBytes(32);

	/** @param originalId the destination id of the client's first packet */
	issue(originalId: Uint8Array, newId: Uint8Array, from: HostPort, now = Date.now()): Buffer {
		const time = Buffer.alloc(timeBytes);
		time.writeUIntBE(now, 0, timeBytes);
		return Buffer.concat([this.#mac(time, originalId, newId, from), time, originalId]);
	}

	/** The destination id of the client's first packet; undefined where the token is not good. */
	redeem(token: Buffer, newId: Uint8Array, from: HostPort, now = Date.now()): Buffer | undefined {
		if (token.length < macBytes + timeBytes) return undefined;
		const mac = token.subarray(0, macBytes);
		const time = token.subarray(macBytes, macBytes + timeBytes);
		const originalId = token.subarray(macBytes + timeBytes);
		if (!timingSafeEqual(mac, this.#mac(time, originalId, newId, from))) return undefined;
		const age = now - time.readUIntBE(0, timeBytes);
		return age >= 0 && age <= lifetimeMs ? originalId : undefined;
	}

	#mac(time: Uint8Array, originalId: Uint8Array, newId: Uint8Array, from: HostPort): Buffer {
		return createHmac('sha256', this.#key)
			.update(`${from.host} ${from.port} ${newId.length} `)
			.update(newId)
			.update(time)
			.update(originalId)
			.digest()
			.subarray(0, macBytes);
	}
}
