import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPlugin } from '../../../src/runtime/plugin/definition/create-plugin.ts';
import type { SessionPlugin } from '../../../src/runtime/plugin/definition/session/session-plugin.ts';
import type { SessionContext } from '../../../src/runtime/services/session-plugin-service.ts';
import type { JsonValue } from '../../../src/runtime/wire/json-value.ts';
import type { SessionCase } from '../harness.ts';
import { VirtualClock } from '../virtual-clock.ts';

/** A plugin whose part of each session is what `build` makes. */
const built = (id: string, build: (session: SessionContext) => SessionPlugin) =>
	createPlugin(id).registerSessionPlugin({ id: 'main', build }).build();

/** How sessions begin, rest, come back and end. */
export const lifeCases: readonly SessionCase[] = [
	{
		name: 'T2 L4 a session is built, registered, restored and ready, in this order, before it starts; once',
		async run(harness) {
			const steps: string[] = [];
			const plugin = built('steps', () => {
				steps.push('build');
				return {
					register(registrar) {
						steps.push('register');
						registrar.hook('session_start', () => void steps.push('session_start'));
						registrar.tool('step', { description: '' }, () => void steps.push('call'));
					},
					restore: (state) => void steps.push(`restore ${state ?? 'nothing'}`),
					ready: () => void steps.push('ready'),
					dispose: () => void steps.push('dispose'),
				};
			});
			const { sessions, client } = await harness.world([plugin]);
			await sessions.open({ id: 's' });
			await client.callTool('step', {}, { sessionId: 's' });
			await client.callTool('step', {}, { sessionId: 's' });
			await sessions.close({ session: 's' });
			const start = ['build', 'register', 'restore nothing', 'ready', 'session_start'];
			deepEqual(steps, [...start, 'call', 'call', 'dispose']);
		},
	},
	{
		name: 'T19 a session that is opened with what it does not have, or with a wrong type, is an error that names the key',
		async run(harness) {
			const { sessions, orchestrator } = await harness.world([built('a', () => ({}))]);
			for (const [args, message] of [
				[{ idle_timeout: 1 }, '/idle_timeout is nothing that a session has'],
				[{ workingDirectory: 7 }, '/workingDirectory is not a text'],
				[{ commandPrefix: 'jail' }, '/commandPrefix is not a list of texts'],
				[{ plugins: ['a', 1] }, '/plugins is not a list of texts'],
				[{ options: { a: 'x' } }, '/options/a is not an object'],
				[{ snapshots: { a: {} } }, '/snapshots/a is not a list of objects'],
				[{ id: '../x' }, '/id "../x" cannot name a session'],
			] as const) {
				await rejects(sessions.open(args as never), { code: 'invalid_arguments', message });
			}
			equal(orchestrator.sessions.count, 0);
		},
	},
	{
		name: 'L4 a failure in the second plugin leaves no session, and the first is disposed',
		async run(harness) {
			let disposed = 0;
			const first = built('first', () => ({ dispose: () => void disposed++ }));
			const second = built('second', () => ({
				ready: () => {
					throw new Error('no room');
				},
			}));
			const { sessions, orchestrator } = await harness.world([first, second]);
			await rejects(sessions.open({ id: 's' }), { code: 'session_failed', message: /s .*second.*no room/ });
			equal(orchestrator.sessions.count, 0);
			equal(disposed, 1);
			await sessions.open({ id: 's', plugins: ['first'] });
		},
	},
	{
		name: 'L1 a build that returns a promise is an error that names its factory, a slow one is told; state is shared',
		async run(harness) {
			const shared = { big: new Uint8Array(16) };
			const seen = new Set<unknown>();
			const late = createPlugin('late').registerSessionPlugin({
				id: 'factory',
				build: (async () => ({})) as unknown as () => SessionPlugin,
			});
			const slow = built('slow', () => {
				for (const end = performance.now() + 3; performance.now() < end; );
				seen.add(shared);
				return {};
			});
			const { sessions, orchestrator, log } = await harness.world([late.build(), slow]);
			await rejects(sessions.open({ plugins: ['late'] }), {
				code: 'session_failed',
				message: /factory.*late.*promise/,
			});
			const one = await sessions.open({ plugins: ['slow'] });
			await sessions.open({ plugins: ['slow'] });
			equal(seen.size, 1);
			ok((one.builds['slow/main'] ?? 0) >= 3);
			match(one.warnings.join(), /build of slow\/main took/);
			equal(orchestrator.sessions.slowBuilds, 2);
			// What `inspect` shows.
			const told = (await sessions.plugins()).plugins.flatMap(({ plugin, factories }) =>
				factories.map(({ id, builds, slow, slowestMs }) => [plugin, id, builds, slow, slowestMs >= 3]),
			);
			deepEqual(told, [
				['late', 'factory', 0, 0, false],
				['slow', 'main', 2, 2, true],
			]);
			ok(log.some(({ plugin, message }) => plugin === 'slow' && message.includes('took')));
		},
	},
	{
		name: 'L5 an id that is open is refused, also while it is being opened, and free again when it was closed',
		async run(harness) {
			const { sessions } = await harness.world([built('a', () => ({}))]);
			const both = await Promise.allSettled([sessions.open({ id: 'x' }), sessions.open({ id: 'x' })]);
			deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
			await rejects(sessions.open({ id: 'x' }), {
				code: 'session_exists',
				message: 'session x is open already',
			});
			await sessions.close({ session: 'x' });
			await rejects(sessions.describe({ session: 'x' }), { code: 'session_not_found' });
			await sessions.open({ id: 'x' });
		},
	},
	{
		name: 'L22 a child is no root, belongs to its parent, and is closed with it; a stranger can use neither',
		async run(harness) {
			const plugin = built('rooted', (session) => ({
				register(registrar) {
					if (!session.parent) registrar.tool('root_only', { description: '' }, () => 'root');
				},
			}));
			const { sessions, client, orchestrator, connect } = await harness.world([plugin]);
			await sessions.open({ id: 'root' });
			const child = await sessions.open({ id: 'child', parent: 'root' });
			deepEqual([child.parent, child.tools], ['root', []]);
			equal((await client.callTool('root_only', {}, { sessionId: 'root' })).text, 'root');
			await rejects(client.callTool('root_only', {}, { sessionId: 'child' }), { code: 'tool_not_found' });
			await rejects(sessions.open({ parent: 'nobody' }), { code: 'session_not_found' });
			const { serviceClient } = await import('../../../src/runtime/services/service-client.ts');
			const { sessionsService } = await import('../../../src/runtime/services/sessions-service.ts');
			const { createClient } = await import('../../../src/runtime/client/plugin-client.ts');
			const stranger = await connect('stranger');
			await rejects(serviceClient(sessionsService, stranger).close({ session: 'root' }), {
				code: 'permission_denied',
			});
			await rejects(createClient(stranger).callTool('root_only', {}, { sessionId: 'root' }), {
				code: 'permission_denied',
			});
			await sessions.close({ session: 'root' });
			equal(orchestrator.sessions.count, 0);
		},
	},
	{
		name: 'L22 a client that asks a plugin itself for its part of a session is refused',
		async run(harness) {
			const { connection } = await harness.world([built('part', () => ({}))]);
			const { serviceClient } = await import('../../../src/runtime/services/service-client.ts');
			const { sessionPluginService } = await import(
				'../../../src/runtime/services/session-plugin-service.ts'
			);
			const part = serviceClient(sessionPluginService, connection);
			await rejects(part.describe({}, { plugin: 'part' }), { code: 'permission_denied' });
			await rejects(part.close({ session: 's' }, { plugin: 'part' }), { code: 'permission_denied' });
		},
	},
	{
		name: 'L23 two orchestrators can both have a session of one id, and their plugins know nothing of each other',
		async run(harness) {
			const counts = [0, 0];
			const worlds = await Promise.all(
				[0, 1].map((index) =>
					harness.world([
						built('counter', () => ({
							register: (registrar) =>
								registrar.tool('count', { description: '' }, () => {
									counts[index] = (counts[index] ?? 0) + 1;
								}),
						})),
					]),
				),
			);
			for (const { sessions } of worlds) await sessions.open({ id: 'root' });
			await worlds[0]?.client.callTool('count', {}, { sessionId: 'root' });
			deepEqual(counts, [1, 0]);
		},
	},
	{
		name: 'L21 a snapshot goes round, one that has not changed is left out, a fork is apart; another version is refused',
		async run(harness) {
			const plugin = built('keeper', () => {
				let kept: string[] = [];
				return {
					version: '2',
					register(registrar) {
						registrar.tool<{ word: string }>('keep', { description: '' }, ({ word }) => void kept.push(word));
						registrar.query('kept', { description: 'What it keeps.' }, () => kept);
					},
					restore: (state: JsonValue | undefined) => {
						kept = [...((state as string[] | undefined) ?? [])];
					},
					snapshot: () => ({ revision: kept.length, state: kept }),
				};
			});
			const { sessions, client } = await harness.world([plugin]);
			const kept = async (session: string) => (await sessions.operate({ session, name: 'kept' })).result;
			await sessions.open({ id: 'one' });
			await client.callTool('keep', { word: 'a' }, { sessionId: 'one' });
			const { snapshots } = await sessions.snapshot({ session: 'one' });
			deepEqual(snapshots, { keeper: [{ factory: 'main', version: '2', revision: 1, state: ['a'] }] });
			deepEqual((await sessions.snapshot({ session: 'one', since: snapshots })).snapshots, {});
			await sessions.open({ id: 'fork', snapshots });
			await client.callTool('keep', { word: 'b' }, { sessionId: 'fork' });
			deepEqual([await kept('one'), await kept('fork')], [['a'], ['a', 'b']]);
			const old = { keeper: [{ factory: 'main', version: '1', revision: 1, state: ['a'] }] };
			await rejects(sessions.open({ snapshots: old }), {
				code: 'snapshot_mismatch',
				message: /main of plugin keeper is at version 2.*version 1/,
			});
		},
	},
	{
		name: 'T11 T12 an idle part rests at 30 s, not at 29 and not while somebody is attached, and comes back as it was',
		async run(harness) {
			const clock = new VirtualClock();
			const steps: string[] = [];
			let tools = ['say'];
			const plugin = built('sleeper', ({ workingDirectory }) => {
				let count = 0;
				steps.push('build');
				return {
					register(registrar) {
						registrar.hook('idle', () => ({ rest: true }));
						registrar.hook(
							'session_start',
							({ respawned }) => void steps.push(`start ${respawned ?? false}`),
						);
						for (const tool of tools) {
							registrar.tool(tool, { description: '' }, () => `${++count} ${workingDirectory}`);
						}
					},
					snapshot: () => ({ revision: count, state: count }),
					restore: (state) => {
						count = (state as number | undefined) ?? 0;
					},
					dispose: () => void steps.push('dispose'),
				};
			});
			const { sessions, client, orchestrator, log } = await harness.world([plugin], {
				clock,
				idleMs: 30_000,
			});
			const where = tmpdir();
			await sessions.open({ id: 's', workingDirectory: where });
			const say = async () => (await client.callTool('say', {}, { sessionId: 's' })).text;
			equal(await say(), `1 ${where}`);
			await clock.advance(29_000);
			await orchestrator.sessions.swept;
			deepEqual(steps, ['build', 'start false']);
			const reader = sessions.attach({ session: 's' });
			await reader.next();
			await clock.advance(60_000);
			await orchestrator.sessions.swept;
			deepEqual(steps, ['build', 'start false']);
			await reader.return?.();
			while (orchestrator.sessions.attached > 0) await new Promise((resolve) => setTimeout(resolve, 5));
			await clock.advance(30_000);
			await orchestrator.sessions.swept;
			deepEqual(steps.slice(2), ['dispose']);
			tools = ['say', 'more'];
			equal(await say(), `2 ${where}`);
			deepEqual(steps.slice(3), ['build', 'start true']);
			// X8: what it has now is compared with what it had.
			ok(log.some(({ message }) => message.includes('another registration (gone: nothing; new: more)')));
		},
	},
	{
		name: 'T16 a working directory that is not there is the nearest above it, with a warning',
		async run(harness) {
			const seen: string[] = [];
			const plugin = built('cwd', ({ workingDirectory }) => {
				seen.push(workingDirectory);
				return {};
			});
			const { sessions } = await harness.world([plugin]);
			const { warnings } = await sessions.open({ workingDirectory: join(tmpdir(), 'not', 'there') });
			deepEqual(seen, [tmpdir()]);
			match(warnings.join(), /not\/there is not there/);
			const fine = await sessions.open({ workingDirectory: tmpdir() });
			// A machine that is busy makes any build slow, which is another warning.
			deepEqual(
				fine.warnings.filter((warning) => !warning.startsWith('build of cwd/main took')),
				[],
			);
		},
	},
	{
		name: 'T13 a plugin serves all sessions and none; its part of a session has the prefix of commands, with the folder in it',
		async run(harness) {
			const plugin = createPlugin('both')
				.registerTool('everywhere', { description: '' }, () => 'everywhere')
				.registerSessionPlugin({
					id: 'part',
					build: ({ commandPrefix }) => ({
						register: (registrar) => registrar.tool('here', { description: '' }, () => [...commandPrefix]),
					}),
				});
			const { sessions, client } = await harness.world([plugin.build()]);
			await sessions.open({ id: 's', workingDirectory: tmpdir(), commandPrefix: ['jail', '--at={cwd}'] });
			const here = await client.callTool('here', {}, { sessionId: 's' });
			deepEqual(here.data, ['jail', `--at=${tmpdir()}`]);
			equal((await client.callTool('everywhere', {}, { sessionId: 's' })).text, 'everywhere');
			equal((await client.callTool('everywhere')).text, 'everywhere');
			await rejects(client.callTool('here'), { code: 'tool_not_found' });
		},
	},
];
