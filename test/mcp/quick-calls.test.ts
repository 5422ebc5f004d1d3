import { PassThrough } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { McpFront } from '../../src/mcp/mcp-front.ts';
import { frontServer } from '../../src/mcp/serving/front-server.ts';
import { QuickServer } from '../../src/mcp/serving/quick-server.ts';
import { serveMcpHttp } from '../../src/mcp/serving/serve-http.ts';
import { StdioWire } from '../../src/mcp/serving/stdio-wire.ts';
import { createPlugin, inputRequired, ToolError } from '../../src/runtime/index.ts';
import { testHost } from '../../src/testing/index.ts';
import { waitUntil } from '../support/wait-until.ts';

interface Answer {
	readonly id?: unknown;
	readonly method?: string;
	readonly params?: { readonly progress?: number };
	readonly result?: Readonly<Record<string, unknown>>;
	readonly error?: { readonly code: number; readonly message: string };
}

const envelope = {
	'io.modelcontextprotocol/protocolVersion': '2026-07-28',
	'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
	'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
};

async function hosted() {
	const waiting: AbortSignal[] = [];
	const plugin = createPlugin('test.quick')
		.registerTool('say', { description: '', input: { type: 'object', required: ['text'] } }, ({ text }) => ({
			said: text,
		}))
		.registerTool('fail', { description: '' }, () => {
			throw new ToolError('too_wet', 'it rains');
		})
		.registerTool('ask', { description: '' }, (_args, { inputResponses }) => {
			if (inputResponses.who) return 'answered';
			const params = { mode: 'form', message: 'Who?', requestedSchema: { type: 'object', properties: {} } };
			throw inputRequired({ inputRequests: { who: { method: 'elicitation/create', params } } });
		})
		.registerTool('far', { description: '' }, async (_args, { progress }) => {
			await progress(1, 2, 'half');
			return 'there';
		})
		.registerTool('wait', { description: '' }, (_args, { signal }) => {
			waiting.push(signal);
			return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
		})
		.build();
	const host = await testHost(plugin);
	const front = new McpFront(host.orchestrator, { onLog: () => {} });
	return { host, front, waiting };
}

/** A client by hand, over streams in this process. Counts the calls that take the SDK's way. */
async function overStdio(era: 'modern' | 'legacy') {
	const { host, front, waiting } = await hosted();
	const [input, output] = [new PassThrough(), new PassThrough()];
	const answers: Answer[] = [];
	let text = '';
	output.setEncoding('utf8').on('data', (part) => {
		const lines = (text + part).split('\n');
		text = lines.pop() ?? '';
		for (const line of lines) answers.push(JSON.parse(line));
	});
	let server: QuickServer | undefined;
	let bySdk = 0;
	const wire = new StdioWire(
		input,
		output,
		(message, end) => {
			const isTaken = server?.take(message, end) ?? false;
			if (!isTaken && (message as { method: string }).method === 'tools/call') bySdk++;
			return isTaken;
		},
		(text) => expect.unreachable(text),
	);
	const tasks = front.openTasks();
	const handle = serveStdio(
		({ era }) => {
			server = frontServer(front, era, tasks);
			return server;
		},
		{ transport: wire },
	);
	const send = (message: object) => void input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
	let lastId = 0;
	const ask = async (method: string, params: object = {}): Promise<Answer> => {
		const id = ++lastId;
		const more = era === 'modern' ? { _meta: { ...envelope, ...(params as { _meta?: object })._meta } } : {};
		send({ id, method, params: { ...params, ...more } });
		await waitUntil(() => answers.some((answer) => answer.id === id && !answer.method));
		return answers.find((answer) => answer.id === id) as Answer;
	};
	if (era === 'legacy') {
		await ask('initialize', {
			protocolVersion: '2025-11-25',
			capabilities: { elicitation: {} },
			clientInfo: { name: 'test', version: '1' },
		});
		send({ method: 'notifications/initialized' });
	}
	return {
		ask,
		send,
		answers,
		waiting,
		bySdk: () => bySdk,
		lastId: () => lastId,
		async [Symbol.asyncDispose]() {
			await handle.close();
			await front.close();
			await host.stop();
		},
	};
}

