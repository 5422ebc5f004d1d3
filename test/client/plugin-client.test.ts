import { describe, expect, it } from 'vitest';
import type { IncomingExchange } from '../../src/runtime/carrier/incoming-exchange.ts';
import { PeerError } from '../../src/runtime/client/peer-error.ts';
import type { PluginClient } from '../../src/runtime/client/plugin-client.ts';
import type { PluginRequest, PluginResponse } from '../../src/runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { clientOf, rejectionOf } from './scripted-peer.ts';

/** What the Go SDK answers to a request of a kind that it does not know. */
const unknownRequest: PluginResponse = {
	toolCall: { success: false, errorCode: 'unknown_request', errorMessage: 'unrecognized request type' },
};

/** Every method that asks one thing, for the rules that hold for all of them. */
const methods: Record<string, (client: PluginClient) => Promise<unknown>> = {
	register: (client) => client.register({ id: 'host' }),
	boot: (client) => client.boot({ key: 'value' }),
	shutdown: (client) => client.shutdown(),
	health: (client) => client.health(),
	listTools: (client) => client.listTools(),
	listPrompts: (client) => client.listPrompts(),
	getPrompt: (client) => client.getPrompt('greet'),
	callTool: (client) => client.callTool('forecast'),
	'storage.read': (client) => client.storage.read('a.md'),
	'storage.write': (client) => client.storage.write('a.md', 'text'),
	'storage.delete': (client) => client.storage.delete('a.md'),
	'storage.list': (client) => client.storage.list(),
	publish: (client) => client.publish({ topic: 't', eventType: 'e' }),
	subscribe: (client) => client.subscribe({ id: 's', topic: 't' }),
	unsubscribe: (client) => client.unsubscribe('s'),
};

describe.each(Object.entries(methods))('%s', (_name, call) => {
	it('rejects with what the peer reported, whole', async () => {
		const client = clientOf(() => ({
			error: {
				code: 'overloaded',
				message: 'too many',
				retryable: true,
				details: { limit: 3 },
				hint: 'Wait.',
			},
		}));
		const error = await rejectionOf(call(client));
		expect(error).toBeInstanceOf(PeerError);
		expect(error).toMatchObject({
			code: 'overloaded',
			message: 'too many',
			retryable: true,
			details: { limit: 3 },
			hint: 'Wait.',
			peer: 'weather',
		});
	});

	it('says unknown_request where the peer does not know the request', async () => {
		const error = await rejectionOf(call(clientOf(() => unknownRequest)));
		expect(error).toBeInstanceOf(PeerError);
		expect(error).toMatchObject({ code: 'unknown_request' });
		expect((error as Error).message).toContain('weather does not know');
	});

	it('says invalid_response, and what came, where the answer is of another kind', async () => {
		const error = await rejectionOf(call(clientOf(() => ({ describe: {} as Record<string, never> }))));
		expect(error).toBeInstanceOf(OrchestraError);
		expect(error).not.toBeInstanceOf(PeerError);
		expect(error).toMatchObject({ code: 'invalid_response', details: { got: 'describe' } });
	});

	it('rejects with a local error when the connection is closed', async () => {
		const client = clientOf(() => undefined);
		const pending = rejectionOf(call(client));
		await client.close();
		const error = await pending;
		expect(error).toMatchObject({ code: 'connection_closed' });
		expect(error).not.toBeInstanceOf(PeerError);
	});
});

