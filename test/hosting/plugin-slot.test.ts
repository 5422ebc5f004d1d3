import { createPlugin } from 'orchestra-toolchain';
import { embedded, type HostedPlugin, Orchestrator, type PluginSource } from 'orchestra-toolchain/host';
import { describe, expect, test } from 'vitest';
import { connectInProcess } from '../../src/runtime/carrier/memory/memory-connection.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import type { PluginEnd } from '../../src/runtime/hosting/hosted-plugin.ts';
import type { LogEntry } from '../../src/runtime/plugin/definition/log.ts';
import { createDispatcher } from '../../src/runtime/plugin/serving/dispatcher.ts';
import { loneServices } from '../../src/runtime/plugin/serving/lone-services.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { runAfterEach } from '../support/run-after-each.ts';

const afterwards = runAfterEach();

function host(): { orchestrator: Orchestrator; client: PluginClient; log: LogEntry[]; states: string[] } {
	const log: LogEntry[] = [];
	const states: string[] = [];
	const orchestrator = new Orchestrator({ onLog: (entry) => log.push(entry) });
	orchestrator.onChange((change) => {
		if (change.kind === 'plugin') states.push(`${change.slot.id} ${change.slot.state}`);
	});
	const client = createClient(orchestrator.connect('tester'));
	afterwards(async () => {
		await client.close();
		await orchestrator.stop({ graceMs: 0 });
	});
	return { orchestrator, client, log, states };
}

/** A plugin whose end the test brings about, as a process that is killed. */
class Fake {
	starts = 0;
	stopped = 0;
	id = 'fake';
	tool = 'work';
	end: (end: PluginEnd) => void = () => {};
	/** What a start waits for. */
	gate: Promise<unknown> = Promise.resolve();
	readonly source: PluginSource = {
		label: 'fake.ts',
		kind: 'launched',
		start: async (_host, signal) => {
			this.starts++;
			await this.gate;
			signal.throwIfAborted();
			return this.#plugin();
		},
	};

	#plugin(): HostedPlugin {
		const plugin = createPlugin(this.id)
			.registerTool(
				this.tool,
				{ description: '' },
				(_args, ctx) => `start ${this.starts} for ${ctx.callerPlugin}`,
			)
			.build();
		const dispatcher = createDispatcher(
			plugin,
			loneServices(this.id, () => {}),
		);
		const connection = connectInProcess(dispatcher.handle, { callerName: 'orchestrator', plugin: this.id });
		const ended = new Promise<PluginEnd>((resolve) => {
			this.end = resolve;
		});
		return {
			id: this.id,
			kind: 'launched',
			manifest: plugin.manifest,
			tools: [{ name: this.tool }],
			prompts: [],
			software: '',
			extensions: true,
			handle: dispatcher.handle,
			connection,
			ended,
			underWay: () => [],
			stop: async () => {
				this.stopped++;
				this.end({ reason: 'stopped' });
			},
		};
	}
}

const killed: PluginEnd = { reason: 'crashed', exit: { code: null, signal: 'SIGKILL' } };

describe('a slot whose plugin ends', () => {
	test('keeps its names, says why it does not answer, and serves again after a start', async () => {
		const { orchestrator, client, log, states } = host();
		const fake = new Fake();
		await orchestrator.host(fake.source);
		await orchestrator.embed(
			createPlugin('other')
				.registerTool('else', { description: '' }, () => 'ok')
				.build(),
		);
		fake.end(killed);
		await expect.poll(() => orchestrator.slot('fake')?.state).toBe('crashed');
		await expect(client.callTool('work')).rejects.toMatchObject({
			code: 'plugin_unavailable',
			message: 'plugin fake has ended: its process ended with SIGKILL',
			retryable: true,
			origin: 'orchestrator',
			details: { plugin: 'fake', state: 'crashed' },
		});
		expect(await client.callTool('else')).toEqual({ text: 'ok' });
		expect((await client.listTools()).find(({ name }) => name === 'work')).toMatchObject({
			unavailable: 'plugin fake has ended: its process ended with SIGKILL',
		});
		expect(await client.health()).toMatchObject({ status: 'unhealthy' });
		const { statuses } = (await client.describe()) ?? {};
		expect(statuses?.[0]).toMatchObject({
			id: 'fake',
			pluginId: 'fake',
			state: 'crashed',
			reason: 'its process ended with SIGKILL',
			label: 'fake.ts',
			starts: 1,
		});
		expect(log).toContainEqual({
			level: 'error',
			plugin: 'fake',
			message: 'plugin fake has ended: its process ended with SIGKILL',
		});
		// Nobody else gets its names meanwhile.
		const thief = createPlugin('thief').registerTool('work', { description: '' }, () => 'stolen');
		await expect(orchestrator.embed(thief.build())).rejects.toMatchObject({ code: 'duplicate_tool' });

		await orchestrator.slot('fake')?.start();
		expect(await client.callTool('work')).toEqual({ text: 'start 2 for tester' });
		expect(states.filter((state) => state.startsWith('fake'))).toEqual([
			'fake.ts starting',
			'fake running',
			'fake crashed',
			'fake starting',
			'fake running',
		]);
	});

	test('hears no events until it runs again', async () => {
		const { orchestrator, client } = host();
		const heard: unknown[] = [];
		const listener = embedded(
			createPlugin('listener')
				.subscribe('news.*', ({ payload, missed }) => heard.push([payload.n, missed]))
				.build(),
		);
		await orchestrator.host(listener);
		await client.publish({ topic: 'news.one', eventType: '', payload: { n: 1 } });
		await expect.poll(() => heard).toEqual([[1, 0]]);
		await orchestrator.slot('listener')?.stop();
		await client.publish({ topic: 'news.one', eventType: '', payload: { n: 2 } });
		await orchestrator.slot('listener')?.start();
		await client.publish({ topic: 'news.two', eventType: '', payload: { n: 3 } });
		await expect.poll(() => heard.at(-1)).toEqual([3, 0]);
		expect(heard).toHaveLength(2);
	});
});

