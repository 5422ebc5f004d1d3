import { describe, expect, test } from 'vitest';
import { goPlugin } from '../../src/runtime/go-plugin.ts';
import { loadSeam, storeMessages, storeSeam, storeSuite } from '../../src/runtime/seams.ts';
import { isGone } from '../launching/processes.ts';
import { titled } from './support/go-binaries.ts';
import { goPluginBinaries, probeCookie, storeCookie } from './support/go-plugin-binaries.ts';

const binaries = await goPluginBinaries();

const seams = { store: { service: 'orchestra.store.v1.StoreService', messages: storeMessages } };

/** A store behind the seam: a process of its own, empty. */
function load() {
	const command = { command: binaries.store };
	return loadSeam(
		storeSeam,
		goPlugin({ label: 'go-store', command, cookie: storeCookie, versions: [1], seams }),
	);
}

describe.skipIf(binaries.missing)(titled('C1 the seam store, a Go binary', binaries), () => {
	test.each(storeSuite)('$name', async ({ run }) => {
		await using loaded = await load();
		await run(loaded.client);
	});

	test('C1 everything that a record holds comes back, durations as milliseconds', async () => {
		await using loaded = await load();
		const { client } = loaded;
		const flag = {
			key: 'a',
			enabled: true,
			scope: 'beta',
			rollout: 0,
			cohort: '',
			variants: [{ key: 'v', value: 'x', weight: 0.5 }],
			createdAt: 1_767_323_045_678,
			updatedAt: 1_767_323_045_678.25,
		};
		const absent = { description: undefined } as object;
		await client.createFlag({ ...flag, ...absent });
		expect(await client.getFlag({ key: 'a' })).toStrictEqual(flag);
		const check = { component: 'c', state: 'degraded', latencyMs: 12.5, checkedAt: -1 } as const;
		await client.recordCheck(check);
		expect(await client.latestCheck({ component: 'c' })).toStrictEqual(check);
		for (const wrong of [{ createdAt: 1e300 }, { createdAt: 'now' }, { enabled: 3 }]) {
			await expect(client.createFlag({ ...flag, key: 'b', ...(wrong as object) })).rejects.toMatchObject({
				code: 'invalid_arguments',
			});
		}
	});

	test('C4 close ends its process; what dies says so', async () => {
		const [closed, killed] = [await load(), await load()];
		await closed.close();
		await closed.close();
		expect(isGone(closed.pid ?? 0)).toBe(true);
		const gone = new Promise((resolve) => killed.gone.addEventListener('abort', resolve, { once: true }));
		process.kill(killed.pid ?? expect.fail('it has no process'), 'SIGKILL');
		await gone;
		expect(killed.gone.reason).toMatchObject({ code: 'connection_lost' });
		await expect(killed.client.ping()).rejects.toMatchObject({
			code: 'connection_lost',
			message: 'plugin go-store has ended (SIGKILL)',
		});
		await expect(closed.client.ping()).rejects.toMatchObject({ code: 'connection_closed' });
	});

	test.each([
		[
			'a Go binary of another seam',
			binaries.probe,
			probeCookie,
			'seam_not_found',
			'dispense store of plugin',
		],
		['a program that is none', '/bin/true', storeCookie, 'start_failed', 'start store plugin "loaded": '],
	])('C3 %s is told by name', async (_what, command, cookie, code, message) => {
		const source = goPlugin({ label: 'loaded', command: { command }, cookie, versions: [1], seams });
		await expect(loadSeam(storeSeam, source)).rejects.toMatchObject({
			code,
			message: expect.stringContaining(message),
		});
	});
});
