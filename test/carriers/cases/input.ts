import assert from 'node:assert/strict';
import type { ExchangeHandler } from '../../../src/runtime/carrier/carrier.ts';
import { serviceClient } from '../../../src/runtime/services/service-client.ts';
import {
	bidirectional,
	clientStream,
	defineService,
} from '../../../src/runtime/services/service-definition.ts';
import { ServiceTable, serveService } from '../../../src/runtime/services/service-server.ts';
import { onConnection } from '../compliance-case.ts';
import { chunk, echo, SilentHandler, streamEnd } from '../handlers.ts';
import { Recorder, streamStart, toolCall } from '../recorder.ts';
import { signalled, within } from '../within.ts';

const pieceBytes = 64 * 1024;
const unlimited = Number.POSITIVE_INFINITY;

/** Answers with the bytes that it was sent, message by message. */
const mirror: ExchangeHandler = (exchange) => {
	void (async () => {
		let sequence = 0;
		try {
			for await (const { data = new Uint8Array() } of exchange.input ?? []) {
				await exchange.send(chunk(sequence++, data));
			}
			exchange.finish(streamEnd());
		} catch {
			// Nobody waits any more.
			exchange.finish(streamEnd());
		}
	})();
};

const chat = defineService('test.chat', 1, {
	sum: clientStream<{ from: number }, { n: number }, { sum: number; items: number }>(),
	first: clientStream<Record<string, never>, { n: number }, { n: number }>(),
	echo: bidirectional<Record<string, never>, { n: number }, { n: number }>(),
});

function served(): ExchangeHandler {
	const table = new ServiceTable('the test');
	table.add(
		serveService(chat, {
			async sum({ from }, input) {
				let sum = from;
				let items = 0;
				for await (const { n } of input) {
					sum += n;
					items += 1;
				}
				return { sum, items };
			},
			async first(_args, input) {
				for await (const item of input) return item;
				return { n: -1 };
			},
			async *echo(_args, input) {
				for await (const { n } of input) yield { n: n * 2 };
			},
		}),
	);
	return (exchange) => table.handle(exchange, exchange.request.serviceCall ?? {});
}

async function* numbers(to: number, onEnd = () => {}) {
	try {
		for (let n = 1; n <= to; n += 1) yield { n };
	} finally {
		onEnd();
	}
}