describe('a start', () => {
	test('that never settles is given up, and what comes of it later is stopped', async () => {
		const { orchestrator } = host();
		const fake = new Fake();
		let release: (value: unknown) => void = () => {};
		fake.gate = new Promise((resolve) => {
			release = resolve;
		});
		// A source that does not heed its signal.
		const deaf: PluginSource = {
			...fake.source,
			start: (context) => fake.source.start(context, new AbortController().signal),
		};
		const slot = orchestrator.add(deaf, { id: 'late', startTimeoutMs: 20 });
		await expect(slot.start()).rejects.toMatchObject({
			code: 'start_failed',
			message: 'late did not start within 20 ms',
		});
		expect(slot.state).toBe('failed');
		release(undefined);
		await expect.poll(() => fake.stopped).toBe(1);
		expect(orchestrator.plugins).toEqual([]);
	});

	test('whose plugin ends at once is a failure that says so', async () => {
		const { orchestrator } = host();
		const fake = new Fake();
		const source: PluginSource = {
			...fake.source,
			start: async (context, signal) => {
				const plugin = await fake.source.start(context, signal);
				fake.end({ reason: 'crashed', exit: { code: 3, signal: null } });
				await plugin.ended;
				return plugin;
			},
		};
		await expect(orchestrator.host(source, { id: 'brief' })).rejects.toMatchObject({
			code: 'start_failed',
			message: 'brief ended while it was started: its process ended with exit code 3',
		});
		expect(orchestrator.slots).toEqual([]);
	});

	test('of another plugin than before is refused, and that plugin stopped', async () => {
		const { orchestrator, client } = host();
		const fake = new Fake();
		await orchestrator.host(fake.source);
		fake.end(killed);
		await expect.poll(() => orchestrator.slot('fake')?.state).toBe('crashed');
		fake.id = 'impostor';
		await expect(orchestrator.slot('fake')?.start()).rejects.toMatchObject({ code: 'identity_mismatch' });
		expect(fake.stopped).toBe(1);
		await expect(client.callTool('work')).rejects.toMatchObject({ code: 'plugin_unavailable' });
	});

	test('that is given up leaves a slot that can be started again', async () => {
		const { orchestrator } = host();
		const fake = new Fake();
		let release: (value: unknown) => void = () => {};
		fake.gate = new Promise((resolve) => {
			release = resolve;
		});
		const slot = orchestrator.add(fake.source);
		const started = slot.start();
		const stopped = slot.stop();
		release(undefined);
		await expect(started).rejects.toMatchObject({ code: 'cancelled' });
		await stopped;
		expect(slot.state).toBe('stopped');
		fake.gate = Promise.resolve();
		await slot.start();
		expect(slot.state).toBe('running');
	});

	test('stop, start and stop again end stopped, whatever the order', async () => {
		const { orchestrator } = host();
		const fake = new Fake();
		await orchestrator.host(fake.source);
		const slot = orchestrator.slot('fake');
		const first = slot?.stop();
		const start = slot?.start();
		const last = slot?.stop();
		await Promise.allSettled([first, start, last]);
		expect(slot?.state).toBe('stopped');
		await Promise.all([slot?.start(), slot?.start()]);
		expect(slot?.state).toBe('running');
		await slot?.restart();
		expect(slot?.state).toBe('running');
	});
});

