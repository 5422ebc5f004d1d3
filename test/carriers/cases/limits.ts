import assert from 'node:assert/strict';
import type { ExchangeHandler } from '../../../src/runtime/carrier/carrier.ts';
import {
	encodeRequestFrame,
	encodeResponseFrame,
	frameHeaderBytes,
} from '../../../src/runtime/wire/frame.ts';
import type { PluginRequest, PluginResponse } from '../../../src/runtime/wire/generated/messages.ts';
import { maxMessageBytes } from '../../../src/runtime/wire/limits.ts';
import type { ComplianceCase } from '../compliance-case.ts';
import { onConnection, onNetwork } from '../compliance-case.ts';
import { chunk, echo, SilentHandler } from '../handlers.ts';
import { argumentOf, Recorder, streamStart, toolCall } from '../recorder.ts';

/** A storage write of exactly this many encoded bytes, with the id and the deadline of the call that it is for. */
function requestOf(encodedBytes: number): PluginRequest {
	const make = (length: number): PluginRequest => ({
		requestId: 'big',
		storageWrite: { path: 'p', content: new Uint8Array(length) },
	});
	const length = contentLength(
		encodedBytes,
		(guess) => encodeRequestFrame({ ...make(guess), timeoutMs: 60_000 }).length,
	);
	return make(length);
}

/** Answers with a stored content of exactly as many encoded bytes as the request asks for. */
const answerOf: ExchangeHandler = (exchange) => {
	const bytes = Number(argumentOf(exchange.request, 'bytes') ?? 0);
	if (bytes === 0) {
		echo(exchange);
		return;
	}
	const make = (length: number): PluginResponse => ({
		requestId: exchange.request.requestId ?? '',
		storageRead: { content: new Uint8Array(length) },
	});
	exchange.finish(make(contentLength(bytes, (guess) => encodeResponseFrame(make(guess)).length)));
};

/** The content length with which a frame carries exactly this many bytes. */
function contentLength(encodedBytes: number, frameBytes: (length: number) => number): number {
	// The overhead is the same for all lengths near the limit.
	const probe = maxMessageBytes - 1000;
	return probe + encodedBytes - (frameBytes(probe) - frameHeaderBytes);
}

/** What is too much. */
export const limitCases: ComplianceCase[] = [
	onNetwork(
		'a request of exactly 16 MiB is served, one byte more fails its own call only',
		async (network, _, defer) => {
			let largest = 0;
			const listener = await network.listen((exchange) => {
				largest = Math.max(largest, exchange.request.storageWrite?.content?.length ?? 0);
				exchange.finish({ storageWrite: { success: true } });
			});
			defer(() => listener.close());
			const connection = await network.dial(listener.address);
			defer(() => connection.close());
			const exact = requestOf(maxMessageBytes);
			const over = new Recorder(connection, requestOf(maxMessageBytes + 1));
			assert.equal((await over.error()).code, 'message_too_large');
			await new Recorder(connection, exact).response();
			assert.equal(largest, exact.storageWrite?.content?.length);
			assert.equal(connection.open, true);
		},
	),

	onNetwork(
		'a response of exactly 16 MiB arrives, one byte more becomes a typed error',
		async (network, _, defer) => {
			const listener = await network.listen(answerOf);
			defer(() => listener.close());
			const connection = await network.dial(listener.address);
			defer(() => connection.close());
			const over = new Recorder(connection, toolCall({ bytes: maxMessageBytes + 1 }));
			const error = await over.error();
			assert.equal(error.code, 'message_too_large');
			assert.equal((await over.response()).toolCall?.errorCode, 'message_too_large');
			const exact = await new Recorder(connection, toolCall({ bytes: maxMessageBytes })).response();
			assert.ok((exact.storageRead?.content?.length ?? 0) > maxMessageBytes - 100);
			await new Recorder(connection, toolCall()).response();
			assert.equal(connection.open, true);
		},
	),

	onConnection('a chunk that is too large ends its stream with a typed error', async (connect) => {
		const handler = new SilentHandler();
		const { connection } = await connect((exchange) => {
			if (!exchange.request.streamStart) {
				echo(exchange);
				return;
			}
			handler.handle(exchange);
			exchange.send(chunk(0, new Uint8Array(maxMessageBytes + 1)));
		});
		const stream = new Recorder(connection, streamStart());
		assert.equal((await stream.error()).code, 'message_too_large');
		assert.equal((await handler.cancelled()).code, 'message_too_large');
		assert.equal(stream.parts.length, 0);
		await new Recorder(connection, toolCall()).response();
	}),

	onConnection('too many calls at once are refused, and the others are not', async (connect, harness) => {
		const served: (() => void)[] = [];
		let answering = false;
		const { connection } = await connect((exchange) => {
			if (answering) echo(exchange);
			else served.push(() => echo(exchange));
		});
		const request = toolCall();
		const calls = Array.from({ length: harness.tooManyCalls }, () => new Recorder(connection, request));
		const error = await (calls.at(-1) as Recorder).error();
		assert.equal(error.code, 'overloaded');
		assert.equal(error.retryable, true);
		assert.equal(calls[0]?.ends, 0);
		answering = true;
		for (const answer of served) answer();
		await (calls[0] as Recorder).response();
		await connection.close();
	}),
];
