import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { createClient } from '../../../src/runtime/client/plugin-client.ts';
import type { ToolContext } from '../../../src/runtime/plugin/definition/context.ts';
import { createPlugin } from '../../../src/runtime/plugin/definition/create-plugin.ts';
import type { PluginRequest, PluginResponse } from '../../../src/runtime/wire/generated/messages.ts';
import { patienceMs } from '../../support/patience.ts';
import type { SessionCase, World } from '../harness.ts';

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const until = async (done: () => boolean) => {
	for (const end = Date.now() + patienceMs; !done(); await pause(5))
		if (Date.now() > end) throw new Error('it did not come to that');
};

/** A tool that says that it has begun, waits for its cancel, and says so. */
const waits = (aborted: string[] = [], begun: string[] = []) =>
	createPlugin('waiter')
		.registerTool('wait', { description: '' }, (_args, { signal, requestId }: ToolContext) => {
			begun.push(requestId);
			return new Promise((_resolve, reject) => {
				const end = () => {
					aborted.push(requestId);
					reject(signal.reason);
				};
				if (signal.aborted) end();
				else signal.addEventListener('abort', end, { once: true });
			});
		})
		.registerTool('quick', { description: '' }, () => 'quick')
		.build();

/** One call by an id of the caller's, and all that is heard of it. */
function call({ connection }: World, id: string, tool: string, args = {}) {
	const heard: string[] = [];
	const request: PluginRequest = {
		requestId: id,
		toolCall: { toolName: tool, arguments: args, sessionId: 's' },
	};
	const done = new Promise<string>((resolve) => {
		const last = (text: string) => {
			heard.push(text);
			resolve(text);
		};
		connection.exchange(request, {
			next: () => {},
			done: (response: PluginResponse) => last(response.error?.code ?? 'ok'),
			fail: (error) => last(error.code),
		});
	});
	return { heard, done };
}