describe('a tool call', () => {
	it('sends what the caller gave, and nothing else', async () => {
		let request: PluginRequest | undefined;
		const client = clientOf(
			(exchange) => {
				request = exchange.request;
				return { toolCall: { success: true, result: { text: 'sun' } } };
			},
			{ callerPlugin: 'desk' },
		);
		const result = await client.callTool(
			'forecast',
			{ city: 'Oslo' },
			{ sessionId: 's1', provider: 'p1', traceParent: '00-1', plugin: 'weather' },
		);
		expect(result).toEqual({ text: 'sun' });
		expect(request?.toolCall).toEqual({
			toolName: 'forecast',
			arguments: { city: 'Oslo' },
			callerPlugin: 'desk',
			sessionId: 's1',
			provider: 'p1',
			traceParent: '00-1',
			plugin: 'weather',
		});
		expect(request?.acceptsProgress).toBeUndefined();
		await client.callTool('forecast');
		expect(request?.toolCall).toEqual({ toolName: 'forecast', arguments: {}, callerPlugin: 'desk' });
	});

	it("rejects with the tool's own code, or handler_error where it has none", async () => {
		const coded = clientOf(() => ({
			toolCall: { success: false, errorCode: 'city_unknown', errorMessage: 'no city named Atlantis' },
		}));
		expect(await rejectionOf(coded.callTool('forecast'))).toMatchObject({
			name: 'PeerError',
			code: 'city_unknown',
			message: 'no city named Atlantis',
		});
		const silent = clientOf(() => ({ toolCall: { success: false } }));
		expect(await rejectionOf(silent.callTool('forecast'))).toMatchObject({
			code: 'handler_error',
			message: 'weather failed at tool_call forecast without saying why',
		});
	});

	it('answers an empty object where a tool returns nothing', async () => {
		expect(await clientOf(() => ({ toolCall: { success: true } })).callTool('noop')).toEqual({});
	});

	it('hears progress when it asks for it', async () => {
		const heard: unknown[] = [];
		const client = clientOf((exchange) => {
			expect(exchange.request.acceptsProgress).toBe(true);
			exchange.send({ progress: { progress: 1, total: 2, message: 'half' } });
			exchange.send({ progress: { progress: 2 } });
			return { toolCall: { success: true } };
		});
		await client.callTool('slow', {}, { onProgress: (progress) => heard.push(progress) });
		expect(heard).toEqual([
			{ progress: 1, total: 2, message: 'half' },
			{ progress: 2, total: 0, message: '' },
		]);
	});

	it('is cancelled where its progress listener throws', async () => {
		const thrown = new Error('broken pipe');
		let seen: IncomingExchange | undefined;
		const client = clientOf((exchange) => {
			seen = exchange;
			exchange.send({ progress: { progress: 1 } });
			return undefined;
		});
		const onProgress = () => {
			throw thrown;
		};
		const error = await rejectionOf(client.callTool('slow', {}, { onProgress }));
		expect(error).toMatchObject({ code: 'cancelled', cause: thrown });
		await expect.poll(() => seen?.cancelled?.code).toBe('cancelled');
	});

	it('is invalid where chunks come', async () => {
		const client = clientOf((exchange) => {
			exchange.send({ streamChunk: { data: new Uint8Array(3), sequence: 0 } });
			return { streamEnd: { success: true } };
		});
		expect(await rejectionOf(client.callTool('tail'))).toMatchObject({
			code: 'invalid_response',
			details: { asked: 'tool_call', subject: 'tail', got: 'stream_chunk' },
		});
	});

	it('ends at its deadline and tells the peer', async () => {
		let seen: IncomingExchange | undefined;
		const client = clientOf(
			(exchange) => {
				seen = exchange;
				return undefined;
			},
			{ timeoutMs: 20 },
		);
		const error = await rejectionOf(client.callTool('hang'));
		expect(error).toMatchObject({ code: 'deadline_exceeded' });
		expect(error).not.toBeInstanceOf(PeerError);
		await expect.poll(() => seen?.cancelled).toBeDefined();
	});

	it('keeps the deadline of the client where only other options are given', async () => {
		const client = clientOf(() => undefined, { timeoutMs: 20 });
		expect(await rejectionOf(client.callTool('hang', {}, { sessionId: 's' }))).toMatchObject({
			code: 'deadline_exceeded',
		});
	});

	it('is cancelled by its signal and tells the peer', async () => {
		let seen: IncomingExchange | undefined;
		const client = clientOf((exchange) => {
			seen = exchange;
			return undefined;
		});
		const controller = new AbortController();
		const pending = rejectionOf(client.callTool('hang', {}, { signal: controller.signal }));
		await expect.poll(() => seen).toBeDefined();
		controller.abort();
		expect(await pending).toMatchObject({ code: 'cancelled' });
		await expect.poll(() => seen?.cancelled?.code).toBe('cancelled');
	});
});

