import { expect, test } from 'vitest';
import { CallLogs } from '../../src/mcp/calls/call-logs.ts';
import { ProgressNotices } from '../../src/mcp/calls/progress-notices.ts';
import { streamResult } from '../../src/mcp/calls/stream-result.ts';
import { failedResult, toolResult } from '../../src/mcp/calls/tool-result.ts';
import { missingCapability } from '../../src/mcp/tasks/missing-capability.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';

async function* chunks(type: string, ...pieces: (string | Uint8Array)[]) {
	for (const data of pieces) yield { data: Buffer.from(data as string), contentType: type };
}

const resultOf = (type: string, ...pieces: (string | Uint8Array)[]) =>
	streamResult('counts', chunks(type, ...pieces) as never, () => {});

test('a stream becomes one result: a text, values, or bytes', async () => {
	// A character may come in two pieces.
	const [begin, end] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
	expect((await resultOf('text/plain', 'caf', begin, end)).content).toEqual([{ type: 'text', text: 'café' }]);
	expect(await resultOf('application/json; charset=utf-8', '{"n":1}', '2')).toEqual({
		content: [{ type: 'text', text: '{"n":1}\n2' }],
		structuredContent: { chunks: [{ n: 1 }, 2] },
	});
	const bytes = Buffer.from([0, 255, 254]);
	expect((await resultOf('text/plain', bytes)).content).toMatchObject([
		{ type: 'resource', resource: { uri: 'orchestra://stream/counts', blob: bytes.toString('base64') } },
	]);
});

test('a stream of more than 4 MiB is an error, and no more of it is read', async () => {
	const mebibyte = Buffer.alloc(1024 * 1024, 'x');
	expect(await resultOf('text/plain', ...Array(4).fill(mebibyte))).toMatchObject({
		content: [{ type: 'text' }],
	});
	let read = 0;
	let ended = false;
	async function* endless() {
		try {
			for (; read < 100; read++) yield { data: mebibyte, contentType: 'text/plain' };
		} finally {
			ended = true;
		}
	}
	await expect(streamResult('counts', endless() as never, () => {})).rejects.toMatchObject({
		code: 'message_too_large',
		hint: expect.stringContaining('Ask for less'),
	});
	expect([read, ended]).toEqual([4, true]);
});

test('progress only goes up, with what is put out between', () => {
	const told: unknown[] = [];
	const ctx = {
		mcpReq: {
			_meta: { progressToken: 't' },
			notify: async ({ params: { progress, message, total } }: { params: Record<string, unknown> }) =>
				told.push([progress, message, total]),
		},
	};
	const notices = new ProgressNotices(ctx as never);
	notices.report({ progress: 5, total: 10, message: 'half' });
	notices.report({ progress: 5, total: 10, message: 'again' });
	notices.report({ progress: 3, total: 10, message: 'back' });
	notices.say('a line');
	notices.report({ progress: 7, total: 0, message: '' });
	expect(told).toEqual([
		[5, 'half', 10],
		[6, 'a line', undefined],
		[7, undefined, undefined],
	]);
	expect([notices.wanted, new ProgressNotices({ mcpReq: {} } as never).wanted]).toEqual([true, false]);
});

test('a line goes to the call that it is of, to no other, and what failed to none', () => {
	const trace = (span: string) => `00-${'a'.repeat(32)}-${span.repeat(16)}-01`;
	const logs = new CallLogs();
	const heard: string[] = [];
	const entry = { level: 'info', plugin: 'p', message: 'line' } as const;
	const log = (more: object) => {
		logs.log({ ...entry, ...more });
		return heard.splice(0);
	};
	const hear = (name: string) => () => heard.push(name);
	const endOne = logs.follow(trace('1'), 'one', hear('one'));
	// Of the only call of a trace are all of its lines.
	expect(log({ traceParent: trace('9') })).toEqual(['one']);
	const endOther = logs.follow(trace('2'), 'other', hear('other'));
	expect(log({ traceParent: trace('2') })).toEqual(['other']);
	expect(log({ traceParent: trace('9'), tool: 'one' })).toEqual(['one']);
	// It may be of either: one client's lines are not another's.
	expect(log({ traceParent: trace('9') })).toEqual([]);
	expect(log({})).toEqual([]);
	expect(log({ traceParent: trace('2'), code: 'handler_error' })).toEqual([]);
	endOther();
	expect(log({ traceParent: trace('9') })).toEqual(['one']);
	endOne();
	expect(log({ traceParent: trace('1') })).toEqual([]);
});

test('blocks of MCP go as they are, a single text is that text, and everything else is JSON', () => {
	const text = { type: 'text', text: 'a' };
	expect(toolResult({ content: [text] }, false)).toEqual({ content: [text] });
	expect(toolResult({ text: 'a' }, false)).toEqual({ content: [text] });
	expect(toolResult({ text: 'a' }, true)).toMatchObject({ structuredContent: { text: 'a' } });
	// A client refuses a whole result for one block that lacks something.
	for (const content of [
		[],
		[{ type: 'image', data: 'x' }],
		[{ type: 'dance' }],
		[text, { type: 'resource' }],
	]) {
		expect(toolResult({ content }, false)).toEqual({
			content: [{ type: 'text', text: JSON.stringify({ content }) }],
			structuredContent: { content },
		});
	}
});

test('a call that failed says what to do, in words and in parts', () => {
	const error = new OrchestraError('overloaded', 'it is full', { hint: 'Wait.', retryable: true });
	const told = { code: 'overloaded', message: 'it is full', hint: 'Wait.', retryable: true };
	expect(failedResult(error, true)).toEqual({
		isError: true,
		content: [{ type: 'text', text: 'it is full. Wait.' }],
		structuredContent: told,
	});
	// Where a tool says what its objects look like, an error is none of them.
	expect(failedResult(error, false)).toMatchObject({ _meta: { 'orchestra/error': told } });
});

test('what a client cannot answer is known before it is asked', () => {
	const url = { method: 'elicitation/create', params: { mode: 'url' } };
	const form = { method: 'elicitation/create' };
	expect(missingCapability(form, {})).toEqual({ elicitation: { form: {} } });
	expect(missingCapability(form, { elicitation: {} })).toBeUndefined();
	expect(missingCapability(url, { elicitation: { form: {} } })).toEqual({ elicitation: { url: {} } });
	expect(missingCapability({ method: 'sampling/createMessage' }, {})).toEqual({ sampling: {} });
	expect(missingCapability({ method: 'roots/list' }, { roots: {} })).toBeUndefined();
	expect(() => missingCapability({ method: 'dance' }, {})).toThrow('dance, which no client of MCP answers');
});