describe.each(['modern', 'legacy'] as const)('over stdio, %s', (era) => {
	test('calls after the first pass the SDK, and are answered as that one', async () => {
		await using client = await overStdio(era);
		const say = () => client.ask('tools/call', { name: 'say', arguments: { text: 'hello' } });
		const first = await say();
		expect(client.bySdk()).toBe(1);
		const second = await say();
		expect(client.bySdk()).toBe(1);
		expect(second.result).toMatchObject({ structuredContent: { said: 'hello' } });
		expect({ ...second, id: 0 }).toEqual({ ...first, id: 0 });
		// What fails is a result; it needs no SDK either.
		const refused = await client.ask('tools/call', { name: 'say', arguments: {} });
		expect(refused.result).toMatchObject({ isError: true, structuredContent: { code: 'invalid_arguments' } });
		const failed = await client.ask('tools/call', { name: 'fail' });
		expect(failed.result).toMatchObject({ isError: true, structuredContent: { code: 'too_wet' } });
		const far = await client.ask('tools/call', { name: 'far', _meta: { progressToken: 'p' } });
		expect(far.result).toMatchObject({ content: [{ text: 'there' }] });
		expect(client.answers.find(({ method }) => method === 'notifications/progress')?.params?.progress).toBe(
			1,
		);
		expect(client.bySdk()).toBe(1);
	});

	test('what is wrong about a call the SDK says', async () => {
		await using client = await overStdio(era);
		await client.ask('tools/call', { name: 'say', arguments: { text: '' } });
		expect((await client.ask('tools/call', { name: 'none' })).error?.code).toBe(-32_602);
		expect((await client.ask('tools/call', { name: 'say', arguments: 'text' })).error?.code).toBe(-32_602);
		expect((await client.ask('tools/call', { name: 7 })).error?.code).toBe(-32_602);
		const before = client.bySdk();
		client.send({ id: 'three', method: 'tools/call', params: { name: 'say', arguments: { text: '' } } });
		await waitUntil(() => client.answers.some(({ id }) => id === 'three'));
		const answer = client.answers.find(({ id }) => id === 'three');
		// A client of 2026-07-28 says with each request who it is.
		if (era === 'modern') expect(answer?.error?.code).toBe(-32_602);
		else expect(answer?.result).toBeDefined();
		expect(client.bySdk()).toBe(era === 'modern' ? before + 1 : before);
	});

	test('a call is cancelled at the plugin by its client, and by the end of the connection; neither is answered', async () => {
		const client = await overStdio(era);
		await client.ask('tools/call', { name: 'say', arguments: { text: '' } });
		const call = (id: number) =>
			client.send({
				id,
				method: 'tools/call',
				params: { name: 'wait', ...(era === 'modern' ? { _meta: envelope } : {}) },
			});
		call(100);
		call(101);
		await waitUntil(() => client.waiting.length === 2);
		client.send({ method: 'notifications/cancelled', params: { requestId: 100, reason: 'enough' } });
		await waitUntil(() => client.waiting[0]?.aborted === true);
		expect(client.waiting[1]?.aborted).toBe(false);
		expect(client.bySdk()).toBe(1);
		await client[Symbol.asyncDispose]();
		expect(client.waiting[1]?.aborted).toBe(true);
		expect(client.answers.filter(({ id }) => id === 100 || id === 101)).toEqual([]);
	});
});

