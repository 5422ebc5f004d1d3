import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { McpFront, type McpFrontOptions } from '../../src/mcp/mcp-front.ts';
import { EventLog } from '../../src/mcp/resources/event-log.ts';
import { frontServer } from '../../src/mcp/serving/front-server.ts';
import { LegacySessions } from '../../src/mcp/serving/legacy-sessions.ts';
import { serveMcpHttp } from '../../src/mcp/serving/serve-http.ts';
import { embedded } from '../../src/runtime/host.ts';
import { createPlugin, type Plugin } from '../../src/runtime/index.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { testHost } from '../../src/testing/index.ts';
import { runAfterEach } from '../support/run-after-each.ts';
import { waitUntil } from '../support/wait-until.ts';

let orchestrator: Orchestrator;
beforeEach(() => {
	orchestrator = new Orchestrator();
});
afterEach(async () => {
	await orchestrator.stop({ graceMs: 0 });
});
const afterwards = runAfterEach();

async function frontOf(
	plugins: readonly Plugin[],
	options: Partial<McpFrontOptions> = {},
): Promise<McpFront> {
	for (const plugin of plugins) await orchestrator.host(embedded(plugin));
	const front = new McpFront(orchestrator, { onLog: () => {}, ...options });
	afterwards(() => front.close());
	return front;
}

/** A client of the official SDK, of the era before 2026, in this process. */
async function clientOf(front: McpFront): Promise<Client> {
	const [near, far] = InMemoryTransport.createLinkedPair();
	const tasks = front.openTasks();
	const server = frontServer(front, 'legacy', tasks);
	afterwards(() => tasks.close());
	await server.connect(far as never);
	const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'legacy' } });
	await client.connect(near);
	afterwards(() => client.close());
	return client;
}

/** Clients of the era before 2026 over HTTP, without a network. */
function sessionsOf(front: McpFront) {
	const sessions = new LegacySessions(front, 1_000_000);
	afterwards(() => sessions.close());
	const post = async (body: object, headers: Record<string, string> = {}) => {
		const message = { jsonrpc: '2.0', ...body };
		const response = await sessions.handle(
			new Request('http://127.0.0.1/mcp', {
				method: 'POST',
				headers: {
					'content-type': 'application/json',
					accept: 'application/json, text/event-stream',
					...headers,
				},
				body: JSON.stringify(message),
			}),
			message,
		);
		await response.body?.cancel();
		return response;
	};
	const begin = async (protocolVersion = '2025-06-18') => {
		const clientInfo = { name: 'test', version: '1.0.0' };
		const params = { protocolVersion, capabilities: {}, clientInfo };
		const response = await post({ id: 1, method: 'initialize', params });
		return response.headers.get('mcp-session-id') ?? '';
	};
	const use = async (id: string) => {
		const headers = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-06-18' };
		return (await post({ method: 'notifications/initialized' }, headers)).status;
	};
	const end = async (id: string) => {
		const headers = { 'mcp-session-id': id };
		const request = new Request('http://127.0.0.1/mcp', { method: 'DELETE', headers });
		return (await sessions.handle(request, undefined)).status;
	};
	return { begin, post, use, end };
}

const words = Array.from({ length: 150 }, (_, index) => `word ${index}`);
const plugin = () =>
	createPlugin('many')
		.version('1.0.0')
		.description('Many.')
		.registerTool(
			'wait',
			{ description: 'Waits.' },
			(_args, { signal }) =>
				new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
		)
		.registerTool('quick', { description: 'Does not.' }, () => 'done')
		.registerPrompt(
			'say',
			{ description: 'Says.', arguments: [{ name: 'word', description: 'A word.', values: words }] },
			() => 'said',
		)
		.build();

test('a completion has 100 values at most, and says that there are more', async () => {
	const client = await clientOf(await frontOf([plugin()]));
	const complete = (value: string) =>
		client.complete({ ref: { type: 'ref/prompt', name: 'say' }, argument: { name: 'word', value } });
	const { completion } = await complete('');
	expect([completion.values.length, completion.total, completion.hasMore]).toEqual([100, 150, true]);
	expect((await complete('WORD 14')).completion).toMatchObject({ total: 11, hasMore: false });
});

test('with discovery by search three tools stand for all; the tools of the front check what they are given', async () => {
	const client = await clientOf(await frontOf([plugin()], { discovery: 'search' }));
	const { tools } = await client.listTools();
	expect(tools.map(({ name }) => name)).toEqual(['search_tools', 'describe_tool', 'call_tool']);
	const refused = await client.callTool({ name: 'search_tools', arguments: { query: 'wait', limit: 1000 } });
	expect(refused).toMatchObject({ isError: true, structuredContent: { code: 'invalid_arguments' } });
	const missing = await client.callTool({ name: 'describe_tool', arguments: { name: 'nothing' } });
	expect(missing).toMatchObject({ structuredContent: { hint: 'Find its name with search_tools.' } });
});

test('a task is kept for as long as its client asks, within a second and an hour', async () => {
	const front = await frontOf([plugin()]);
	const [near, far] = InMemoryTransport.createLinkedPair();
	const tasks = front.openTasks();
	afterwards(() => tasks.close());
	await frontServer(front, 'legacy', tasks).connect(far as never);
	const answers: { id?: number; result?: { task?: { ttl: number } } }[] = [];
	near.onmessage = (message) => answers.push(message as never);
	await near.start();
	let id = 0;
	const ask = async (method: string, params: object) => {
		const own = ++id;
		await near.send({ jsonrpc: '2.0', id: own, method, params } as never);
		await waitUntil(() => answers.some((answer) => answer.id === own));
		return answers.find((answer) => answer.id === own);
	};
	const clientInfo = { name: 'lines', version: '1.0.0' };
	await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
	await near.send({ jsonrpc: '2.0', method: 'notifications/initialized' } as never);
	const kept: unknown[] = [];
	for (const ttl of [1, 60_000, 1e12, undefined]) {
		const task = ttl === undefined ? {} : { ttl };
		const answer = await ask('tools/call', { name: 'wait', arguments: {}, task });
		kept.push(answer?.result?.task?.ttl);
	}
	expect(kept).toEqual([1_000, 60_000, 3_600_000, 3_600_000]);
	await near.close();
});

