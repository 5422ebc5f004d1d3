import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { createHarness, type Harness } from './harness.ts';
import { VirtualClock } from './virtual-clock.ts';

let harness: Harness;
beforeAll(async () => {
	harness = await createHarness('embedded');
});
afterEach(() => harness.endCase());
afterAll(() => harness.close());

test('of one session 32 hooks are under way at once; one more is refused, and there is room again when they end', async () => {
	let running = 0;
	let release = () => {};
	const released = new Promise<void>((resolve) => {
		release = resolve;
	});
	let allRun = () => {};
	const all = new Promise<void>((resolve) => {
		allRun = resolve;
	});
	const slow = createPlugin('slow').registerHook('own.wait', async () => {
		if (++running === 32) allRun();
		await released;
	});
	const warnings: string[] = [];
	const onWarning = ({ message }: Error) => warnings.push(message);
	process.on('warning', onWarning);
	const { sessions } = await harness.world([slow.build()]);
	await sessions.open({ id: 's' });
	const fire = () => sessions.fire({ session: 's', hook: 'own.wait' });
	const fired = Array.from({ length: 32 }, fire);
	await all;
	await expect(fire()).rejects.toMatchObject({ code: 'overloaded' });
	release();
	await Promise.all(fired);
	await fire();
	// A warning is told when nothing else is to be done.
	await new Promise(setImmediate);
	process.off('warning', onWarning);
	expect(warnings).toEqual([]);
});

test('so many actions wait for the confirmation, and no more', async () => {
	const postPersist = Array.from({ length: 6_000 }, () => ({ kind: 'info_message' as const, text: 'x' }));
	const eager = createPlugin('eager').registerHook('own.act', () => ({ postPersist }));
	const { sessions } = await harness.world([eager.build()]);
	await sessions.open({ id: 's' });
	for (let time = 0; time < 3; time++) await sessions.fire({ session: 's', hook: 'own.act' });
	expect((await sessions.confirm({ session: 's' })).actions).toHaveLength(10_000);
});

test('a child belongs to who opened its parent, and is gone when that is; what is under way in it is cancelled', async () => {
	let began = () => {};
	const waits = new Promise<void>((resolve) => {
		began = resolve;
	});
	const plugin = createPlugin('waits').registerTool('wait', { description: '' }, (_args, { signal }) => {
		began();
		return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
	});
	const { sessions, client } = await harness.world([plugin.build()]);
	await sessions.open({ id: 's' });
	await sessions.open({ id: 'child', parent: 's' });
	const call = client.callTool('wait', {}, { sessionId: 'child' });
	const ended = expect(call).rejects.toMatchObject({
		code: 'cancelled',
		message: expect.stringContaining('session child was closed'),
	});
	await waits;
	await sessions.close({ session: 's' });
	await ended;
	await expect(sessions.describe({ session: 'child' })).rejects.toMatchObject({ code: 'session_not_found' });
});

test('a hook has the time that it was given, or what is usual', async () => {
	const never = () => new Promise<never>(() => {});
	const late = createPlugin('late')
		.registerHook('own.hang', { timeoutMs: 20 }, never)
		.registerHook('own.quick', () => ({ trace: [{ name: 'ran' }] }));
	const { sessions } = await harness.world([late.build()]);
	await sessions.open({ id: 's' });
	const { skipped } = await sessions.fire({ session: 's', hook: 'own.hang' });
	expect(skipped).toEqual([
		{
			plugin: 'late',
			hook: 'own.hang',
			code: 'deadline_exceeded',
			message: 'hook own.hang of plugin late did not end within 20 ms',
		},
	]);
	expect((await sessions.fire({ session: 's', hook: 'own.quick' })).trace).toEqual([
		{ name: 'plugin.late.ran', data: {} },
	]);
});

test('where nothing is said a session is idle after 30 seconds, and is told so once', async () => {
	const clock = new VirtualClock();
	let idle = 0;
	const plugin = createPlugin('sleepy').registerHook('idle', () => void idle++);
	const { sessions, orchestrator } = await harness.world([plugin.build()], { clock });
	await sessions.open({ id: 's' });
	const after = async (ms: number) => {
		await clock.advance(ms);
		await orchestrator.sessions.swept;
		return idle;
	};
	expect([await after(29_000), await after(1_000), await after(600_000)]).toEqual([0, 1, 1]);
	await sessions.fire({ session: 's', hook: 'before_turn' });
	expect([await after(29_000), await after(31_000)]).toEqual([1, 2]);
});

test('the first hook that aborts is the last one that runs', async () => {
	const ran: string[] = [];
	const hooked = (id: string, abort?: { code: string; message: string }) =>
		createPlugin(id)
			.registerHook('before_turn', () => {
				ran.push(id);
				return abort ? { abort } : undefined;
			})
			.build();
	const enough = { code: 'too_much', message: 'enough' };
	const { sessions } = await harness.world([hooked('first'), hooked('second', enough), hooked('third')]);
	await sessions.open({ id: 's' });
	const { abort } = await sessions.fire({ session: 's', hook: 'before_turn' });
	expect([abort, ran]).toEqual([{ plugin: 'second', ...enough }, ['first', 'second']]);
});
