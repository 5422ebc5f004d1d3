import { readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { embedded } from '../../src/runtime/host.ts';
import { createPlugin } from '../../src/runtime/index.ts';
import { closeAll } from '../../src/runtime/seams/load-all.ts';
import { storeMessages } from '../../src/runtime/seams/store/store-messages.ts';
import {
	checkStatus,
	DurableStore,
	defineSeam,
	jsonSchema,
	loadAll,
	loadNamedSeam,
	loadSeam,
	NotificationDispatcher,
	notifierSeam,
} from '../../src/runtime/seams.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

expectNothingLeftBehind();

const scratch = scratchFolder('seam-parts');

const never = () => new Promise<never>(() => {});

test('of several seams all are loaded or none, and one that cannot be closed keeps no other from it', async () => {
	const closed: string[] = [];
	const seam = (name: string, fails = false) => ({
		async [Symbol.asyncDispose]() {
			closed.push(name);
			if (fails) throw new Error('it stays');
		},
	});
	const missing = () => Promise.reject(new Error('the second is missing'));
	await expect(
		loadAll([async () => seam('first', true), missing, async () => seam('third')]),
	).rejects.toThrow('the second is missing');
	expect(closed.splice(0)).toEqual(['first', 'third']);
	await closeAll([seam('a'), seam('b', true), seam('c')]);
	expect(closed).toEqual(['a', 'b', 'c']);
});

test('a plugin that does not say its name is stopped', async () => {
	let stopped = 0;
	const plugin = createPlugin('nameless')
		.provideSeam(notifierSeam, { name: never, notify: () => {} })
		.lifecycle({ onShutdown: () => void stopped++ })
		.build();
	await expect(loadNamedSeam(notifierSeam, embedded(plugin), { nameTimeoutMs: 20 })).rejects.toMatchObject({
		code: 'deadline_exceeded',
	});
	expect(stopped).toBe(1);
});

test('a check or a notifier that hangs is given up at its time; one that ends leaves no timer', async () => {
	const hangs = await checkStatus({ check: never }, { key: 'a' }, { timeoutMs: 20 });
	expect(hangs).toMatchObject({
		state: 'unknown',
		message: expect.stringContaining('no answer within 20 ms'),
	});
	const well = { check: () => ({ component: 'a', state: 'operational' as const }) };
	expect(await checkStatus(well, { key: 'a' })).toMatchObject({ state: 'operational' });
	const failed: string[] = [];
	const dispatcher = new NotificationDispatcher(
		[
			{ name: 'hangs', client: { notify: never } },
			{ name: 'hears', client: { notify: async () => {} } },
		],
		{ timeoutMs: 20, onFailure: (name, { code }) => failed.push(`${name} ${code}`) },
	);
	expect(await dispatcher.emit({ type: 'flag_changed', title: 'x' })).toEqual(['hears']);
	expect(failed).toEqual(['hangs deadline_exceeded']);
	const patient = new NotificationDispatcher([{ name: 'hears', client: { notify: async () => {} } }], {
		timeoutMs: 60_000,
	});
	expect(await patient.emit({ type: 'flag_changed', title: 'x' })).toEqual(['hears']);
});

test('what a store acknowledges is on the disk; where something cannot be written nothing after it is acknowledged', async () => {
	const file = join(scratch, 'kept.jsonl');
	const store = await DurableStore.open(file);
	const probe = await open(scratch, 'r');
	await probe.close();
	/** What the file had each time that it was synced. */
	const found: string[] = [];
	const sync = vi.spyOn(Object.getPrototypeOf(probe), 'datasync').mockImplementation(async () => {
		found.push(readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '');
	});
	try {
		await store.createFlag({ key: 'a', enabled: true, createdAt: 1 });
		expect(found).toEqual([expect.stringContaining('"key":"a"')]);
		sync.mockImplementation(() => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })));
		const refused = { code: 'no_space', hint: expect.stringContaining('open it again') };
		await expect(store.createFlag({ key: 'b', enabled: true })).rejects.toMatchObject(refused);
		sync.mockImplementation(async () => {});
		await expect(store.createFlag({ key: 'c', enabled: true })).rejects.toMatchObject(refused);
		// It was said not to be kept, so it is not told as if it were.
		await expect(store.getFlag({ key: 'b' })).rejects.toMatchObject(refused);
		await expect(store.ping()).rejects.toMatchObject(refused);
	} finally {
		sync.mockRestore();
		await store.close();
	}
});

test('a file that is no store is refused each time in the same way, and is held by nobody', async () => {
	const file = join(scratch, 'notes.txt');
	writeFileSync(file, 'my notes\n');
	for (let time = 0; time < 2; time++) {
		await expect(DurableStore.open(file)).rejects.toMatchObject({ code: 'invalid_configuration' });
	}
	expect(readFileSync(file, 'utf8')).toBe('my notes\n');
});

test('a seam has a name of its own, and a version from 1', () => {
	for (const name of ['orchestra.mine', '', '1st', 'a b', 'x'.repeat(65)]) {
		expect(() => defineSeam(name, { version: 1, methods: {} })).toThrow('a seam cannot be named');
	}
	for (const version of [0, -1, 1.5]) {
		expect(() => defineSeam('mine', { version, methods: {} })).toThrow(`is ${version}`);
	}
});

test('times of a store are nanoseconds over gRPC, states an enum, and what comes back is the same', () => {
	const flag = { key: 'a', enabled: true, createdAt: 1_700_000_000_000.5, updatedAt: 0 };
	expect(storeMessages.toMessage(flag)).toEqual({
		key: 'a',
		enabled: true,
		createdAt: '1700000000000500000',
		updatedAt: '0',
	});
	const check = { component: 'a', state: 'down', latencyMs: 2.25, checkedAt: 5 };
	const message = storeMessages.toMessage(check);
	expect(message).toMatchObject({ state: 'HEALTH_STATE_DOWN', latency: '2250000' });
	expect(storeMessages.fromMessage(message)).toEqual(check);
	expect(storeMessages.fromMessage({ checks: [message] })).toEqual({ checks: [check] });
});

test('what a plugin logs reaches its host', async () => {
	const plugin = createPlugin('speaks')
		.provideSeam(notifierSeam, { name: () => ({ name: 'speaks' }), notify: () => {} })
		.lifecycle({ onBoot: (_config, { log }) => log.info('it has begun') })
		.build();
	const heard: string[] = [];
	await using loaded = await loadSeam(notifierSeam, embedded(plugin), {
		onLog: ({ plugin: id, message }) => heard.push(`${id}: ${message}`),
	});
	expect([loaded.version, heard]).toEqual([1, ['speaks: it has begun']]);
});

test('an item of a stream that does not fit its schema is an error, and those before it are there', async () => {
	const item = jsonSchema<{ n: number }>({
		type: 'object',
		required: ['n'],
		properties: { n: { type: 'number' } },
	});
	const counting = defineSeam('counting', {
		version: 1,
		methods: { count: { kind: 'server_stream', output: item } },
	});
	const plugin = createPlugin('counts')
		.provideSeam(counting, {
			async *count() {
				yield { n: 1 };
				yield { n: 'two' } as never;
			},
		})
		.build();
	await using loaded = await loadSeam(counting, embedded(plugin));
	const heard: number[] = [];
	const reading = async () => {
		for await (const { n } of loaded.client.count()) heard.push(n);
	};
	await expect(reading()).rejects.toMatchObject({ code: 'invalid_response' });
	expect(heard).toEqual([1]);
});
