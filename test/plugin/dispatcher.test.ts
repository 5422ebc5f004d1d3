import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import type { HealthReport } from '../../src/runtime/plugin/definition/lifecycle.ts';
import { softwareName } from '../../src/runtime/plugin/serving/software.ts';
import { answer, collect, deferred, serve } from './support/serve.ts';

const any = { description: 'anything' };

describe('requests about the plugin itself', () => {
	test('register is accepted for this plugin only', async () => {
		const served = serve(createPlugin('p'));
		expect(await answer(served, { register: { id: 'p' } })).toEqual({ register: { accepted: true } });
		expect(await answer(served, { register: {} })).toEqual({ register: { accepted: true } });
		expect(await answer(served, { register: { id: 'q' } })).toEqual({
			register: { accepted: false, rejectReason: 'this is plugin p, not q' },
		});
	});

	test('describe tells the whole manifest and the software', async () => {
		const served = serve(createPlugin('p').version('1.0.0').providesEvents('x'));
		const { describe: description } = await answer(served, { describe: {} });
		expect(description).toMatchObject({
			plugins: [{ id: 'p', version: '1.0.0', providesEvents: ['x'] }],
			software: softwareName,
			orchestrator: false,
		});
		expect(description?.extensions).toContain('progress');
		const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as {
			name: string;
			version: string;
		};
		expect(softwareName).toBe(`${name}/${version}`);
	});

	test('subscribe is acknowledged, unsubscribe and what concerns other exchanges get an empty response', async () => {
		const served = serve(createPlugin('p'));
		expect(await answer(served, { subscribe: { subscriptionId: 's', topic: 't' } })).toEqual({
			eventDelivery: { subscriptionId: 's', topic: 't' },
		});
		for (const request of [
			{ unsubscribe: { subscriptionId: 's' } },
			{ streamCancel: { streamId: 'x' } },
			{ streamCredit: { bytes: 1 } },
		]) {
			expect(await answer(served, request)).toEqual({});
		}
	});

	test('an unknown kind is answered as a failed tool call', async () => {
		expect(await answer(serve(createPlugin('p')), {})).toMatchObject({
			toolCall: { success: false, errorCode: 'unknown_request' },
			error: { code: 'unknown_request' },
		});
	});
});

describe('health', () => {
	const health = (onHealth?: () => HealthReport) => {
		const builder = createPlugin('p');
		return serve(onHealth ? builder.lifecycle({ onHealth }) : builder).client.health();
	};

	test('is what the hook reports, healthy without one, unhealthy where it throws', async () => {
		expect(await health()).toEqual({ status: 'healthy', message: 'ok', details: {} });
		expect(await health(() => ({ status: 'degraded', message: 'slow', details: { queue: '9' } }))).toEqual({
			status: 'degraded',
			message: 'slow',
			details: { queue: '9' },
		});
		expect(
			await health(() => {
				throw new Error('no database');
			}),
		).toEqual({ status: 'unhealthy', message: 'no database', details: {} });
	});
});

describe('boot', () => {
	test('hands the configuration over, once', async () => {
		const boots: unknown[] = [];
		const served = serve(
			createPlugin('p').lifecycle({
				async onBoot(config, { pluginId, log }) {
					boots.push([pluginId, config]);
					log.info('booted');
				},
			}),
		);
		await Promise.all([served.client.boot({ a: '1' }), served.dispatcher.boot({ a: '1' })]);
		expect(boots).toEqual([['p', { a: '1' }]]);
		expect(served.logged).toEqual([{ level: 'info', message: 'booted', fields: undefined, plugin: 'p' }]);
		await expect(served.client.boot({ a: '2' })).rejects.toMatchObject({
			code: 'boot_failed',
			message: 'plugin p runs already, with another configuration',
		});
	});

	test('that hangs is given up when its time is over, which is longer where its host waits longer', async () => {
		const hanging = serve(createPlugin('p').lifecycle({ onBoot: () => new Promise<void>(() => {}) }));
		await expect(hanging.dispatcher.boot({}, 5)).rejects.toMatchObject({
			code: 'boot_failed',
			message: 'plugin p could not boot: onBoot did not end within 0.005 s',
		});
		const { client, dispatcher } = serve(createPlugin('p'));
		const boot = vi.spyOn(dispatcher, 'boot');
		await client.boot({}, { timeoutMs: 20_000 });
		await client.boot({}, { timeoutMs: 600_000 });
		const [short, long] = boot.mock.calls.map(([, timeoutMs = 0]) => timeoutMs);
		expect(short).toBe(30_000);
		expect(long).toBeGreaterThan(500_000);
	});

	test('that fails says why, and may be tried again', async () => {
		let broken = true;
		const served = serve(
			createPlugin('p').lifecycle({
				onBoot() {
					if (broken) throw new Error('no key');
				},
			}),
		);
		expect(await answer(served, { boot: {} })).toMatchObject({
			boot: { ready: false, error: 'plugin p could not boot: no key' },
			error: { code: 'boot_failed' },
		});
		broken = false;
		expect(await answer(served, { boot: {} })).toEqual({ boot: { ready: true } });
	});

	test('a tool whose schema is wrong cannot be called, and says why; the others can', async () => {
		const { client } = serve(
			createPlugin('p')
				.registerTool('t', { ...any, input: { properties: { n: { minimum: 'x' } } } }, () => 1)
				.registerTool('u', any, () => 2),
		);
		await client.boot();
		await expect(client.callTool('t')).rejects.toMatchObject({
			code: 'invalid_schema',
			message: expect.stringContaining('tool t of plugin p is wrong: /properties/n/minimum must be number'),
		});
		expect(await client.callTool('u')).toEqual({ data: 2 });
		const [broken, whole] = await client.listTools();
		expect(broken?.inputSchema['x-orchestra-unusable']).toContain('/properties/n/minimum');
		expect(whole?.inputSchema).toEqual({ type: 'object' });
	});

	test('is not needed for calls, as on the Go side', async () => {
		const { client } = serve(createPlugin('p').registerTool('t', any, () => 'x'));
		expect(await client.callTool('t')).toEqual({ text: 'x' });
	});
});

