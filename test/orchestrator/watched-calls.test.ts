import { createPlugin, ToolError } from 'orchestra-toolchain';
import { serviceClient } from 'orchestra-toolchain/client';
import { embedded, Orchestrator } from 'orchestra-toolchain/host';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { serveAdministration } from '../../src/runtime/orchestrator/administration/administration.ts';
import {
	type AdministrationEvent,
	administrationService,
	type WatchOptions,
} from '../../src/runtime/orchestrator/administration/administration-service.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

expectNothingLeftBehind();

let orchestrator: Orchestrator;
let release: () => void;
let began: Promise<void>;

beforeEach(async () => {
	orchestrator = new Orchestrator();
	orchestrator.provide(serveAdministration(orchestrator));
	let begin: () => void;
	began = new Promise((resolve) => {
		begin = resolve;
	});
	const account = createPlugin('bank')
		.registerTool(
			'login',
			{
				description: '',
				input: {
					type: 'object',
					properties: { user: { type: 'string' }, password: { type: 'string', format: 'password' } },
				},
			},
			({ user, password }) => {
				if (user === 'nobody') throw new ToolError('unknown_user', `not with the password ${password}`);
				if (user === 'chatty') throw new ToolError('unknown_user', 'no '.repeat(5000));
				return { user, echo: `you said ${password}` };
			},
		)
		.registerTool('wait', { description: '' }, (_args, ctx) => {
			begin();
			return new Promise((resolve, reject) => {
				release = () => resolve('done');
				ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason));
			});
		})
		.registerStreamingTool('count', { description: '' }, async function* () {
			for (let i = 0; i < 3; i++) yield { i };
		})
		.registerTool('large', { description: '' }, () => ({ text: 'x'.repeat(100_000) }))
		.build();
	await orchestrator.host(embedded(account), { id: 'account' });
});
afterEach(() => orchestrator.stop({ graceMs: 0 }));

const administration = () => serviceClient(administrationService, orchestrator.connect('cli'));
const calls = () => createClient(orchestrator.connect('alice'));

/** What a watch tells; `until` reads on to the first event of a kind. */
class Watch {
	readonly #events: AsyncIterableIterator<AdministrationEvent, undefined>;
	constructor(options: WatchOptions) {
		this.#events = administration().watch(options);
	}

	async until<Kind extends AdministrationEvent['kind']>(
		kind: Kind,
	): Promise<Extract<AdministrationEvent, { kind: Kind }>> {
		for (;;) {
			const { value } = await this.#events.next();
			if (!value) throw new Error(`the watch ended before ${kind}`);
			if (value.kind === kind) return value as Extract<AdministrationEvent, { kind: Kind }>;
		}
	}

	async end(): Promise<void> {
		await this.#events.return?.();
	}
}

