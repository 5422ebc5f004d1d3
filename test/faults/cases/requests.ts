import assert from 'node:assert/strict';
import { encodeRequestFrame, encodeResponseFrame } from '../../../src/runtime/wire/frame.ts';
import { maxMessageBytes } from '../../../src/runtime/wire/limits.ts';
import { toolCall } from '../../carriers/recorder.ts';
import { field } from '../../wire/struct-bytes.ts';
import { onListener } from '../fault-case.ts';
import { rawCaller } from '../raw-caller.ts';
import {
	brokenText,
	frame,
	header,
	nestedStruct,
	requestId,
	toolCallField,
	unknownField,
} from '../raw-messages.ts';

/** A fault in the bytes of a request. */
interface BadRequest {
	readonly name: string;
	readonly bytes: Uint8Array;
	/** Whether the caller ends its half after them. */
	readonly end?: boolean;
	/** The code of the answer; undefined where none is due. */
	readonly code: string | undefined;
	/** Whether TCP has lost its place in the stream, and the connection with it. On QUIC only the request's own stream ends. */
	readonly endsTcp?: boolean;
}

const good = (n: number) => encodeRequestFrame({ requestId: `good${n}`, ...toolCall({ n }) });

const badRequests: readonly BadRequest[] = [
	{ name: 'a frame of no bytes', bytes: header(0), code: 'unknown_request' },
	{
		name: 'a frame of 16 MiB and one byte',
		bytes: header(maxMessageBytes + 1),
		code: 'message_too_large',
		endsTcp: true,
	},
	{ name: 'a frame of 2^32 - 1 bytes', bytes: header(2 ** 32 - 1), code: 'message_too_large', endsTcp: true },
	{
		name: 'garbage',
		bytes: frame(Buffer.from('GET / HTTP/1.1')),
		code: 'malformed_message',
		endsTcp: true,
	},
	{
		name: 'a request of an unknown kind',
		bytes: frame(requestId('new'), unknownField),
		code: 'unknown_request',
	},
	{
		name: 'a request without a kind',
		bytes: frame(requestId('none')),
		code: 'unknown_request',
	},
	{
		name: 'arguments that are nested 101 deep',
		bytes: frame(requestId('deep'), toolCallField('echo', nestedStruct(101))),
		code: 'nesting_too_deep',
	},
	{
		name: 'arguments that are nested 1000 deep',
		bytes: frame(requestId('deeper'), toolCallField('echo', nestedStruct(1000))),
		code: 'nesting_too_deep',
	},
	{
		name: 'a tool name that is not UTF-8',
		bytes: frame(requestId('text'), toolCallField(brokenText)),
		code: 'malformed_message',
		endsTcp: true,
	},
	{
		name: 'a request id that is not UTF-8',
		bytes: frame(field(1, brokenText), toolCallField('echo')),
		code: 'malformed_message',
		endsTcp: true,
	},
	{
		name: 'a length inside the message that points past its end',
		bytes: frame(requestId('cut'), Buffer.from([0xa2, 0x01, 0x7f, 0x0a])),
		code: 'malformed_message',
		endsTcp: true,
	},
];

/** Faults in what a client sends. */
export const requestCases = [
	...badRequests.map(({ name, bytes, end, code, endsTcp }) =>
		onListener(`${name} is answered with ${code}, and ends nothing but itself`, async (bench) => {
			const caller = await rawCaller(bench);
			assert.ok((await caller.ask(good(1)))?.toolCall?.success);
			const answer = await caller.ask(bytes, { end: end ?? false });
			assert.equal(answer?.error?.code, code);
			if (endsTcp && bench.carrier === 'tcp') await caller.gone();
			else assert.deepEqual((await caller.ask(good(2)))?.toolCall?.result, { n: 2 });
		}),
	),

	onListener('a body that is cut short by the end of the stream is no request', async (bench) => {
		const caller = await rawCaller(bench);
		const answer = await caller.ask(good(1).subarray(0, -3), { end: true });
		// TCP says why it ends the connection; a QUIC stream that its client has ended says enough by ending too.
		assert.equal(answer?.error?.code, bench.carrier === 'tcp' ? 'malformed_message' : undefined);
		assert.equal(bench.plugin.calls, 1, 'only the bystander was served');
		if (bench.carrier === 'tcp') await caller.gone();
		else assert.ok((await caller.ask(good(2)))?.toolCall?.success);
	}),

	onListener('arguments that are nested 100 deep are served', async (bench) => {
		const caller = await rawCaller(bench);
		const answer = await caller.ask(frame(requestId('ok'), toolCallField('echo', nestedStruct(100))));
		assert.equal(answer?.toolCall?.success, true);
	}),

	onListener('of two request kinds in one message the last counts', async (bench) => {
		const caller = await rawCaller(bench);
		const both = frame(requestId('both'), toolCallField('echo'), field(13, Buffer.alloc(0)));
		const answer = await caller.ask(both);
		assert.ok(answer?.health, 'it was taken for the health request that came last');
		assert.equal(answer.toolCall, undefined);
		assert.equal(bench.plugin.calls, 1, 'the tool call was not served');
	}),

	onListener('a response where a request belongs reaches no tool', async (bench) => {
		const caller = await rawCaller(bench);
		const responses = [
			{ toolCall: { success: true, result: { n: 1 } } },
			{ listTools: { tools: [{ name: 'echo' }] } },
			{ storageRead: { content: new Uint8Array(3), version: 2 } },
			{ streamChunk: { streamId: 's', data: new Uint8Array(10), sequence: 3 } },
			{ eventDelivery: { subscriptionId: 's', topic: 't' } },
			{ error: { code: 'handler_error', message: 'm' } },
		];
		for (const [i, response] of responses.entries()) {
			const answer = await caller.ask(encodeResponseFrame({ requestId: `r${i}`, ...response }));
			assert.ok(answer, 'it is answered');
			assert.notEqual(answer.toolCall?.success, true);
		}
		// The end of a stream has the number of a cancel, and progress that of a sign of life: both are asked for nothing here.
		const end = encodeResponseFrame({ requestId: 'end', streamEnd: { streamId: 's', success: true } });
		const answer = await caller.ask(Buffer.concat(bench.carrier === 'tcp' ? [end, good(1)] : [end]));
		assert.equal(answer?.toolCall?.success, bench.carrier === 'tcp' ? true : undefined);
		await caller.ask(encodeResponseFrame({ requestId: 'progress', progress: { progress: 0.5 } }));
		assert.deepEqual((await caller.ask(good(2)))?.toolCall?.result, { n: 2 });
		assert.equal(bench.plugin.calls, bench.carrier === 'tcp' ? 3 : 2);
	}),

	onListener(
		'two QUIC streams may use one request id',
		async (bench) => {
			const caller = await rawCaller(bench);
			const twice = (n: number) => encodeRequestFrame({ requestId: 'twice', ...toolCall({ n }) });
			const answers = await Promise.all([caller.ask(twice(1)), caller.ask(twice(2))]);
			assert.deepEqual(
				answers.map((answer) => answer?.toolCall?.result),
				[{ n: 1 }, { n: 2 }],
			);
		},
		{ only: 'quic' },
	),

	onListener(
		'two TCP requests under way with one id end their own connection',
		async (bench) => {
			const caller = await rawCaller(bench);
			const hold = encodeRequestFrame({ requestId: 'twice', ...toolCall({}, 'hold') });
			const answer = await caller.ask(Buffer.concat([hold, hold]));
			assert.equal(answer?.error?.code, 'malformed_message');
			await caller.gone();
		},
		{ only: 'tcp' },
	),
];