describe('the life of a plugin', () => {
	it('turns a refused registration and a failed boot into errors with the reason', async () => {
		const client = clientOf((exchange) =>
			exchange.request.boot
				? { boot: { ready: false, error: 'no database' } }
				: { register: { accepted: false, rejectReason: 'duplicate id' } },
		);
		expect(await rejectionOf(client.register({ id: 'desk' }))).toMatchObject({
			name: 'PeerError',
			code: 'registration_rejected',
			message: 'weather refused the registration of desk: duplicate id',
		});
		expect(await rejectionOf(client.boot())).toMatchObject({
			name: 'PeerError',
			code: 'boot_failed',
			message: 'weather could not boot: no database',
		});
	});

	it('says whether the shutdown was clean', async () => {
		let seconds: number | undefined;
		const client = clientOf((exchange) => {
			seconds = exchange.request.shutdown?.timeoutSeconds;
			return { shutdown: { clean: true } };
		});
		expect(await client.shutdown({ timeoutSeconds: 2.5 })).toBe(true);
		expect(seconds).toBe(3);
		expect(await clientOf(() => ({ shutdown: {} })).shutdown()).toBe(false);
	});

	it('names the health', async () => {
		const client = clientOf(() => ({
			health: { status: 2, message: 'slow disk', details: { disk: 'sda' } },
		}));
		expect(await client.health()).toEqual({
			status: 'degraded',
			message: 'slow disk',
			details: { disk: 'sda' },
		});
		expect(await clientOf(() => ({ health: {} })).health()).toMatchObject({ status: 'unspecified' });
	});

	it('describes the peer, and says nothing of a peer that speaks the core protocol only', async () => {
		const client = clientOf(() => ({ describe: { plugins: [{ id: 'weather' }], software: 'orchestra/1' } }));
		expect(await client.describe()).toEqual({
			plugins: [{ id: 'weather' }],
			software: 'orchestra/1',
			statuses: [],
			extensions: [],
			orchestrator: false,
		});
		expect(await clientOf(() => unknownRequest).describe()).toBeUndefined();
		expect(await clientOf(() => ({ error: { code: 'unknown_request' } })).describe()).toBeUndefined();
		expect(await rejectionOf(clientOf(() => ({ health: {} })).describe())).toMatchObject({
			code: 'invalid_response',
		});
	});
});

describe('lists', () => {
	it('fills in what a peer leaves out', async () => {
		const client = clientOf((exchange) =>
			exchange.request.listTools
				? { listTools: { tools: [{ name: 'a' }, { name: 'b', streaming: true, plugin: 'weather' }] } }
				: { listPrompts: { prompts: [{ name: 'p', arguments: [{ name: 'city', required: true }] }] } },
		);
		expect(await client.listTools()).toEqual([
			{ name: 'a', description: '', inputSchema: {}, streaming: false },
			{ name: 'b', description: '', inputSchema: {}, streaming: true, plugin: 'weather' },
		]);
		expect(await client.listPrompts()).toEqual([
			{ name: 'p', description: '', arguments: [{ name: 'city', description: '', required: true }] },
		]);
		expect(await clientOf(() => ({ listTools: {} })).listTools()).toEqual([]);
	});

	it('recognises the way in which the Go SDK reports a prompt that failed', async () => {
		const missing = clientOf(() => ({ promptGet: { description: 'prompt "x" not found' } }));
		expect(await rejectionOf(missing.getPrompt('x'))).toMatchObject({
			code: 'prompt_not_found',
			message: 'prompt "x" not found',
		});
		const failed = clientOf(() => ({ promptGet: { description: 'no template' } }));
		expect(await rejectionOf(failed.getPrompt('x'))).toMatchObject({ code: 'handler_error' });
	});

	it('fills a prompt in', async () => {
		const client = clientOf((exchange) => ({
			promptGet: {
				description: 'd',
				messages: [{ role: 'user', content: { text: `hi ${exchange.request.promptGet?.arguments?.name}` } }],
			},
		}));
		expect(await client.getPrompt('greet', { name: 'Ada' })).toEqual({
			description: 'd',
			messages: [{ role: 'user', content: { type: 'text', text: 'hi Ada' } }],
		});
	});
});

