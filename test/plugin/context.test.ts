import { describe, expect, test } from 'vitest';
import type { ToolCallOptions } from '../../src/runtime/client/call-options.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';
import { FakeExchange } from './support/fake-exchange.ts';
import { collect, deferred, serve } from './support/serve.ts';

const any = { description: 'anything' };

const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
/** The same trace, with another parent. */
const partOf = expect.stringMatching(
	/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[\da-f]{16}-01$/,
);

describe('the context of a call', () => {
	test('tells who calls, and what for', async () => {
		const served = serve(
			createPlugin('p').registerTool('t', any, (_, ctx) => ({
				pluginId: ctx.pluginId,
				toolName: ctx.toolName,
				sessionId: ctx.sessionId,
				callerPlugin: ctx.callerPlugin,
				provider: ctx.provider,
				traceParent: ctx.traceParent,
				requestId: ctx.requestId,
				deadline: ctx.deadline ?? null,
			})),
		);
		const [response] = await served.ask({
			requestId: 'r7',
			toolCall: {
				toolName: 't',
				callerPlugin: 'q',
				traceParent: trace,
				provider: 'claude',
				sessionId: 's',
			},
		});
		expect(response?.toolCall?.result).toMatchObject({
			pluginId: 'p',
			toolName: 't',
			sessionId: 's',
			callerPlugin: 'q',
			provider: 'claude',
			traceParent: trace,
			requestId: 'r7',
		});
		expect(response?.toolCall?.result?.deadline).toBeGreaterThan(Date.now());
	});

	test('has a log whose lines say where they come from', async () => {
		const { client, logged } = serve(
			createPlugin('p').registerTool('t', any, (_, { log }) => {
				const { warn } = log;
				warn('careful', { n: 1 });
			}),
		);
		await client.callTool('t', {}, { traceParent: trace });
		expect(logged).toEqual([
			{
				level: 'warn',
				message: 'careful',
				fields: { n: 1 },
				plugin: 'p',
				tool: 't',
				requestId: expect.any(String),
				traceParent: trace,
			},
		]);
	});

	test('passes trace, session, deadline and cancellation on to the tools that it calls', async () => {
		const calls: [string, JsonObject | undefined, ToolCallOptions | undefined][] = [];
		const { client } = serve(
			createPlugin('p').registerTool('t', any, async (_, { callTool }) => {
				await callTool('inherits');
				return callTool('own', { a: 1 }, { timeoutMs: 5, sessionId: 'other', provider: 'x' });
			}),
			{
				callTool: async (name, args, options) => {
					calls.push([name, args, options]);
					return { from: name };
				},
			},
		);
		const options = { traceParent: trace, sessionId: 's', timeoutMs: 30_000 };
		expect(await client.callTool('t', {}, options)).toEqual({ from: 'own' });
		expect(calls).toMatchObject([
			['inherits', {}, { traceParent: partOf, sessionId: 's' }],
			['own', { a: 1 }, { traceParent: partOf, sessionId: 'other', provider: 'x', timeoutMs: 5 }],
		]);
		const timeoutMs = calls[0]?.[2]?.timeoutMs ?? 0;
		expect(timeoutMs).toBeGreaterThan(20_000);
		expect(timeoutMs).toBeLessThanOrEqual(30_000);
	});

	test('cancels the calls that a cancelled call made', async () => {
		const inner = deferred<AbortSignal | undefined>();
		const { client } = serve(
			createPlugin('p').registerTool('t', any, (_, { callTool }) => callTool('inner')),
			{
				callTool: (_name, _args, options) => {
					inner.resolve(options?.signal);
					return new Promise((_resolve, reject) => {
						options?.signal?.addEventListener('abort', () => reject(options.signal?.reason));
					});
				},
			},
		);
		const controller = new AbortController();
		const call = client.callTool('t', {}, { signal: controller.signal });
		const signal = await inner.promise;
		expect(signal?.aborted).toBe(false);
		controller.abort();
		await expect(call).rejects.toMatchObject({ code: 'cancelled' });
		await expect.poll(() => signal?.aborted).toBe(true);
	});

	test('publishes', async () => {
		const published: object[] = [];
		const { client } = serve(
			createPlugin('p').registerTool('t', any, async (_, { publish }) => {
				await publish('topic', { a: 1 }, { eventType: 'made' });
				await publish('bare');
			}),
			{ publish: async (event) => void published.push(event) },
		);
		await client.callTool('t');
		expect(published).toEqual([
			{ topic: 'topic', eventType: 'made', payload: { a: 1 } },
			{ topic: 'bare', eventType: '' },
		]);
	});

	test('says that there is no orchestrator where there is none', async () => {
		const { client } = serve(
			createPlugin('p').registerTool('t', any, async (_, ctx) => {
				const attempts = [
					() => ctx.callTool('x'),
					() => ctx.publish('x'),
					() => ctx.storage.read('x'),
					() => ctx.storage.write('x', ''),
					() => ctx.storage.delete('x'),
					() => ctx.storage.list(),
					() => collect(ctx.streamTool('x')),
				];
				return Promise.all(attempts.map((attempt) => attempt().then(String, (error) => error.code)));
			}),
		);
		expect(await client.callTool('t')).toEqual({ data: Array.from({ length: 7 }, () => 'no_orchestrator') });
	});
});

