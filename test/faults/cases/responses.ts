import assert from 'node:assert/strict';
import type { Connection } from '../../../src/runtime/carrier/carrier.ts';
import { createClient } from '../../../src/runtime/client/plugin-client.ts';
import { encodeRequestFrame, encodeResponseFrame } from '../../../src/runtime/wire/frame.ts';
import { maxMessageBytes } from '../../../src/runtime/wire/limits.ts';
import { OrchestraError } from '../../../src/runtime/wire/orchestra-error.ts';
import { Recorder, streamStart, toolCall } from '../../carriers/recorder.ts';
import { within } from '../../carriers/within.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { field } from '../../wire/struct-bytes.ts';
import type { FaultCase } from '../fault-case.ts';
import { type HostileScript, startHostileServer, type WayBack } from '../hostile-server.ts';
import {
	brokenText,
	frame,
	header,
	nestedStruct,
	requestId,
	toolResponseField,
	unknownField,
} from '../raw-messages.ts';
import { Unhandled } from '../unhandled.ts';

/** What a case about a hostile server finds. */
interface ClientBench {
	readonly carrier: string;
	/** Dials the server; closed after the case. */
	dial(): Promise<Connection>;
}

/**
 * A fault in what a server answers. Whatever the case asserts besides: a call on another connection to the same server is answered, one that
 * waits goes on waiting, and nothing is handled by nobody.
 */
function onHostileServer(
	name: string,
	script: HostileScript,
	run: (bench: ClientBench) => Promise<void>,
	options: { readonly maxStreams?: number; readonly only?: 'quic' } = {},
): FaultCase {
	return {
		name,
		carriers: options.only ? [options.only] : ['tcp', 'quic'],
		run: async ({ network }) => {
			if (!network) throw new Error('this case needs a network');
			const unhandled = new Unhandled();
			const server = await startHostileServer(network, script, options);
			const connections: Connection[] = [];
			const dial = async () => {
				const connection = await network.dial(server.address);
				connections.push(connection);
				return connection;
			};
			try {
				const bystander = await dial();
				const waiting = new Recorder(bystander, toolCall({}, 'hold'));
				await run({ carrier: network.carrier.name, dial });
				assert.equal(waiting.ends, 0);
				const answer = await new Recorder(bystander, toolCall({ n: 1 })).response();
				assert.deepEqual(answer.toolCall?.result, { n: 1 });
				waiting.exchange.cancel();
				assert.equal((await waiting.error()).code, 'cancelled');
			} finally {
				for (const connection of connections) await within(connection.close(), 'a connection closes');
				await within(server.close(), 'the server closes');
				unhandled.stop();
			}
			await unhandled.expectNone();
		},
	};
}

/** A fault in the bytes of an answer. */
interface BadResponse {
	readonly name: string;
	readonly answer: (id: string, back: WayBack) => void;
	/** The code with which the call fails on QUIC. On TCP it is the same where the connection goes on, else `connection_lost`. */
	readonly code: string;
	/** Why a TCP connection ends, codes parted by `|`; undefined where it goes on. */
	readonly endsTcp?: string;
}

const badResponses: readonly BadResponse[] = [
	{
		name: 'garbage',
		answer: (_, back) => back.write(frame(Buffer.from('HTTP/1.1 400 Bad Request'))),
		code: 'malformed_message',
		endsTcp: 'malformed_message',
	},
	{
		name: 'a frame of 16 MiB and one byte',
		answer: (_, back) => back.write(header(maxMessageBytes + 1)),
		code: 'message_too_large',
		endsTcp: 'message_too_large',
	},
	{
		name: 'a frame of 2^32 - 1 bytes',
		answer: (_, back) => back.write(header(2 ** 32 - 1)),
		code: 'message_too_large',
		endsTcp: 'message_too_large',
	},
	{
		name: 'a body that is cut short by the end',
		answer: (id, back) => {
			back.write(frame(requestId(id), unknownField).subarray(0, -4));
			back.end();
		},
		code: 'connection_lost',
		endsTcp: 'malformed_message',
	},
	{
		name: 'an end without an answer',
		answer: (_, back) => back.end(),
		code: 'connection_lost',
		endsTcp: 'connection_lost',
	},
	{
		name: 'an answer that is broken off',
		answer: (id, back) => {
			back.write(frame(requestId(id), unknownField).subarray(0, -4));
			back.reset();
		},
		code: 'connection_lost',
		// How it looks depends on which end of the socket sees it first.
		endsTcp: 'connection_lost|malformed_message',
	},
	{
		name: 'a result that is nested 101 deep',
		answer: (id, back) => back.write(frame(requestId(id), toolResponseField(nestedStruct(101)))),
		code: 'nesting_too_deep',
	},
	{
		name: 'a text that is not UTF-8',
		answer: (id, back) => back.write(frame(requestId(id), field(110, field(2, brokenText)))),
		code: 'malformed_message',
		endsTcp: 'malformed_message',
	},
	{
		name: 'a response of an unknown kind',
		answer: (id, back) => back.write(frame(requestId(id), unknownField)),
		code: 'invalid_response',
	},
	{
		name: 'an answer of another kind',
		answer: (id, back) => back.write(encodeResponseFrame({ requestId: id, listTools: {} })),
		code: 'invalid_response',
	},
	{
		name: 'a request instead of an answer',
		answer: (id, back) => back.write(encodeRequestFrame({ requestId: id, boot: { config: { a: 'b' } } })),
		code: 'invalid_response',
	},
	{
		name: 'two kinds of answer in one, the wrong one last',
		answer: (id, back) =>
			back.write(frame(requestId(id), toolResponseField(Buffer.alloc(0)), field(13, Buffer.alloc(0)))),
		code: 'invalid_response',
	},
];

