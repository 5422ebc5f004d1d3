import { deepEqual, equal, rejects } from 'node:assert/strict';
import { createPlugin } from '../../../src/runtime/plugin/definition/create-plugin.ts';
import type { SessionCase } from '../harness.ts';

/** What plugins bring into a session. */
export const partCases: readonly SessionCase[] = [
	{
		name: 'L2 factories are built in the order of the plugins, and of their registration; their hooks run in that order',
		async run(harness) {
			const order: string[] = [];
			const make = (id: string, ...factories: string[]) =>
				factories
					.reduce(
						(builder, factory) =>
							builder.registerSessionPlugin({
								id: factory,
								build: () => {
									order.push(`${id}/${factory}`);
									const hook = () => void order.push(`${id}/${factory}!`);
									return { register: (registrar) => registrar.hook('custom', hook) };
								},
							}),
						createPlugin(id),
					)
					.build();
			const { sessions } = await harness.world([make('b', 'two', 'one'), make('a', 'x')]);
			const { id, builds } = await sessions.open({});
			deepEqual(order, ['b/two', 'b/one', 'a/x']);
			await sessions.fire({ session: id, hook: 'custom' });
			deepEqual(order.slice(3), ['b/two!', 'b/one!', 'a/x!']);
			deepEqual(Object.keys(builds).sort(), ['a/x', 'b/one', 'b/two']);
		},
	},
	{
		name: 'L3 the opener says which plugins take part, and in which order',
		async run(harness) {
			const order: string[] = [];
			const make = (id: string) =>
				createPlugin(id)
					.registerSessionPlugin({
						id: 'f',
						build: () => {
							order.push(id);
							return { register: (registrar) => registrar.hook('custom', () => void order.push(`${id}!`)) };
						},
					})
					.build();
			const { sessions } = await harness.world([make('a'), make('b'), make('c')]);
			await sessions.open({ id: 's', plugins: ['c', 'a'] });
			await sessions.fire({ session: 's', hook: 'custom' });
			deepEqual(order, ['c', 'a', 'c!', 'a!']);
			// The order that there is without a word can be asked for, and edited as any list.
			const all = (await sessions.plugins()).plugins.map(({ plugin }) => plugin);
			deepEqual(all, ['a', 'b', 'c']);
			for (const [plugins, expected] of [
				[all, 'abc'],
				[all.filter((id) => id !== 'b'), 'ac'],
				[all.map((id) => (id === 'a' ? 'c' : id)).slice(0, 2), 'cb'],
				[[...all.slice(1), 'a'], 'bca'],
				[[], ''],
			] as const) {
				equal((await sessions.open({ plugins: [...plugins] })).plugins.join(''), expected);
			}
			await rejects(sessions.open({ plugins: ['a', 'a'] }), {
				code: 'invalid_arguments',
				message: '/plugins names a twice',
			});
			await rejects(sessions.open({ plugins: ['a', 'd'] }), {
				code: 'plugin_not_found',
				message: 'there is no plugin d that runs',
			});
		},
	},
	{
		name: 'L8 what only one plugin may be is claimed once: a second claim names both',
		async run(harness) {
			const make = (id: string) =>
				createPlugin(id)
					.registerSessionPlugin({
						id: 'f',
						build: () => ({ register: (registrar) => registrar.claim('compactor') }),
					})
					.build();
			const { sessions, orchestrator } = await harness.world([make('one'), make('two')]);
			await rejects(sessions.open({}), {
				code: 'session_failed',
				message: /^plugins one and two both have the slot compactor in session/,
			});
			equal(orchestrator.sessions.count, 0);
			await sessions.open({ plugins: ['one'] });
		},
	},
	{
		name: 'L6 what factories contribute is asked once, in their order, and is in the context of each build',
		async run(harness) {
			let asked = 0;
			const seen: unknown[] = [];
			const make = (id: string, size: number) =>
				createPlugin(id)
					.registerSessionPlugin({
						id: 'f',
						extensionContributions() {
							asked++;
							return [{ extension: 'sizes', payload: { size } }];
						},
						build: ({ extensions }) => {
							seen.push(extensions);
							return {};
						},
					})
					.build();
			const { sessions } = await harness.world([make('a', 1), make('b', 2)]);
			await sessions.open({});
			await sessions.open({});
			const sizes = { sizes: [{ size: 1 }, { size: 2 }] };
			deepEqual([asked, seen], [2, [sizes, sizes, sizes, sizes]]);
		},
	},
	{
		name: 'L9 a name that is there already is refused: a factory, a tool of the plugin or of another, an operation',
		async run(harness) {
			const factory = (id: string, tool: string) => ({
				id,
				build: () => ({
					register: (registrar: import('../../../src/runtime/index.ts').SessionRegistrar) =>
						registrar.tool(tool, { description: '' }, () => 0),
				}),
			});
			try {
				createPlugin('p').registerSessionPlugin(factory('f', 'x')).registerSessionPlugin(factory('f', 'y'));
				throw new Error('a factory was taken twice');
			} catch (error) {
				equal((error as { code?: string }).code, 'duplicate_plugin');
			}
			const own = createPlugin('own')
				.registerTool('x', { description: '' }, () => 0)
				.registerSessionPlugin(factory('f', 'x'));
			const a = createPlugin('a').registerSessionPlugin(factory('f', 'y'));
			const b = createPlugin('b').registerSessionPlugin(factory('f', 'y'));
			const twice = createPlugin('twice').registerSessionPlugin({
				id: 'f',
				build: () => ({
					register(registrar) {
						registrar.query('q', { description: '' }, () => 0);
						registrar.task('q', { description: '' }, () => 0);
					},
				}),
			});
			const { sessions } = await harness.world([own.build(), a.build(), b.build(), twice.build()]);
			await rejects(sessions.open({ plugins: ['own'] }), {
				code: 'duplicate_tool',
				message: 'plugin own has a tool x already',
			});
			await rejects(sessions.open({ plugins: ['a', 'b'] }), {
				code: 'duplicate_tool',
				message: /plugins a and b both have the tool y/,
			});
			await rejects(sessions.open({ plugins: ['twice'] }), {
				code: 'session_failed',
				message: 'plugin twice has an operation q already',
			});
		},
	},
	{
		name: 'L20 queries, commands and tasks have schemas, say whether they need a session, and fail with codes',
		async run(harness) {
			let cancelled: unknown;
			let waits = 0;
			const plugin = createPlugin('ops')
				.registerQuery('version', { description: 'Its version.' }, () => '1')
				.registerSessionPlugin({
					id: 'f',
					build: () => ({
						register(registrar) {
							const input = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
							registrar.command('add', { description: 'Adds.', input }, ({ n }) => n + 1);
							registrar.command('fail', { description: '' }, () => {
								throw new Error('no');
							});
							registrar.task(
								'wait',
								{ description: '' },
								(_args, { signal }) =>
									new Promise((resolve) => {
										waits++;
										signal.addEventListener('abort', () => {
											cancelled = signal.reason;
											resolve(0);
										});
									}),
							);
						},
					}),
				});
			const { sessions } = await harness.world([plugin.build()]);
			const { operations } = await sessions.open({ id: 's' });
			deepEqual(
				operations.map(({ kind, name, session }) => [kind, name, session]),
				[
					['query', 'version', 'forbidden'],
					['command', 'add', 'required'],
					['command', 'fail', 'required'],
					['task', 'wait', 'required'],
				],
			);
			deepEqual(operations[1]?.inputSchema.required, ['n']);
			equal((await sessions.operate({ name: 'version' })).result, '1');
			equal((await sessions.operate({ session: 's', name: 'add', arguments: { n: 1 } })).result, 2);
			await rejects(sessions.operate({ session: 's', name: 'add', arguments: { n: 'x' } }), {
				code: 'invalid_arguments',
				message: /command add of plugin ops/,
			});
			await rejects(sessions.operate({ session: 's', name: 'none' }), { code: 'operation_not_found' });
			await rejects(sessions.operate({ name: 'add' }), { code: 'operation_not_found' });
			await rejects(sessions.operate({ session: 's', name: 'version' }), { code: 'invalid_arguments' });
			await rejects(sessions.operate({ session: 's', name: 'fail' }), { code: 'handler_error' });
			const controller = new AbortController();
			const waiting = sessions.operate({ session: 's', name: 'wait' }, { signal: controller.signal });
			// A task that outlives its session ends with it.
			const outlives = sessions.operate({ session: 's', name: 'wait' });
			const failures = Promise.all([
				rejects(waiting, { code: 'cancelled' }),
				rejects(outlives, {
					code: 'cancelled',
					message: /wait of plugin ops was cancelled: session s was closed/,
				}),
			]);
			while (waits < 2) await new Promise((resolve) => setTimeout(resolve, 5));
			controller.abort();
			await sessions.close({ session: 's' });
			await failures;
			while (!cancelled) await new Promise((resolve) => setTimeout(resolve, 5));
		},
	},
];