test('a call that is not over in half a second becomes a task where its client takes tasks, and no other does', async () => {
	const serving = await serveMcpHttp(await frontOf([plugin()]), { host: '127.0.0.1', port: 0 });
	afterwards(() => serving.close());
	const call = async (name: string, extensions: object) => {
		const prefix = 'io.modelcontextprotocol/';
		const _meta = {
			[`${prefix}protocolVersion`]: '2026-07-28',
			[`${prefix}clientInfo`]: { name: 'test', version: '1.0.0' },
			[`${prefix}clientCapabilities`]: { extensions },
		};
		const params = { name, arguments: {}, _meta };
		const response = await fetch(serving.url, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				accept: 'application/json, text/event-stream',
				'mcp-protocol-version': '2026-07-28',
				'mcp-method': 'tools/call',
				'mcp-name': name,
			},
			body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
			signal: AbortSignal.timeout(20_000),
		});
		return response.text();
	};
	const takesTasks = { 'io.modelcontextprotocol/tasks': {} };
	expect(await call('wait', takesTasks)).toMatch(/"resultType":"task".*"status":"working"/);
	expect(await call('quick', takesTasks)).toContain('"done"');
	expect(await call('quick', {})).toContain('"done"');
}, 60_000);

test('what a tool gave along when it asked is for nobody else', async () => {
	const front = await frontOf([]);
	const ctx = { mcpReq: { requestState: () => ({ of: 'tool a ask', state: 'mine' }) } } as never;
	expect(front.readState(ctx, 'tool a ask')).toBe('mine');
	expect(() => front.readState(ctx, 'tool b ask')).toThrow('the requestState is none of tool b ask');
});

test('a change that leaves the lists as they are is not told as one of them', async () => {
	const front = await frontOf([plugin()]);
	await front.listing.fingerprints();
	const heard: string[] = [];
	const end = front.notices.add({
		toolsChanged: () => heard.push('tools'),
		promptsChanged: () => heard.push('prompts'),
		resourcesChanged: () => heard.push('resources'),
		resourceUpdated: (uri) => heard.push(uri),
	});
	await orchestrator.host(embedded(createPlugin('quiet').version('1.0.0').description('Quiet.').build()));
	await waitUntil(() => heard.length > 0);
	expect([...new Set(heard)]).toEqual(['resources']);
	const more = createPlugin('more').version('1.0.0').description('More.');
	await orchestrator.host(embedded(more.registerTool('more', { description: 'More.' }, () => 'x').build()));
	await waitUntil(() => heard.includes('tools'));
	expect(heard).not.toContain('prompts');
	// Of many at a time each is told once.
	heard.length = 0;
	for (let count = 0; count < 100; count++) front.notices.resourceUpdated(`test://${count % 2}`);
	await waitUntil(() => heard.length >= 2);
	expect(heard.sort()).toEqual(['test://0', 'test://1']);
	end();
});

test('the last 20 events of a topic are kept', async () => {
	const topics = createPlugin('loud').version('1.0.0').description('Loud.').providesEvents('loud');
	await using host = await testHost(topics.build());
	let heard = 0;
	const log = new EventLog(host.client, () => heard++);
	afterwards(() => log.close());
	const { signal } = new AbortController();
	expect(await log.read('loud', signal)).toEqual([]);
	expect(await log.read('nobody says so', signal)).toBeUndefined();
	for (let n = 0; n < 25; n++) await host.publish({ topic: 'loud', eventType: 'said', payload: { n } });
	await waitUntil(() => heard === 25);
	const kept = (await log.read('loud', signal))?.map(({ payload }) => payload?.n);
	expect(kept).toEqual(Array.from({ length: 20 }, (_, index) => index + 5));
	await log.close();
});

test('a session that its client ended is gone, and what was under way in it with it', async () => {
	let began = false;
	let over = false;
	const waits = createPlugin('waits').registerTool('wait', { description: 'Waits.' }, (_args, { signal }) => {
		began = true;
		return new Promise((_resolve, reject) =>
			signal.addEventListener('abort', () => {
				over = true;
				reject(signal.reason);
			}),
		);
	});
	const { begin, post, end, use } = sessionsOf(await frontOf([waits.build()]));
	const id = await begin('2025-11-25');
	const headers = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' };
	await post({ id: 2, method: 'tools/call', params: { name: 'wait', arguments: {}, task: {} } }, headers);
	await waitUntil(() => began);
	expect(await end(id)).toBe(200);
	await waitUntil(() => over);
	expect(await use(id)).toBe(404);
});

test('of more sessions than there may be the one that was used least recently gives way', async () => {
	const { begin, use } = sessionsOf(await frontOf([]));
	const first = await begin();
	const second = await begin();
	expect(first).toMatch(/^[0-9a-f-]{36}$/);
	// The times of use are milliseconds.
	await new Promise((resolve) => setTimeout(resolve, 5));
	expect(await use(first)).toBe(202);
	for (let count = 2; count < 257; count++) await begin();
	expect([await use(first), await use(second)]).toEqual([202, 404]);
}, 60_000);