test('what a tool asks for on the quick way the SDK asks', async () => {
	await using modern = await overStdio('modern');
	await modern.ask('tools/call', { name: 'say', arguments: { text: '' } });
	const asked = await modern.ask('tools/call', { name: 'ask' });
	expect(asked.result).toMatchObject({ resultType: 'input_required' });
	const inputResponses = { who: { action: 'accept', content: {} } };
	const answered = await modern.ask('tools/call', { name: 'ask', inputResponses });
	expect(answered.result).toMatchObject({ content: [{ text: 'answered' }] });
	await using legacy = await overStdio('legacy');
	await legacy.ask('tools/call', { name: 'say', arguments: { text: '' } });
	const asking = legacy.ask('tools/call', { name: 'ask' });
	const isQuestion = ({ method }: Answer) => method === 'elicitation/create';
	await waitUntil(() => legacy.answers.some(isQuestion));
	legacy.send({
		id: legacy.answers.find(isQuestion)?.id,
		result: inputResponses.who,
	} as unknown as JSONRPCMessage);
	expect((await asking).result).toMatchObject({ content: [{ text: 'answered' }] });
});

test('over HTTP calls after the first of a client need no server of the SDK, and are answered as that one', async () => {
	const { host, front, waiting } = await hosted();
	const made = vi.spyOn(QuickServer.prototype, 'answerToolCalls');
	onTestFinished(() => made.mockRestore());
	const servers = () => made.mock.calls.length;
	const serving = await serveMcpHttp(front, { host: '127.0.0.1', port: 0 });
	const call = async (
		params: Readonly<Record<string, unknown>>,
		{ headers = {}, meta = {}, signal }: { headers?: object; meta?: object; signal?: AbortSignal } = {},
	) => {
		const response = await fetch(serving.url, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				accept: 'application/json, text/event-stream',
				'mcp-protocol-version': '2026-07-28',
				'mcp-method': 'tools/call',
				'mcp-name': String(params.name),
				...headers,
			},
			body: JSON.stringify({
				jsonrpc: '2.0',
				id: 1,
				method: 'tools/call',
				params: { ...params, _meta: { ...envelope, ...meta } },
			}),
			...(signal ? { signal } : {}),
		});
		return {
			status: response.status,
			type: response.headers.get('content-type'),
			text: await response.text(),
		};
	};
	const say = { name: 'say', arguments: { text: 'hello' } };
	const first = await call(say);
	expect([first.status, servers()]).toEqual([200, 1]);
	expect([await call(say), servers()]).toEqual([first, 1]);
	expect((await call({ name: 'fail' })).text).toContain('too_wet');
	expect(servers()).toBe(1);
	// Progress comes in a stream, which the SDK makes.
	const far = await call({ name: 'far' }, { meta: { progressToken: 'p' } });
	expect(far.type).toContain('text/event-stream');
	expect(far.text).toContain('half');
	expect(servers()).toBe(2);
	// A header that says something else than the body, another client, an unknown tool, a question.
	expect((await call(say, { headers: { 'mcp-name': 'fail' } })).status).toBe(400);
	const other = { 'io.modelcontextprotocol/clientInfo': { name: 'other', version: '1' } };
	expect((await call(say, { meta: other })).text).toContain('hello');
	expect((await call(say, { meta: { 'io.modelcontextprotocol/clientCapabilities': 1 } })).text).toContain(
		'-32602',
	);
	const before = servers();
	expect((await call({ name: 'none' })).text).toContain('-32602');
	const asked = await call({ name: 'ask' });
	expect(JSON.parse(asked.text).result).toMatchObject({ resultType: 'input_required' });
	expect(servers()).toBe(before + 2);
	// Who goes cancels.
	const controller = new AbortController();
	const left = call({ name: 'wait' }, { signal: controller.signal });
	left.catch(() => {});
	await waitUntil(() => waiting.length === 1);
	controller.abort();
	await expect(left).rejects.toThrow();
	await waitUntil(() => waiting[0]?.aborted === true);
	expect(servers()).toBe(before + 2);
	await serving.close();
	await front.close();
	await host.stop();
});