describe('a watch of calls', () => {
	test('tells who calls what, how it ended and how long it took', async () => {
		const watch = new Watch({ calls: true });
		expect(await watch.until('calls')).toMatchObject({ calls: [] });
		await calls().callTool('login', { user: 'bob', password: 'hunter22' });
		const { call } = await watch.until('call_started');
		expect(call).toMatchObject({
			call: 'tool',
			name: 'login',
			plugin: 'account',
			caller: 'alice',
			provider: '',
		});
		expect(Math.abs(call.startedAt - Date.now())).toBeLessThan(30_000);
		const ended = await watch.until('call_ended');
		expect(ended).toMatchObject({ id: call.id, outcome: 'ok', code: '', message: '', chunks: 0 });
		expect(ended.latencyMs).toBeGreaterThanOrEqual(0);
		expect(await administration().payload({ id: call.id })).toEqual({});
		await watch.end();
	});

	test('tells what was refused, failed or given up, without its secrets', async () => {
		const watch = new Watch({ calls: true });
		await watch.until('calls');
		await expect(calls().callTool('absent')).rejects.toMatchObject({ code: 'tool_not_found' });
		expect((await watch.until('call_started')).call).toMatchObject({ name: 'absent', plugin: '' });
		expect(await watch.until('call_ended')).toMatchObject({ outcome: 'error', code: 'tool_not_found' });

		await expect(calls().callTool('login', { user: 'nobody', password: 'hunter22' })).rejects.toMatchObject({
			code: 'unknown_user',
		});
		expect(await watch.until('call_ended')).toMatchObject({
			outcome: 'error',
			code: 'unknown_user',
			message: 'not with the password ***',
		});

		await expect(calls().callTool('login', { user: 'chatty' })).rejects.toThrow();
		expect((await watch.until('call_ended')).message).toHaveLength(1024);

		const stop = orchestrator.intercept((exchange, next) => {
			if (exchange.request.toolCall?.toolName !== 'wait') next();
			else exchange.finish({ error: { code: 'permission_denied', message: 'no' } });
		});
		await expect(calls().callTool('wait')).rejects.toMatchObject({ code: 'permission_denied' });
		expect(await watch.until('call_ended')).toMatchObject({ outcome: 'error', code: 'permission_denied' });
		stop();

		const controller = new AbortController();
		const given = calls().callTool('wait', {}, { signal: controller.signal });
		await began;
		controller.abort();
		await expect(given).rejects.toMatchObject({ code: 'cancelled' });
		expect(await watch.until('call_ended')).toMatchObject({ outcome: 'cancelled', code: 'cancelled' });
		await watch.end();
	});

	test('counts chunks, and shows what was under way when it began', async () => {
		const waiting = calls().callTool('wait');
		await began;
		const watch = new Watch({ calls: true });
		const { calls: underWay } = await watch.until('calls');
		expect(underWay).toMatchObject([{ name: 'wait', plugin: 'account', caller: 'alice' }]);
		for await (const _ of calls().streamTool('count'));
		expect((await watch.until('call_started')).call).toMatchObject({ call: 'stream', name: 'count' });
		expect(await watch.until('call_ended')).toMatchObject({ outcome: 'ok', chunks: 3 });
		release();
		await waiting;
		expect(await watch.until('call_ended')).toMatchObject({ id: underWay[0]?.id, outcome: 'ok' });
		await watch.end();
	});

	test('keeps arguments and results for as long as somebody asks for them, masked and cut', async () => {
		const watch = new Watch({ calls: true, payloads: true });
		await watch.until('calls');
		await calls().callTool('login', { user: 'bob', password: 'hunter22' });
		const { call } = await watch.until('call_started');
		await watch.until('call_ended');
		expect(await administration().payload({ id: call.id })).toEqual({
			arguments: { text: '{"user":"bob","password":"***"}', truncated: false },
			result: { text: '{"user":"bob","echo":"you said ***"}', truncated: false },
		});
		await calls().callTool('login', { user: 'b'.repeat(100_000), password: 'hunter22' });
		const { id } = (await watch.until('call_started')).call;
		const { arguments: given } = await administration().payload({ id });
		expect([Buffer.byteLength(given?.text ?? ''), given?.truncated]).toEqual([64 * 1024, true]);
		const large: string[] = [];
		for (let i = 0; i < 70; i++) {
			await calls().callTool('large');
			large.push((await watch.until('call_started')).call.id);
		}
		const kept = await Promise.all(large.map((id) => administration().payload({ id })));
		const bytes = kept.map(({ result }) => Buffer.byteLength(result?.text ?? ''));
		expect(bytes.at(-1)).toBe(64 * 1024);
		expect(kept.at(-1)?.result?.truncated).toBe(true);
		expect(kept[0]).toEqual({});
		expect(bytes.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(4 * 1024 * 1024);
		await watch.end();
		expect(await administration().payload({ id: large.at(-1) ?? '' })).toEqual({});
	});

	test('is for operators only', async () => {
		const stranger = serviceClient(administrationService, orchestrator.connect('mallory'));
		await expect(stranger.watch({ calls: true }).next()).rejects.toMatchObject({ code: 'permission_denied' });
		await expect(stranger.payload({ id: 'c1' })).rejects.toMatchObject({ code: 'permission_denied' });
	});

	test('goes on after what it missed with what there is', async () => {
		const watch = new Watch({ calls: true });
		await watch.until('calls');
		const name = 'n'.repeat(200);
		for (let i = 0; i < 8000; i++)
			await calls()
				.callTool(name)
				.catch(() => {});
		expect((await watch.until('missed')).count).toBeGreaterThan(0);
		expect((await watch.until('plugins')).plugins).toMatchObject([{ id: 'account' }]);
		await watch.until('calls');
		await watch.end();
	});
});
