import { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { outputHighWaterBytes } from '../../../src/runtime/carrier/framed/frame-limits.ts';
import { FrameWriter } from '../../../src/runtime/carrier/framed/frame-writer.ts';

/** Takes bytes a turn later, as a socket does. */
function slowSink() {
	const taken: Buffer[] = [];
	let ended = false;
	const sink = new Writable({
		write(bytes, _encoding, done) {
			taken.push(Buffer.from(bytes));
			setImmediate(done);
		},
		final(done) {
			ended = true;
			done();
		},
	});
	return { sink, bytes: () => Buffer.concat(taken), writes: () => taken.length, ended: () => ended };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('whatever the frames and the turns, the bytes leave in order and whole', async () => {
	const frameLength = fc.oneof(
		fc.integer({ min: 1, max: 300 }),
		fc.integer({ min: 60_000, max: 70_000 }),
		fc.integer({ min: 250_000, max: 600_000 }),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(fc.array(frameLength, { maxLength: 6 }), { maxLength: 6 }), async (turns) => {
			const { sink, bytes, ended } = slowSink();
			const writer = new FrameWriter(sink, () => undefined);
			const frames: Uint8Array[] = [];
			for (const lengths of turns) {
				for (const length of lengths) {
					const frame = new Uint8Array(length).fill(frames.length + 1);
					frames.push(frame);
					expect(writer.write(frame)).toBe(frames.length);
				}
				await turn();
			}
			writer.end();
			while (!ended()) await turn();
			expect(bytes().equals(Buffer.concat(frames))).toBe(true);
			expect(writer.pendingBytes).toBe(0);
		}),
		{ numRuns: 25 },
	);
});

test('small frames of one turn leave in one write', async () => {
	const { sink, bytes, writes } = slowSink();
	const writer = new FrameWriter(sink, () => undefined);
	for (let i = 0; i < 100; i += 1) writer.write(Uint8Array.of(i));
	await turn();
	expect(bytes()).toHaveLength(100);
	expect(writes()).toBe(1);
});

test('senders are asked to wait above the high-water mark, and told when there is room', async () => {
	const { sink } = slowSink();
	let drained = 0;
	const writer = new FrameWriter(sink, () => {
		drained += 1;
	});
	const frame = new Uint8Array(outputHighWaterBytes);
	writer.write(frame);
	expect(writer.full).toBe(false);
	const last = writer.write(frame);
	expect(writer.full).toBe(true);
	await turn();
	expect(writer.hasStarted(last)).toBe(false);
	while (drained === 0) await turn();
	expect(writer.full).toBe(false);
	expect(writer.hasStarted(last)).toBe(true);
});

test('what is discarded never leaves', async () => {
	const { sink, bytes } = slowSink();
	const writer = new FrameWriter(sink, () => undefined);
	writer.write(Uint8Array.of(1));
	writer.discard();
	await turn();
	expect(bytes()).toHaveLength(0);
	expect(writer.hasStarted(1)).toBe(false);
});