describe('progress', () => {
	test('reaches a caller that asks for it: the first at once, the last always, never more than is sensible', async () => {
		const { client } = serve(
			createPlugin('p').registerTool('t', any, async (_, { progress }) => {
				for (let i = 1; i <= 1000; i++) progress(i, 1000, `step ${i}`);
				await undefined;
				return 'done';
			}),
		);
		const heard: object[] = [];
		expect(await client.callTool('t', {}, { onProgress: (progress) => heard.push(progress) })).toEqual({
			text: 'done',
		});
		expect(heard).toEqual([
			{ progress: 1, total: 1000, message: 'step 1' },
			{ progress: 1000, total: 1000, message: 'step 1000' },
		]);
	});

	test('is sent as time goes by', async () => {
		const third = deferred();
		const { client } = serve(
			createPlugin('p').registerTool('t', any, async (_, { progress }) => {
				let i = 0;
				const timer = setInterval(() => progress(++i), 1);
				await third.promise;
				clearInterval(timer);
			}),
		);
		const heard: number[] = [];
		await client.callTool(
			't',
			{},
			{
				onProgress: ({ progress }) => {
					heard.push(progress);
					if (heard.length === 3) third.resolve();
				},
			},
		);
		expect(heard).toEqual([...heard].sort((a, b) => a - b));
		expect(heard.length).toBeLessThanOrEqual(4);
	});

	test('is not sent to a caller that did not ask, and NaN harms nobody', async () => {
		const served = serve(
			createPlugin('p').registerTool('t', any, (_, { progress }) =>
				progress(Number.NaN, Number.POSITIVE_INFINITY),
			),
		);
		expect(await served.ask({ toolCall: { toolName: 't' } })).toHaveLength(1);
		const [progress] = await served.ask({ toolCall: { toolName: 't' }, acceptsProgress: true });
		expect(progress?.progress).toEqual({ progress: 0, total: 0, message: '' });
	});

	test('waits for a reader that is behind', async () => {
		const release = deferred();
		const report = deferred<(n: number) => void>();
		const end = deferred();
		const { dispatcher } = serve(
			createPlugin('p').registerTool('t', any, async (_, { progress }) => {
				report.resolve(progress);
				await end.promise;
			}),
		);
		const exchange = new FakeExchange({ toolCall: { toolName: 't' }, acceptsProgress: true });
		exchange.behind = release.promise;
		dispatcher.handle(exchange);
		const progress = await report.promise;
		for (let i = 1; i <= 5; i++) progress(i);
		await new Promise((resolve) => setTimeout(resolve, 120));
		expect(exchange.sent.map((response) => response.progress?.progress)).toEqual([1]);
		release.resolve();
		await expect.poll(() => exchange.sent.map((response) => response.progress?.progress)).toEqual([1, 5]);
		end.resolve();
		await expect.poll(() => exchange.finished).toBe(true);
	});
});
