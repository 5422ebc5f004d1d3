import { expect, test } from 'vitest';
import { ReadBuffer } from '../../src/runtime/carrier/quic/driver/read-buffer.ts';
import { RequestIntake } from '../../src/runtime/carrier/quic/listening/request-intake.ts';
import type { ServerStream } from '../../src/runtime/carrier/quic/listening/server-stream.ts';
import type { QuicheConnection } from '../../src/runtime/carrier/quic/native/quiche.ts';

const native = {} as QuicheConnection;
const buffer = new ReadBuffer();

/** A stream that has the given pieces of a request to read; with the last the request is complete. */
class Pieces {
	buffered = 0;
	readonly #pieces: number[];

	constructor(...pieces: number[]) {
		this.#pieces = pieces;
	}

	get done(): boolean {
		return this.#pieces.length === 0;
	}

	read(): void {
		this.buffered += this.#pieces.shift() ?? 0;
		if (this.done) this.buffered = 0;
	}
}

test('beyond the bound one request is read to its end before the others go on', () => {
	const intake = new RequestIntake(100);
	const streams = [new Pieces(60, 60, 60), new Pieces(60, 60, 60), new Pieces(60, 60, 60)];
	const read = (stream: Pieces) => intake.read(stream as unknown as ServerStream, native, buffer);
	const held = () => streams.reduce((sum, { buffered }) => sum + buffered, 0);
	let turns = 0;
	while (streams.some(({ done }) => !done)) {
		for (const stream of streams) {
			if (!stream.done) read(stream);
			expect(held()).toBeLessThanOrEqual(100 + 2 * 60);
		}
		expect(++turns).toBeLessThan(20);
	}
	expect(held()).toBe(0);
});

test('streams that were held are asked for when there is room again', () => {
	const intake = new RequestIntake(100);
	const [large, other] = [new Pieces(100, 100), new Pieces(10, 10)];
	const read = (stream: Pieces) => intake.read(stream as unknown as ServerStream, native, buffer);
	expect(read(large)).toBe(false);
	expect(read(other)).toBe(false);
	expect(other.buffered).toBe(0);
	expect(read(large)).toBe(true);
	expect(read(other)).toBe(false);
	expect(read(other)).toBe(false);
	expect(other.done).toBe(true);
});
