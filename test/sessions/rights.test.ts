import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { serviceClient } from '../../src/runtime/services/service-client.ts';
import { sessionsService } from '../../src/runtime/services/sessions-service.ts';
import { createHarness, type Harness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
	harness = await createHarness('embedded');
});
afterEach(() => harness.endCase());
afterAll(() => harness.close());

/** An open session `s` with one plugin, and clients of it by their names. */
async function openWorld() {
	const part = createPlugin('part').registerHook('own.hook', () => ({ trace: [{ name: 'ran' }] }));
	const world = await harness.world([part.build()]);
	await world.sessions.open({ id: 's' });
	const clientOf = async (name: string) => serviceClient(sessionsService, await world.connect(name));
	return { owner: world.sessions, part: await clientOf('part'), stranger: await clientOf('stranger') };
}

const denied = { code: 'permission_denied' };

test('a session is used by who opened it alone: its plugins may not close it, nor read what it keeps', async () => {
	const { owner, part, stranger } = await openWorld();
	const session = 's';
	for (const client of [part, stranger]) {
		const questions = [
			client.describe({ session }),
			client.confirm({ session }),
			client.snapshot({ session }),
			client.cancel({ session, call: '1' }),
			client.operate({ session, name: 'x' }),
			client.close({ session }),
			client.open({ id: 'child', parent: session }),
		];
		for (const question of questions) await expect(question).rejects.toMatchObject(denied);
		expect((await client.list({})).sessions).toEqual([]);
	}
	expect((await owner.list({})).sessions.map(({ id }) => id)).toEqual(['s']);
});

test('the plugins of a session fire hooks of their own names in it; strangers none, and nobody those of the runtime', async () => {
	const { owner, part, stranger } = await openWorld();
	const fire = { session: 's', hook: 'own.hook' };
	expect((await owner.fire(fire)).trace).toHaveLength(1);
	await part.fire(fire);
	await expect(stranger.fire(fire)).rejects.toMatchObject(denied);
	await expect(part.fire({ session: 's', hook: 'before_turn' })).rejects.toMatchObject(denied);
	await owner.fire({ session: 's', hook: 'before_turn' });
	for (const hook of ['before_tool_call', 'after_tool_call', 'session_start', 'idle']) {
		for (const client of [owner, part]) {
			await expect(client.fire({ session: 's', hook })).rejects.toMatchObject({
				...denied,
				hint: 'Plugins fire hooks of names of their own.',
			});
		}
	}
});