/** Calls in flight. */
export const callCases: readonly SessionCase[] = [
	{
		name: 'T5 a tool of the session goes before one of another plugin; one that nobody has is an error',
		async run(harness) {
			const plain = createPlugin('plain').registerTool('t', { description: '' }, () => 'global');
			const part = createPlugin('part').registerSessionPlugin({
				id: 'f',
				build: () => ({ register: (registrar) => registrar.tool('t', { description: '' }, () => 'session') }),
			});
			const { sessions, client } = await harness.world([plain.build(), part.build()]);
			await sessions.open({ id: 's' });
			equal((await client.callTool('t', {}, { sessionId: 's' })).text, 'session');
			equal((await client.callTool('t')).text, 'global');
			await rejects(client.callTool('u', {}, { sessionId: 's' }), {
				code: 'tool_not_found',
				message: 'no plugin provides the tool u',
			});
		},
	},
	{
		name: 'T5 a plugin that takes no part calls in a session while its own tool answers there, and not else',
		async run(harness) {
			const part = createPlugin('part').registerSessionPlugin({
				id: 'f',
				build: () => ({ register: (registrar) => registrar.tool('t', { description: '' }, () => 'session') }),
			});
			let later: (() => Promise<unknown>) | undefined;
			const guest = createPlugin('guest').registerTool<{ session?: string }>(
				'visit',
				{ description: '' },
				async ({ session }, ctx) => {
					later = () => createClient(guestConnection).callTool('t', {}, { sessionId: 's' });
					const { text } = await ctx.callTool('t', {}, session ? { sessionId: session } : {});
					return text as string;
				},
			);
			const { sessions, client, connect } = await harness.world([part.build(), guest.build()]);
			const guestConnection = await connect('guest');
			await sessions.open({ id: 's', plugins: ['part'] });
			equal((await client.callTool('visit', {}, { sessionId: 's' })).text, 'session');
			await rejects(client.callTool('visit', { session: 's' }), {
				code: 'handler_error',
				message: "session s is not guest's",
			});
			await rejects(async () => later?.(), { code: 'permission_denied' });
		},
	},
	{
		name: 'T6 X2 what calls put out never mixes, comes in order and before the result; none comes after it',
		async run(harness) {
			let late: (() => unknown) | undefined;
			const plugin = createPlugin('talks').registerTool<{ who: string }>(
				'talk',
				{ description: '' },
				async ({ who }, ctx) => {
					for (let index = 0; index < 20; index++) {
						await ctx.output(`${who}${index} `);
						if (index % 5 === 0) await pause(1);
					}
					late = () => ctx.output('too late');
					return 'done';
				},
			);
			const { client, sessions } = await harness.world([plugin.build()]);
			await sessions.open({ id: 's' });
			const talk = async (who: string, sessionId?: string) => {
				let text = '';
				const result = await client.callTool(
					'talk',
					{ who },
					{
						sessionId,
						onOutput: (delta) => {
							text += delta;
						},
					},
				);
				equal(result.text, 'done');
				late?.();
				return text;
			};
			const texts = await Promise.all([talk('a'), talk('b', 's'), talk('c', 's')]);
			const expected = (who: string) => Array.from({ length: 20 }, (_, index) => `${who}${index} `).join('');
			await pause(10);
			deepEqual(texts, ['a', 'b', 'c'].map(expected));
			// Nobody is asked to hear it.
			equal((await client.callTool('talk', { who: 'd' })).text, 'done');
		},
	},
	{
		name: 'T10 a caller that is behind holds the tool up: nothing is lost, and little waits; who does not wait is told',
		async run(harness) {
			const piece = 'x'.repeat(10_000);
			let ahead = 0;
			const plugin = createPlugin('floods')
				.registerTool('wait', { description: '' }, async (_args, ctx) => {
					for (let index = 0; index < 300; index++) {
						const behind = ctx.output(piece);
						ahead++;
						await behind;
					}
					return 'done';
				})
				.registerTool('rush', { description: '' }, (_args, ctx) => {
					for (let index = 0; index < 1000; index++) void ctx.output(piece);
					return 'done';
				});
			const { client } = await harness.world([plugin.build()]);
			let heard = 0;
			await client.callTool(
				'wait',
				{},
				{
					onOutput: (text) => {
						heard += text.length;
					},
				},
			);
			equal(heard, 3_000_000);
			equal(ahead, 300);
			let text = '';
			await client.callTool(
				'rush',
				{},
				{
					onOutput: (delta) => {
						text += delta;
					},
				},
			);
			if (text.length < 10_000_000) ok(/\[\d+ characters of output are missing here/.test(text));
		},
	},
	{
		name: 'T7 X4 32 calls of one plugin run at once, and one of them is cancelled while they do',
		async run(harness) {
			const aborted: string[] = [];
			const begun: string[] = [];
			const world = await harness.world([waits(aborted, begun)]);
			await world.sessions.open({ id: 's' });
			const calls = Array.from({ length: 32 }, (_, index) => call(world, `c${index}`, 'wait'));
			// At the plugin, and not only on their way to it: it never hears of one that is cancelled before.
			await until(() => begun.length === 32);
			deepEqual(await world.sessions.cancel({ session: 's', call: 'c7' }), { cancelled: true });
			equal(await calls[7]?.done, 'cancelled');
			equal(await call(world, 'q', 'quick').done, 'ok');
			equal((await world.sessions.describe({ session: 's' })).calls.length, 31);
			await world.sessions.close({ session: 's' });
			for (const { done } of calls) equal(await done, 'cancelled');
			await until(() => aborted.length === 32);
			for (const { heard } of calls) equal(heard.length, 1);
		},
	},
	{
		name: 'T8 a cancel of an unknown or finished call does nothing; a second one neither; each call ends once',
		async run(harness) {
			const world = await harness.world([waits()]);
			const { sessions } = world;
			await sessions.open({ id: 's' });
			const cancel = async (id: string) => (await sessions.cancel({ session: 's', call: id })).cancelled;
			equal(await cancel('never'), false);
			const quick = call(world, 'quick', 'quick');
			equal(await quick.done, 'ok');
			equal(await cancel('quick'), false);
			const slow = call(world, 'slow', 'wait');
			await until(() => world.orchestrator.callsUnderWay.length > 0);
			deepEqual([await cancel('slow'), await cancel('slow')], [true, false]);
			equal(await slow.done, 'cancelled');
			deepEqual([slow.heard, quick.heard], [['cancelled'], ['ok']]);
			await rejects(world.client.callTool('wait', {}, { sessionId: 's', timeoutMs: 50 }), {
				code: 'deadline_exceeded',
			});
			await until(() => world.orchestrator.callsUnderWay.length === 0);
		},
	},
	{
		name: 'T8 a caller that disconnects cancels its calls in the session, which goes on',
		async run(harness) {
			const aborted: string[] = [];
			const begun: string[] = [];
			const world = await harness.world([waits(aborted, begun)]);
			await world.sessions.open({ id: 's' });
			const connection = await world.connect('tester');
			void call({ ...world, connection }, 'gone', 'wait').done;
			await until(() => begun.length === 1);
			await connection.close();
			await until(() => aborted.length === 1);
			equal(await call(world, 'q', 'quick').done, 'ok');
		},
	},
	{
		name: 'T8 a thousand calls and cancels at random end each exactly once',
		async run(harness) {
			const plugin = createPlugin('random').registerTool<{ ms: number }>(
				'sleep',
				{ description: '' },
				({ ms }, { signal }) =>
					new Promise((resolve, reject) => {
						const timer = setTimeout(resolve, ms, 'slept');
						signal.addEventListener('abort', () => {
							clearTimeout(timer);
							reject(signal.reason);
						});
					}),
			);
			const world = await harness.world([plugin.build()]);
			await world.sessions.open({ id: 's' });
			let seed = 7;
			const random = (below: number) => {
				seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
				return seed % below;
			};
			const calls = [];
			const cancels = [];
			for (let index = 0; index < 1000; index++) {
				calls.push(call(world, `r${index}`, 'sleep', { ms: random(30) }));
				const target = `r${random(index + 1)}`;
				if (random(2) === 0) cancels.push(world.sessions.cancel({ session: 's', call: target }));
				if (index % 100 === 99) await pause(5);
			}
			await Promise.all([...calls.map(({ done }) => done), ...cancels]);
			await pause(20);
			for (const { heard } of calls) equal(heard.length, 1);
			const ends = new Set(calls.map(({ heard }) => heard[0]));
			deepEqual([...ends].sort(), ['cancelled', 'ok']);
			await until(() => world.orchestrator.callsUnderWay.length === 0);
			deepEqual((await world.sessions.describe({ session: 's' })).calls, []);
		},
	},
	{
		name: 'T14 X6 a call asks its host ten things at once while it runs, and each answer finds its question',
		async run(harness) {
			const plugin = createPlugin('asks')
				.registerTool<{ n: number }>('double', { description: '' }, async ({ n }) => {
					await pause(20 - n);
					return n * 2;
				})
				.registerTool('ask', { description: '' }, async (_args, ctx) => {
					const answers = await Promise.all(
						Array.from({ length: 10 }, (_, n) => ctx.callTool('double', { n })),
					);
					return answers.map(({ data }) => data as number);
				});
			const { client, sessions } = await harness.world([plugin.build()]);
			await sessions.open({ id: 's' });
			const { data } = await client.callTool('ask', {}, { sessionId: 's' });
			deepEqual(
				data,
				Array.from({ length: 10 }, (_, n) => n * 2),
			);
		},
	},
];