describe('ids', () => {
	test('a configured id routes, and the plugin is asked by its own', async () => {
		const { orchestrator, client } = host();
		const caller = createPlugin('caller')
			.needsTools('work')
			.registerTool('relay', { description: '' }, (_args, ctx) =>
				ctx.callTool('work', {}, { plugin: 'alias' }),
			);
		const fake = new Fake();
		await orchestrator.host(fake.source, { id: 'alias' });
		await orchestrator.host(embedded(caller.build()), { id: 'front' });
		expect(await client.callTool('work', {}, { plugin: 'alias' })).toEqual({ text: 'start 1 for tester' });
		expect(await client.callTool('work', {}, { plugin: 'fake' })).toEqual({ text: 'start 1 for tester' });
		// Who calls is named as the orchestrator names it.
		expect(await client.callTool('relay')).toEqual({ text: 'start 1 for front' });
		expect((await client.listTools()).map(({ plugin }) => plugin)).toEqual(['alias', 'front']);
	});

	test('two slots of one id are refused, before anything is started', async () => {
		const { orchestrator } = host();
		const one = new Fake();
		await orchestrator.host(one.source, { id: 'same' });
		const other = new Fake();
		expect(() => orchestrator.add(other.source, { id: 'same' })).toThrow(
			expect.objectContaining({ code: 'duplicate_plugin' }),
		);
		expect(other.starts).toBe(0);
	});

	test('a module that exports another plugin after a restart is refused', async () => {
		const { orchestrator } = host();
		let id = 'one';
		const slot = orchestrator.add(embedded(async () => createPlugin(id).build()));
		await slot.start();
		await slot.stop();
		id = 'two';
		await expect(slot.start()).rejects.toMatchObject({
			code: 'identity_mismatch',
			message: 'the module exports plugin two, not one',
		});
	});
});

describe('who calls', () => {
	test('is what the connection says, whatever the message says', async () => {
		const { orchestrator } = host();
		const heard: string[] = [];
		await orchestrator.embed(
			createPlugin('bank')
				.registerTool('whoami', { description: '' }, (_args, ctx) => ctx.callerPlugin)
				.subscribe('audit', ({ sourcePlugin }) => heard.push(sourcePlugin))
				.build(),
		);
		const liar = createClient(orchestrator.connect('weather'), { callerPlugin: 'trusted.ui' });
		expect(await liar.callTool('whoami')).toEqual({ text: 'weather' });
		await liar.publish({ topic: 'audit', eventType: '' });
		await expect.poll(() => heard).toEqual(['weather']);
		// A front end of this process says for whom it asks.
		const front = createClient(orchestrator.connect('mcp', { forwards: true }), { callerPlugin: 'claude' });
		expect(await front.callTool('whoami')).toEqual({ text: 'claude' });
	});
});

describe('interceptors', () => {
	test('see each exchange and its end, may answer themselves, and can be removed', async () => {
		const { orchestrator, client } = host();
		await orchestrator.embed(
			createPlugin('one')
				.registerTool('first', { description: '' }, () => 'ok')
				.build(),
		);
		const seen: string[] = [];
		const remove = orchestrator.intercept((exchange, next) => {
			const name = exchange.request.toolCall?.toolName;
			seen.push(`begin ${name}`);
			exchange.onEnd((response) =>
				seen.push(`end ${name} ${response.toolCall?.success ?? response.error?.code}`),
			);
			if (name === 'forbidden') {
				exchange.finish({ error: { code: 'permission_denied', message: 'no' } });
			} else setTimeout(next, 1);
		});
		orchestrator.intercept((exchange, next) => {
			seen.push(`second ${exchange.request.toolCall?.toolName}`);
			next();
		});
		expect(await client.callTool('first')).toEqual({ text: 'ok' });
		await expect(client.callTool('forbidden')).rejects.toMatchObject({ code: 'permission_denied' });
		remove();
		await client.callTool('first');
		expect(seen).toEqual([
			'begin first',
			'second first',
			'end first true',
			'begin forbidden',
			'end forbidden permission_denied',
			'second first',
		]);
	});
});

test('a source that throws something that is no error of ours is told as a start that failed', async () => {
	const { orchestrator } = host();
	const source: PluginSource = {
		label: 'broken',
		kind: 'embedded',
		start: () => Promise.reject(new TypeError('x is not a function')),
	};
	const failure = await orchestrator.host(source).catch((error: unknown) => error);
	expect(failure).toBeInstanceOf(OrchestraError);
	expect(failure).toMatchObject({
		code: 'start_failed',
		message: 'broken could not be started: x is not a function',
	});
});
