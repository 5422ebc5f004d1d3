import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	connectionIdBytes,
	connectionKey,
	hasLongHeader,
	readInitialToken,
	readLongHeader,
	shortHeaderKey,
} from '../../src/runtime/carrier/quic/driver/packet-header.ts';

const id = fc.uint8Array({ maxLength: 20 });

test('a long header is read as it was written', () => {
	fc.assert(
		fc.property(id, id, fc.integer({ min: 0, max: 0xffffffff }), (destination, source, version) => {
			const start = Buffer.alloc(5);
			start.writeUInt8(0xe0, 0);
			start.writeUInt32BE(version, 1);
			const ids = [Buffer.of(destination.length), destination, Buffer.of(source.length), source];
			const packet = Buffer.concat([start, ...ids, Buffer.of(0)]);
			expect(hasLongHeader(packet)).toBe(true);
			const header = readLongHeader(packet);
			expect(header?.version).toBe(version);
			expect(header?.initial).toBe(false);
			expect(header?.destinationId).toEqual(Buffer.from(destination));
			expect(header?.sourceId).toEqual(Buffer.from(source));
			expect(header?.end).toBe(packet.length - 1);
		}),
	);
});

test('no bytes make it throw', () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
			const packet = Buffer.from(bytes);
			hasLongHeader(packet);
			shortHeaderKey(packet);
			const header = readLongHeader(packet);
			if (header) readInitialToken(packet, header);
		}),
	);
});

test.each([0, 1, 63, 64, 300, 16_383, 16_384])('a token of %i bytes', (length) => {
	const token = randomBytes(length);
	const prefix = Buffer.alloc(4);
	prefix.writeUInt32BE(0x80000000 + length);
	const packet = Buffer.concat([Buffer.from('c000000001000000', 'hex').subarray(0, 7), prefix, token]);
	const header = readLongHeader(packet);
	expect(header && readInitialToken(packet, header)).toEqual(token);
	expect(header && readInitialToken(packet.subarray(0, packet.length - 1), header)).toBeUndefined();
});

test('a short header gives the key of the id', () => {
	const ours = randomBytes(connectionIdBytes);
	expect(shortHeaderKey(Buffer.concat([Buffer.of(0x40), ours, Buffer.of(1)]))).toBe(connectionKey(ours));
	expect(shortHeaderKey(Buffer.of(0x40, 1, 2))).toBeUndefined();
});