describe('storage', () => {
	it.each([
		['version conflict: expected 3, current 5', 3, 5],
		['storage: write a.md: version conflict: expected 0, current 12', 0, 12],
		['version conflict at a.md: expected 0, is 1', 0, 1],
	])('a core peer that says %j reports a conflict', async (error, expectedVersion, currentVersion) => {
		const client = clientOf(() => ({ storageWrite: { success: false, error } }));
		expect(await rejectionOf(client.storage.write('a.md', 'x'))).toMatchObject({
			code: 'storage_conflict',
			message: expect.stringContaining(error),
			details: { path: 'a.md', expectedVersion, currentVersion },
		});
	});

	it('reads, writes, lists and deletes', async () => {
		const requests: PluginRequest[] = [];
		const client = clientOf((exchange) => {
			const { request } = exchange;
			requests.push(request);
			if (request.storageRead) return { storageRead: { content: new Uint8Array([1]), version: 2 } };
			if (request.storageWrite) return { storageWrite: { success: true, newVersion: 3 } };
			if (request.storageDelete) return { storageDelete: { success: true } };
			return {
				storageList: {
					entries: [{ path: 'a', size: 1, version: 2, modifiedAt: { seconds: 5, nanos: 7e6 } }],
				},
			};
		});
		expect(await client.storage.read('a')).toEqual({
			content: new Uint8Array([1]),
			metadata: {},
			version: 2,
		});
		expect(await client.storage.write('a', 'ö', { expectedVersion: 2, metadata: { k: 1 } })).toBe(3);
		await client.storage.delete('a', { storageType: 'kv' });
		expect(await client.storage.list({ prefix: 'a', pattern: '*.md' })).toEqual([
			{ path: 'a', size: 1, version: 2, modifiedAt: new Date(5007) },
		]);
		expect(requests[1]?.storageWrite).toMatchObject({
			content: new Uint8Array([0xc3, 0xb6]),
			expectedVersion: 2,
			metadata: { k: 1 },
		});
		expect(requests[2]?.storageDelete).toMatchObject({ storageType: 'kv' });
		expect(requests[3]?.storageList).toMatchObject({ prefix: 'a', pattern: '*.md' });
	});

	it('takes no failure of a core peer for a success', async () => {
		const client = clientOf((exchange) => {
			const { request } = exchange;
			if (request.storageRead) return { storageRead: {} };
			if (request.storageWrite) return { storageWrite: { success: false, error: 'version conflict' } };
			return { storageDelete: { success: false } };
		});
		expect(await rejectionOf(client.storage.read('a'))).toMatchObject({ code: 'storage_not_found' });
		expect(await rejectionOf(client.storage.write('a', 'x'))).toMatchObject({ message: 'version conflict' });
		expect(await rejectionOf(client.storage.delete('a'))).toBeInstanceOf(PeerError);
	});
});

describe('events', () => {
	it('takes an empty response, or the empty delivery of the Go SDK, as the acknowledgement', async () => {
		let published: PluginRequest | undefined;
		const client = clientOf(
			(exchange) => {
				if (exchange.request.publish) published = exchange.request;
				return exchange.request.subscribe ? { eventDelivery: { subscriptionId: 's', topic: 't' } } : {};
			},
			{ callerPlugin: 'desk' },
		);
		await client.subscribe({ id: 's', topic: 't', filters: { city: 'Oslo' } });
		await client.unsubscribe('s');
		await client.publish({ topic: 't', eventType: 'e', payload: { n: 1 } });
		expect(published?.publish).toEqual({
			topic: 't',
			eventType: 'e',
			payload: { n: 1 },
			sourcePlugin: 'desk',
		});
	});
});

describe('a call', () => {
	it('is not held up by progress that nobody asked for', async () => {
		const client = clientOf((exchange) => {
			void (async () => {
				for (let at = 0; at < 5000; at++) await exchange.send({ progress: { message: 'step' } });
				exchange.finish({ toolCall: { success: true, result: { done: true } } });
			})();
			return undefined;
		});
		expect(await client.callTool('chatty')).toEqual({ done: true });
	});

	it('can be cancelled, and has its own time, beside a time-out of its client', async () => {
		const client = clientOf(() => undefined, { timeoutMs: 60_000 });
		const caller = new AbortController();
		const call = client.callTool('hang', {}, { signal: caller.signal });
		caller.abort();
		await expect(call).rejects.toMatchObject({ code: 'cancelled' });
		await expect(client.callTool('hang', {}, { timeoutMs: 20 })).rejects.toMatchObject({
			code: 'deadline_exceeded',
		});
	});
});