describe('shutdown', () => {
	test('runs the hook once, however it is asked, and says that it ended', async () => {
		let hooks = 0;
		const { client, dispatcher } = serve(createPlugin('p').lifecycle({ onShutdown: () => void hooks++ }));
		const cleans = await Promise.all([
			client.shutdown(),
			dispatcher.shutdown(),
			client.shutdown(),
			dispatcher.ended,
		]);
		expect(cleans).toEqual([true, true, true, true]);
		expect(await client.shutdown()).toBe(true);
		expect(hooks).toBe(1);
	});

	test('is not clean where the hook throws or takes too long', async () => {
		const throws = serve(
			createPlugin('p').lifecycle({
				onShutdown: async () => {
					throw new Error('stuck');
				},
			}),
		);
		expect(await throws.client.shutdown()).toBe(false);
		expect(throws.logged).toMatchObject([{ message: 'onShutdown of plugin p failed' }]);
		const hangs = serve(createPlugin('p').lifecycle({ onShutdown: () => new Promise(() => {}) }));
		expect(await hangs.dispatcher.shutdown(50)).toBe(false);
	});

	test('lets calls end, and takes no new ones', async () => {
		const gate = deferred();
		const order: string[] = [];
		const started = deferred();
		const served = serve(
			createPlugin('p')
				.registerTool('slow', any, async () => {
					started.resolve();
					await gate.promise;
					order.push('call');
					return 'done';
				})
				.registerPrompt('ask', any, () => '')
				.lifecycle({ onShutdown: () => void order.push('hook') }),
		);
		const { client, dispatcher } = served;
		const call = client.callTool('slow');
		await started.promise;
		const stopped = dispatcher.shutdown();
		const refusal = { code: 'shutting_down', retryable: true };
		await expect(client.callTool('slow')).rejects.toMatchObject(refusal);
		await expect(collect(client.streamTool('slow'))).rejects.toMatchObject(refusal);
		await expect(client.getPrompt('ask')).rejects.toMatchObject(refusal);
		await expect(client.storage.read('x')).rejects.toMatchObject(refusal);
		await expect(client.publish({ topic: 't', eventType: '' })).rejects.toMatchObject(refusal);
		await expect(client.boot()).rejects.toMatchObject(refusal);
		expect(await answer(served, { register: { id: 'p' } })).toMatchObject({ register: { accepted: false } });
		expect((await client.health()).status).toBe('degraded');
		gate.resolve();
		expect(await call).toEqual({ text: 'done' });
		expect(await stopped).toBe(true);
		expect(order).toEqual(['call', 'hook']);
	});

	test('cancels what does not end, calls and streams', async () => {
		const order: string[] = [];
		const { client, dispatcher } = serve(
			createPlugin('p')
				.registerTool('wait', any, async (_, { signal }) => {
					await new Promise((resolve) => signal.addEventListener('abort', resolve));
					order.push('call');
				})
				.registerStreamingTool('tail', any, async function* (_, { signal }) {
					yield 'first';
					await new Promise((resolve) => signal.addEventListener('abort', resolve));
					order.push('stream');
				})
				.lifecycle({ onShutdown: () => void order.push('hook') }),
		);
		const stream = client.streamTool('tail');
		await stream.next();
		const call = client.callTool('wait').catch((error: unknown) => error);
		const rest = stream.next().catch((error: unknown) => error);
		await expect.poll(() => dispatcher.activeCount).toBe(2);
		expect(await dispatcher.shutdown(200)).toBe(true);
		expect(order.at(-1)).toBe('hook');
		expect(order.slice(0, 2).sort()).toEqual(['call', 'stream']);
		expect(await call).toMatchObject({ code: 'shutting_down' });
		expect(await rest).toMatchObject({ code: 'shutting_down' });
	});
});