const id = (request: { requestId?: string }) => request.requestId ?? '';

/** Faults in what a server sends. */
export const responseCases: readonly FaultCase[] = [
	...badResponses.map(({ name, answer, code, endsTcp }) =>
		onHostileServer(
			`${name} fails its call with ${code}`,
			(request, back) => answer(id(request), back),
			async ({ carrier, dial }) => {
				const connection = await dial();
				const call = createClient(connection).callTool('bad', {}, { timeoutMs: 5000 });
				const lost = carrier === 'tcp' && endsTcp !== undefined;
				await assert.rejects(within(call, 'the end of the call'), (error) => {
					assert.ok(error instanceof OrchestraError);
					assert.equal(error.code, lost ? 'connection_lost' : code);
					return true;
				});
				if (lost) {
					const reason = await within(connection.closed, 'the connection ends');
					assert.match((reason as OrchestraError).code, new RegExp(`^(${endsTcp})$`));
				} else {
					assert.deepEqual(await createClient(connection).callTool('echo', { n: 2 }), { n: 2 });
				}
			},
		),
	),

	onHostileServer(
		'of two answers to one call the first counts',
		(request, back) => {
			for (const n of [1, 2]) {
				back.write(
					encodeResponseFrame({ requestId: id(request), toolCall: { success: true, result: { n } } }),
				);
			}
		},
		async ({ dial }) => {
			const connection = await dial();
			const call = new Recorder(connection, toolCall({}, 'twice'));
			assert.deepEqual((await call.response()).toolCall?.result, { n: 1 });
			assert.ok((await new Recorder(connection, toolCall()).response()).toolCall?.success);
			assert.equal(call.ends, 1);
		},
	),

	onHostileServer(
		'chunks and progress that come after the end of a stream are dropped',
		(request, back) => {
			const requestId = id(request);
			for (const response of [
				{ streamChunk: { data: new Uint8Array(10) } },
				{ streamEnd: { success: true, totalChunks: 1 } },
				{ streamChunk: { data: new Uint8Array(10), sequence: 1 } },
				{ progress: { progress: 1 } },
				{ streamEnd: { success: false, errorCode: 'late' } },
			]) {
				back.write(encodeResponseFrame({ requestId, ...response }));
			}
		},
		async ({ dial }) => {
			const connection = await dial();
			const stream = new Recorder(connection, streamStart());
			assert.equal((await stream.response()).streamEnd?.success, true);
			assert.ok((await new Recorder(connection, toolCall()).response()).toolCall?.success);
			assert.equal(stream.parts.length, 1);
			assert.equal(stream.ends, 1);
		},
	),

	onHostileServer(
		'an answer that comes after its call was cancelled is dropped',
		(request, back) => {
			const answer = encodeResponseFrame({ requestId: id(request), toolCall: { success: true } });
			setTimeout(() => back.write(answer), 50);
		},
		async ({ dial }) => {
			const connection = await dial();
			const call = new Recorder(connection, toolCall({}, 'slow'), { timeoutMs: 20 });
			assert.equal((await call.error()).code, 'deadline_exceeded');
			await new Promise((resolve) => setTimeout(resolve, 100));
			assert.ok((await new Recorder(connection, toolCall()).response()).toolCall?.success);
			assert.equal(call.ends, 1);
		},
	),

	onHostileServer(
		'a server that never answers: every call ends at its deadline',
		() => undefined,
		async ({ dial }) => {
			const connection = await dial();
			const calls = Array.from(
				{ length: 50 },
				(_, i) => new Recorder(connection, toolCall({}, 'silent'), { timeoutMs: 50 + i }),
			);
			for (const call of calls) assert.equal((await call.error()).code, 'deadline_exceeded');
			assert.ok((await new Recorder(connection, toolCall()).response()).toolCall?.success);
		},
	),

	onHostileServer(
		'a server that never reads: calls end at their deadlines, and what waits is bounded',
		(_, back) => back.stopReading(),
		async ({ dial }) => {
			const connection = await dial();
			new Recorder(connection, toolCall({}, 'stop'), { timeoutMs: 1000 });
			const text = 'x'.repeat(1024 * 1024);
			const calls = Array.from(
				{ length: 32 },
				() => new Recorder(connection, toolCall({ text }), { timeoutMs: 1000 }),
			);
			for (const call of calls) {
				assert.ok(['deadline_exceeded', 'overloaded', 'connection_lost'].includes((await call.error()).code));
			}
			await within(connection.close(), 'the connection closes');
		},
	),

	onHostileServer(
		'call 101 to a peer that allows 100 streams waits its turn, and its deadline counts',
		() => undefined,
		async ({ dial }) => {
			const connection = await dial();
			const held = Array.from({ length: 100 }, () => new Recorder(connection, toolCall({}, 'hold')));
			const late = new Recorder(connection, toolCall({ n: 101 }), { timeoutMs: 100 });
			assert.equal((await late.error()).code, 'deadline_exceeded');
			const next = new Recorder(connection, toolCall({ n: 102 }));
			assert.equal(next.ends, 0);
			for (const call of held.slice(0, 10)) call.exchange.cancel();
			assert.deepEqual((await next.response()).toolCall?.result, { n: 102 });
			// More than the hundred in turns, and all of them come to their answers.
			const many = Array.from({ length: 250 }, (_, n) => new Recorder(connection, toolCall({ n })));
			for (const [n, call] of many.entries()) {
				assert.deepEqual((await call.response()).toolCall?.result, { n });
			}
			assert.ok(held.slice(10).every((call) => call.ends === 0));
			await connection.close();
			await waitUntil(() => held.every((call) => call.ends === 1));
		},
		{ only: 'quic', maxStreams: 100 },
	),
];
