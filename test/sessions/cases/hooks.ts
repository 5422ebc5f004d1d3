import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { createPlugin } from '../../../src/runtime/plugin/definition/create-plugin.ts';
import { openSession } from '../../../src/runtime/services/client-session.ts';
import type { HookEffects } from '../../../src/runtime/services/session-plugin-service.ts';
import type { JsonObject } from '../../../src/runtime/wire/json-value.ts';
import type { SessionCase } from '../harness.ts';

const hooked = (id: string, name: string, effects: () => HookEffects | undefined, options = {}) =>
	createPlugin(id).registerHook(name, options, effects).build();
const says = (content: string): HookEffects => ({ messages: [{ role: 'user', content }] });
const fails = () => {
	throw new Error('broken');
};

/** What hooks hear, and what becomes of what they want. */
export const hookCases: readonly SessionCase[] = [
	{
		name: 'T3 X24 hooks are heard by who subscribed only, under either name, with the same shape each time',
		async run(harness) {
			const heard: JsonObject[] = [];
			const hears = createPlugin('hears')
				.registerHook('before_agent_start', (data) => void heard.push(data))
				.registerHook('after_tool_result', (data) => void heard.push(data))
				.registerTool('echo', { description: '' }, ({ text }) => String(text));
			const deaf = createPlugin('deaf').registerHook('checkpoint', (data) => void heard.push(data));
			const { sessions, client } = await harness.world([hears.build(), deaf.build()]);
			const { workingDirectory: working_directory } = await sessions.open({ id: 's' });
			await sessions.open({ id: 'child', parent: 's' });
			await sessions.fire({ session: 's', hook: 'before_turn', data: { prompt: 'hi' } });
			await sessions.fire({ session: 'child', hook: 'before_agent_start', data: { prompt: 'ho' } });
			await client.callTool('echo', { text: 'x' }, { sessionId: 's' });
			deepEqual(heard.slice(0, 2), [
				{ prompt: 'hi', session: 's', working_directory },
				{ prompt: 'ho', session: 'child', working_directory },
			]);
			const { duration_ms, call, ...rest } = heard[2] ?? {};
			deepEqual(rest, {
				tool: 'echo',
				arguments: { text: 'x' },
				result: { text: 'x' },
				content: 'x',
				is_error: false,
				error: '',
				session: 's',
				working_directory,
			});
			ok(typeof duration_ms === 'number' && typeof call === 'string');
			equal(heard.length, 3);
		},
	},
	{
		name: 'T4 X23 hooks run in the order of the plugins, sessions after plugins; the last prompt wins, a failure is skipped',
		async run(harness) {
			const first = createPlugin('first')
				.registerSessionPlugin({
					id: 'f',
					build: () => ({
						register: (registrar) => registrar.hook('before_turn', () => says('of the session')),
					}),
				})
				.registerHook('before_turn', () => ({ ...says('one'), systemPrompt: 'a' }))
				.build();
			const third = hooked('third', 'before_turn', () => ({ ...says('three'), systemPrompt: 'c' }));
			const { sessions, log } = await harness.world([first, hooked('second', 'before_turn', fails), third]);
			await sessions.open({ id: 's' });
			const outcome = await sessions.fire({ session: 's', hook: 'before_turn' });
			deepEqual(
				outcome.messages.map(({ plugin, content }) => `${plugin}: ${content}`),
				['first: one', 'third: three', 'first: of the session'],
			);
			equal(outcome.systemPrompt, 'c');
			deepEqual(
				outcome.skipped.map(({ plugin, code }) => [plugin, code]),
				[['second', 'handler_error']],
			);
			ok(log.some(({ plugin, message }) => plugin === 'second' && message.includes('was skipped')));
		},
	},
	{
		name: 'X1 Z2 a hook that hangs is given up at its own deadline, and no other session or plugin waits for it',
		async run(harness) {
			const hangs = createPlugin('hangs')
				.registerHook('before_turn', { timeoutMs: 50 }, () => new Promise(() => {}))
				.build();
			const { sessions } = await harness.world([hangs, hooked('fine', 'before_turn', () => says('x'))]);
			await sessions.open({ id: 's' });
			await sessions.open({ id: 't', plugins: ['fine'] });
			const late = sessions.fire({ session: 's', hook: 'before_turn' });
			equal((await sessions.fire({ session: 't', hook: 'before_turn' })).messages.length, 1);
			const outcome = await late;
			deepEqual([outcome.messages.length, outcome.skipped[0]?.code], [1, 'deadline_exceeded']);
			equal(outcome.skipped[0]?.message, 'hook before_turn of plugin hangs did not end within 50 ms');
		},
	},
	{
		name: 'L10 a required hook that fails fails the phase, and no later one runs; what others want has its owner',
		async run(harness) {
			for (const phase of ['before_turn', 'after_turn', 'checkpoint']) {
				let ran = 0;
				const { sessions } = await harness.world([
					hooked('a', phase, () => says('x')),
					hooked('b', phase, fails, { required: true }),
					hooked('c', phase, () => void ran++ as undefined),
				]);
				await sessions.open({ id: 's' });
				await rejects(sessions.fire({ session: 's', hook: phase }), {
					code: 'hook_failed',
					message: /plugin b failed: .*broken/,
				});
				equal(ran, 0);
			}
		},
	},
	{
		name: 'L10 a turn: its hooks before and after it, its calls between them; aborted it is not done, and a failure is told',
		async run(harness) {
			const steps: string[] = [];
			const plugin = createPlugin('turns')
				.registerHook('before_turn', ({ prompt }) => {
					steps.push('before');
					return prompt === 'no' ? { abort: { code: 'refused', message: 'not today' } } : says('hint');
				})
				.registerHook('after_turn', ({ error }) => void steps.push(`after ${error ?? 'well'}`))
				.registerTool('work', { description: '' }, (_args, { sessionId }) => {
					steps.push(`work in ${sessionId}`);
					return 'worked';
				});
			const { client } = await harness.world([plugin.build()]);
			const session = await openSession(client, { id: 's' });
			const { result, before } = await session.turn({ prompt: 'go' }, () => session.callTool('work'));
			deepEqual(
				[result.text, before.messages],
				['worked', [{ plugin: 'turns', role: 'user', content: 'hint' }]],
			);
			const refused = session.turn({ prompt: 'no' }, () => void steps.push('done all the same'));
			await rejects(refused, { code: 'refused', message: 'not today', details: { plugin: 'turns' } });
			await rejects(
				session.turn({}, () => fails()),
				{ message: 'broken' },
			);
			deepEqual(steps, ['before', 'work in s', 'after well', 'before', 'before', 'after internal']);
			await session.close();
		},
	},
	{
		name: 'L11 Z4 each effect arrives: abort (the first wins and stops), messages, sessions, events, trace',
		async run(harness) {
			const events: string[] = [];
			const hears = createPlugin('hears')
				.subscribe('told', ({ topic }) => void events.push(topic))
				.build();
			const wants = hooked('wants', 'before_turn', () => ({
				...says('m'),
				sessions: [{ capability: 'review' }],
				events: [{ topic: 'told' }],
				trace: [{ name: 'seen', data: { n: 1 } }],
				abort: { code: 'enough', message: 'no more' },
			}));
			const later = hooked('later', 'before_turn', () => ({ abort: { code: 'other', message: '' } }));
			const { sessions } = await harness.world([hears, wants, later]);
			await sessions.open({ id: 's' });
			const { skipped, ...outcome } = await sessions.fire({ session: 's', hook: 'before_turn' });
			deepEqual(outcome, {
				messages: [{ plugin: 'wants', role: 'user', content: 'm' }],
				sessions: [{ plugin: 'wants', session: { capability: 'review' } }],
				trace: [{ name: 'plugin.wants.seen', data: { n: 1 } }],
				abort: { plugin: 'wants', code: 'enough', message: 'no more' },
				postPersist: 0,
			});
			equal(skipped.length, 0);
			if (harness.name === 'embedded')
				while (events.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		},
	},
	{
		name: 'L12 which hook may ask for what: the whole matrix',
		async run(harness) {
			const effects: Record<string, HookEffects> = {
				abort: { abort: { code: 'x', message: 'x' } },
				messages: says('x'),
				sessions: { sessions: [{}] },
				arguments: { arguments: {} },
				result: { result: { text: 'other' } },
				events: { events: [{ topic: 't' }] },
				trace: { trace: [{ name: 't' }] },
			};
			const may: Record<string, string[]> = {
				before_turn: ['abort', 'messages', 'sessions', 'events', 'trace'],
				checkpoint: ['abort', 'messages', 'sessions', 'events', 'trace'],
				after_turn: ['messages', 'sessions', 'events', 'trace'],
				before_tool_call: ['abort', 'sessions', 'arguments', 'result', 'events', 'trace'],
				after_tool_call: ['abort', 'messages', 'sessions', 'result', 'events', 'trace'],
			};
			let wanted: HookEffects = {};
			const plugin = Object.keys(may)
				.reduce((builder, name) => builder.registerHook(name, () => wanted), createPlugin('wants'))
				.registerTool('t', { description: '' }, () => 'own');
			const { sessions, client, log } = await harness.world([plugin.build()]);
			await sessions.open({ id: 's' });
			for (const [hook, allowed] of Object.entries(may)) {
				for (const [effect, value] of Object.entries(effects)) {
					wanted = value;
					const before = log.length;
					if (!hook.includes('tool')) {
						const { skipped } = await sessions.fire({ session: 's', hook });
						equal(skipped.length === 0, allowed.includes(effect), `${hook} ${effect}`);
						continue;
					}
					const code = await client.callTool('t', {}, { sessionId: 's' }).then(
						() => 'ok',
						(error) => error.code as string,
					);
					if (hook === 'before_tool_call') {
						const refused = !allowed.includes(effect);
						equal(code === 'before_tool_call_failed', refused, `${hook} ${effect}: ${code}`);
					} else {
						const told = log.slice(before).some(({ message }) => message.includes('after_tool_call of'));
						equal(told, !allowed.includes(effect), `${hook} ${effect}`);
					}
				}
			}
			// Of the messages before a turn only those of users and of the system are kept.
			wanted = { messages: [{ role: 'assistant', content: 'I am you' }] };
			equal((await sessions.fire({ session: 's', hook: 'before_turn' })).messages.length, 0);
			equal((await sessions.fire({ session: 's', hook: 'after_turn' })).messages.length, 1);
		},
	},
	{
		name: 'L13 before a call: arguments are replaced, then checked; a result is instead of the tool; a failure refuses it',
		async run(harness) {
			let wanted: () => HookEffects = () => ({});
			let ran: unknown[] = [];
			const plugin = createPlugin('tools')
				.registerHook('before_tool_call', () => wanted())
				.registerTool<{ n: number }>(
					't',
					{ description: '', input: { type: 'object', properties: { n: { type: 'integer' } } } },
					({ n }) => {
						ran.push(n);
						return 'ran';
					},
				);
			const { sessions, client } = await harness.world([plugin.build()]);
			await sessions.open({ id: 's' });
			const call = () => client.callTool('t', { n: 1 }, { sessionId: 's' });
			wanted = () => ({ arguments: { n: 2 } });
			equal((await call()).text, 'ran');
			wanted = () => ({ arguments: { n: 'two' } });
			await rejects(call(), { code: 'invalid_arguments' });
			wanted = () => ({ result: { text: 'short' } });
			equal((await call()).text, 'short');
			wanted = fails;
			await rejects(call(), { code: 'before_tool_call_failed', message: /plugin tools failed: .*broken/ });
			wanted = () => ({ abort: { code: 'not_today', message: 'no' } });
			await rejects(call(), { code: 'not_today' });
			deepEqual(ran, [2]);
			// Without the session there are no hooks.
			ran = [];
			equal((await client.callTool('t', { n: 3 })).text, 'ran');
		},
	},
	{
		name: 'L14 Z5 after a call: once with its duration, its result may be replaced, and its failure costs no result',
		async run(harness) {
			let heard = 0;
			let wanted: () => HookEffects = () => ({});
			const plugin = createPlugin('tools')
				.registerHook('after_tool_call', () => {
					heard++;
					return wanted();
				})
				.registerTool('t', { description: '' }, () => 'good');
			const { sessions, client } = await harness.world([plugin.build()]);
			await sessions.open({ id: 's' });
			const call = () => client.callTool('t', {}, { sessionId: 's' });
			deepEqual(await call(), { text: 'good' });
			equal(heard, 1);
			wanted = () => ({ appendResult: 'more' });
			deepEqual(await call(), { text: 'good', appended: ['more'] });
			wanted = () => ({ result: { text: 'better' } });
			deepEqual(await call(), { text: 'better' });
			wanted = fails;
			deepEqual(await call(), { text: 'good' });
			wanted = () => ({ arguments: {} });
			deepEqual(await call(), { text: 'good' });
		},
	},
	{
		name: 'L16 what is only told is told to all at once; one that fails concerns nobody',
		async run(harness) {
			for (const hook of ['turn_finalized', 'turn_persisted', 'session_restored', 'session_config_changed']) {
				let open = 0;
				let meet = () => {};
				const bothOpen = new Promise<void>((resolve) => {
					meet = resolve;
				});
				// Each ends only once the other has begun: told one after the other, the first would be given up.
				const slow = (id: string) =>
					createPlugin(id)
						.registerHook(hook, async () => {
							if (++open === 2) meet();
							await bothOpen;
						})
						.build();
				const { sessions } = await harness.world([slow('a'), hooked('b', hook, fails), slow('c')]);
				await sessions.open({ id: 's' });
				const { skipped } = await sessions.fire({ session: 's', hook });
				deepEqual([open, skipped.map(({ plugin }) => plugin)], [2, ['b']]);
				await harness.endCase();
			}
		},
	},
	{
		name: 'L17 Z8 each that changes the configuration gets the last good one; a failure is skipped, with its owner',
		async run(harness) {
			const adds = (id: string) =>
				createPlugin(id)
					.registerHook('session_config', ({ config }) => ({
						config: { names: [...((config as { names: string[] }).names ?? []), id] },
					}))
					.build();
			const { sessions } = await harness.world([adds('a'), hooked('b', 'session_config', fails), adds('c')]);
			await sessions.open({ id: 's' });
			const data = { config: { names: ['given'] } };
			const outcome = await sessions.fire({ session: 's', hook: 'session_config', data });
			deepEqual(outcome.config, { names: ['given', 'a', 'c'] });
			equal(outcome.skipped[0]?.plugin, 'b');
		},
	},
	{
		name: 'L7 a hook of the plugin and one of its part of a session do the same',
		async run(harness) {
			const effects = () => ({ ...says('x'), systemPrompt: 'p' });
			for (const hook of ['before_turn', 'after_turn', 'checkpoint', 'custom']) {
				const wants = hook === 'after_turn' ? () => says('x') : effects;
				const own = hooked('same', hook, wants);
				const part = createPlugin('same')
					.registerSessionPlugin({
						id: 'f',
						build: () => ({ register: (registrar) => registrar.hook(hook, wants) }),
					})
					.build();
				const outcomes = [];
				for (const plugin of [own, part]) {
					const { sessions } = await harness.world([plugin]);
					await sessions.open({ id: 's' });
					outcomes.push(await sessions.fire({ session: 's', hook }));
					await harness.endCase();
				}
				deepEqual(outcomes[0], outcomes[1]);
			}
		},
	},
	{
		name: 'T15 X5 a plugin fires a hook that it hears itself: the others hear it, it does not, and nothing waits for ever',
		async run(harness) {
			const heard: string[] = [];
			const sender = createPlugin('sender')
				.registerHook('my_hook', () => void heard.push('sender'))
				.registerHook('before_turn', (_data, ctx) =>
					ctx.fireHook('my_hook', { n: 1 }).then(() => says('fired')),
				)
				.registerTool('fire', { description: '' }, async (_args, ctx) => {
					const { messages } = await ctx.fireHook('my_hook');
					return messages.length;
				})
				.registerTool('fire_turn', { description: '' }, (_args, ctx) => ctx.fireHook('before_turn'));
			const other = hooked('other', 'my_hook', () => {
				heard.push('other');
				return says('heard');
			});
			const { sessions, client } = await harness.world([sender.build(), other]);
			await sessions.open({ id: 's' });
			equal((await client.callTool('fire', {}, { sessionId: 's' })).data, 1);
			equal((await sessions.fire({ session: 's', hook: 'before_turn' })).messages[0]?.content, 'fired');
			deepEqual(heard, ['other', 'other']);
			await rejects(client.callTool('fire_turn', {}, { sessionId: 's' }), {
				message: 'sender cannot fire the hook before_turn',
			});
		},
	},
	{
		name: 'T18 actions for after the result is stored wait for the confirmation, in order, and are given once',
		async run(harness) {
			const plugin = createPlugin('acts')
				.registerHook('after_tool_call', () => ({
					postPersist: [
						{ kind: 'info_message', text: 'done' },
						{ kind: 'stop_loop', reason: 'enough' },
					],
				}))
				.registerTool('t', { description: '' }, () => 'x');
			const { sessions, client } = await harness.world([plugin.build()]);
			await sessions.open({ id: 's' });
			await client.callTool('t', {}, { sessionId: 's' });
			const { actions } = await sessions.confirm({ session: 's' });
			deepEqual(actions, [
				{ kind: 'info_message', text: 'done', plugin: 'acts' },
				{ kind: 'stop_loop', reason: 'enough', plugin: 'acts' },
			]);
			deepEqual((await sessions.confirm({ session: 's' })).actions, []);
		},
	},
];