/** What a caller sends after its request. */
export const inputCases = [
	onConnection(
		'input arrives in order while answers go back, each side ending by itself',
		async (connect) => {
			const { connection } = await connect(mirror);
			const call = new Recorder(connection, streamStart(), { sendsInput: true });
			for (let i = 0; i < 300; i += 1) await call.exchange.send({ data: Uint8Array.of(i & 255, i >> 8) });
			// All is answered before the caller has said its last.
			await call.partsUpTo(300);
			assert.equal(call.ends, 0);
			await call.exchange.send({ data: Uint8Array.of(9), end: true });
			assert.equal((await call.response()).streamEnd?.success, true);
			assert.deepEqual(
				call.parts.map((part) => [...(part.streamChunk?.data ?? [])]),
				[...Array.from({ length: 300 }, (_, i) => [i & 255, i >> 8]), [9]],
			);
		},
	),

	onConnection('a caller may have nothing to say', async (connect) => {
		const { connection } = await connect(mirror);
		const call = new Recorder(connection, streamStart(), { sendsInput: true });
		await call.exchange.send({ end: true });
		assert.equal((await call.response()).streamEnd?.success, true);
		assert.equal(call.parts.length, 0);
	}),

	onConnection(
		'a message of several MiB is taken whole, and one beyond the limit fails its call',
		async (connect) => {
			const sizes: number[] = [];
			const { connection } = await connect(async (exchange) => {
				try {
					for await (const { data } of exchange.input ?? []) sizes.push(data?.length ?? 0);
				} catch {
					// The call with the message that is too large.
				}
				exchange.finish(streamEnd());
			});
			const call = new Recorder(connection, streamStart(), { sendsInput: true, timeoutMs: unlimited });
			await call.exchange.send({ data: new Uint8Array(5 * 1024 * 1024) });
			await call.exchange.send({ data: new Uint8Array(1), end: true });
			await call.response();
			assert.deepEqual(sizes, [5 * 1024 * 1024, 1]);
			const tooLarge = new Recorder(connection, streamStart(), { sendsInput: true });
			void tooLarge.exchange.send({ data: new Uint8Array(16 * 1024 * 1024 + 1) });
			assert.equal((await tooLarge.error()).code, 'message_too_large');
			const after = new Recorder(connection, streamStart(), { sendsInput: true });
			await after.exchange.send({ end: true });
			await after.response();
		},
	),

	onConnection('a handler that does not read holds its caller back, and nobody else', async (connect) => {
		const go = signalled();
		let received = 0;
		const { connection } = await connect(async (exchange) => {
			if (exchange.request.toolCall) return echo(exchange);
			const { input } = exchange;
			assert.ok(input);
			await go.promise;
			for await (const { data } of input) received += data?.length ?? 0;
			exchange.finish(streamEnd());
		});
		const call = new Recorder(connection, streamStart(), { sendsInput: true, timeoutMs: unlimited });
		let sent = 0;
		let room: Promise<void> | undefined;
		for (let i = 0; i < 64; i += 1) {
			sent += pieceBytes;
			room = call.exchange.send({ data: new Uint8Array(pieceBytes) });
			if (room && !(await settlesSoon(room))) break;
		}
		assert.ok(
			sent <= 256 * 1024 + 2 * pieceBytes,
			`${sent} bytes were taken by a handler that reads nothing`,
		);
		await new Recorder(connection, toolCall()).response();
		go.settle();
		await within(room ?? Promise.resolve(), 'the caller goes on');
		for (let i = 0; i < 20; i += 1) {
			sent += pieceBytes;
			await call.exchange.send({ data: new Uint8Array(pieceBytes) });
		}
		await call.exchange.send({ end: true });
		await call.response();
		assert.equal(received, sent);
	}),

	onConnection('input and answers flow at once, also where the answers are read late', async (connect) => {
		let received = 0;
		const { connection } = await connect(async (exchange) => {
			void (async () => {
				for (let i = 0; !exchange.finished && !exchange.cancelled; i += 1)
					await exchange.send(chunk(i, new Uint8Array(pieceBytes)));
			})();
			for await (const { data } of exchange.input ?? []) received += data?.length ?? 0;
			exchange.finish(streamEnd());
		});
		const call = new Recorder(connection, streamStart(), {
			sendsInput: true,
			hold: true,
			timeoutMs: unlimited,
		});
		await call.partsUpTo(1);
		void (async () => {
			for (let i = 0; i < 40; i += 1) await call.exchange.send({ data: new Uint8Array(pieceBytes) });
			await call.exchange.send({ end: true });
		})();
		for (let taken = 0; call.ends === 0; taken += 1) {
			const part = call.parts[taken];
			if (part) call.exchange.consumed(part);
			else {
				taken -= 1;
				await new Promise((resolve) => setImmediate(resolve));
			}
		}
		assert.equal(received, 40 * pieceBytes);
	}),

	onConnection(
		'a peer that never asks for input is sent none, and its answer ends the wait',
		async (connect) => {
			const silent = new SilentHandler();
			const { connection } = await connect(silent.handle);
			const call = new Recorder(connection, streamStart(), { sendsInput: true });
			const room = call.exchange.send({ data: Uint8Array.of(1) });
			assert.ok(room, 'there is no room before the handler asks for input');
			const exchange = await silent.reached();
			exchange.finish(streamEnd());
			await call.response();
			await within(room, 'the sender goes on');
			assert.equal(call.exchange.send({ data: Uint8Array.of(2) }), undefined);
			assert.equal(call.ends, 1);
		},
	),

	onConnection('a deadline ends a call whose peer never asks for its input', async (connect) => {
		const { connection } = await connect(new SilentHandler().handle);
		const call = new Recorder(connection, streamStart(), { sendsInput: true, timeoutMs: 50 });
		const room = call.exchange.send({ data: Uint8Array.of(1) });
		assert.equal((await call.error()).code, 'deadline_exceeded');
		await within(room ?? Promise.resolve(), 'the sender goes on');
	}),

	onConnection('whoever does not wait when asked to fails alone', async (connect) => {
		const { connection } = await connect(new SilentHandler().handle);
		const call = new Recorder(connection, streamStart(), { sendsInput: true });
		for (let i = 0; i < 20; i += 1) void call.exchange.send({ data: new Uint8Array(1024 * 1024) });
		assert.equal((await call.error()).code, 'overloaded');
	}),

	onConnection('input after its end fails the call', async (connect) => {
		const { connection } = await connect(new SilentHandler().handle);
		const call = new Recorder(connection, streamStart(), { sendsInput: true });
		void call.exchange.send({ end: true });
		void call.exchange.send({ data: Uint8Array.of(1) });
		assert.equal((await call.error()).code, 'malformed_message');
	}),

	onConnection('a cancel reaches a handler that waits for input', async (connect) => {
		const reading = signalled();
		const thrown = signalled<unknown>();
		const { connection } = await connect(async (exchange) => {
			try {
				for await (const _ of exchange.input ?? []) reading.settle();
				thrown.settle('the loop ended as if all had been sent');
			} catch (error) {
				thrown.settle(error);
				exchange.finish(streamEnd());
			}
		});
		const call = new Recorder(connection, streamStart(), { sendsInput: true });
		await call.exchange.send({ data: Uint8Array.of(1) });
		await within(reading.promise, 'the handler reads');
		call.exchange.cancel();
		assert.equal((await call.error()).code, 'cancelled');
		assert.equal(((await within(thrown.promise, 'the loop throws')) as { code?: string }).code, 'cancelled');
	}),

	onConnection('an answer before the end of the input ends both directions', async (connect) => {
		const { connection } = await connect(async (exchange) => {
			for await (const _ of exchange.input ?? []) break;
			exchange.finish(streamEnd());
		});
		for (let round = 0; round < 50; round += 1) {
			const call = new Recorder(connection, streamStart(), { sendsInput: true });
			for (let i = 0; i < 20 && call.ends === 0; i += 1)
				await call.exchange.send({ data: new Uint8Array(10_000) });
			await call.response();
		}
	}),

	onConnection('a method takes a stream, and answers once', async (connect) => {
		const { connection } = await connect(served());
		const ended = signalled();
		assert.deepEqual(await serviceClient(chat, connection).sum({ from: 5 }, numbers(1000, ended.settle)), {
			sum: 500_505,
			items: 1000,
		});
		await within(ended.promise, 'the source is let go');
		// A plain list will do, and a method may answer early.
		assert.deepEqual(await serviceClient(chat, connection).first({}, [{ n: 7 }, { n: 8 }]), { n: 7 });
		const left = signalled();
		assert.deepEqual(await serviceClient(chat, connection).first({}, numbers(1e9, left.settle)), { n: 1 });
		await within(left.promise, 'an endless source is let go');
	}),

	onConnection('a method with a stream each way answers item by item', async (connect) => {
		const { connection } = await connect(served());
		const next: ((item: { n: number } | undefined) => void)[] = [];
		async function* asked() {
			for (;;) {
				const item = await new Promise<{ n: number } | undefined>((resolve) => next.push(resolve));
				if (!item) return;
				yield item;
			}
		}
		const answers = serviceClient(chat, connection).echo({}, asked());
		for (let n = 1; n <= 20; n += 1) {
			const answer = answers.next();
			while (next.length === 0) await new Promise((resolve) => setImmediate(resolve));
			next.shift()?.({ n });
			assert.deepEqual(await within(answer, 'an answer'), { done: false, value: { n: 2 * n } });
		}
		const last = answers.next();
		while (next.length === 0) await new Promise((resolve) => setImmediate(resolve));
		next.shift()?.(undefined);
		assert.equal((await within(last, 'the end')).done, true);
	}),

	onConnection('a source that throws cancels the call and says why', async (connect) => {
		const { connection } = await connect(served());
		async function* broken() {
			yield { n: 1 };
			throw new Error('the disk is gone');
		}
		await assert.rejects(serviceClient(chat, connection).sum({ from: 0 }, broken()), {
			code: 'cancelled',
			message: /the disk is gone/,
		});
	}),
];

/** Whether a promise settles within some turns. */
async function settlesSoon(promise: Promise<void>): Promise<boolean> {
	let settled = false;
	void promise.then(() => {
		settled = true;
	});
	for (let i = 0; i < 100 && !settled; i += 1) await new Promise((resolve) => setTimeout(resolve, 1));
	return settled;
}
