import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { embedded, launched } from '../../src/runtime/host.ts';
import { createPlugin } from '../../src/runtime/index.ts';
import {
	checkAll,
	checkStatus,
	DurableStore,
	healthStates,
	type LoadedSeam,
	llmSeam,
	loadAll,
	loadNamedSeam,
	loadSeam,
	MemoryStore,
	type Notification,
	NotificationDispatcher,
	notifierSeam,
	overallState,
	runChecks,
	StatusRegistry,
	severityOf,
	statusProviderSeam,
	storeSeam,
	storeSuite,
	transitionOf,
} from '../../src/runtime/seams.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { seamsAt, seamsFolder } from './load-seams.ts';

const { folder, remove } = seamsFolder();
afterAll(remove);
const scratch = scratchFolder('composition');

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

test('C2 run by hand, a plugin for Go hosts ends at once with a sentence, and listens nowhere', async () => {
	const program = await bundleProgram(new URL('fixtures/by-hand.ts', import.meta.url), folder);
	const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
	let [stdout, stderr] = ['', ''];
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	const code = await new Promise((resolve) => child.once('close', resolve));
	// A socket would be said on stdout.
	expect([code, stdout]).toEqual([1, '']);
	expect(stderr).toMatch(/plugin/);
});

test('W1 C6 an implementation that does not say its name is not loaded, and its process is gone', async () => {
	for (const name of [
		() => new Promise<never>(() => {}),
		() => ({ name: '' }),
		() => Promise.reject(new Error('no name here')),
	]) {
		const plugin = createPlugin('nameless')
			.provideSeam(notifierSeam, { name, notify: () => {} } as never)
			.build();
		await expect(loadNamedSeam(notifierSeam, embedded(plugin), { nameTimeoutMs: 100 })).rejects.toMatchObject(
			{
				message: expect.stringContaining('nameless does not say its name'),
			},
		);
	}
});

test('C7 a check of a plugin that has died, hangs, or answers for another is unknown, and says why', async () => {
	const seam = await loadNamedSeam(statusProviderSeam, await seamsAt('tcp', folder));
	expect(await checkStatus(seam.client, { key: 'a', config: { state: 'down' } })).toMatchObject({
		state: 'down',
	});
	process.kill(seam.pid ?? expect.fail('it has no process'), 'SIGKILL');
	const dead = await checkStatus(seam.client, { key: 'a' }, { timeoutMs: 5_000 });
	expect(dead).toMatchObject({
		component: 'a',
		state: 'unknown',
		message: expect.stringContaining('status plugin: '),
	});
	expect(Date.now() - (dead.checkedAt ?? 0)).toBeLessThan(60_000);
	await seam.close();
	const hangs = await checkStatus({ check: () => new Promise(() => {}) }, { key: 'a' }, { timeoutMs: 20 });
	expect(hangs).toMatchObject({ state: 'unknown', message: expect.stringContaining('20 ms') });
	const other = await checkStatus({ check: () => ({ component: 'b', state: 'down' }) }, { key: 'a' });
	expect(other).toMatchObject({ component: 'a', state: 'unknown' });
	const throws = await checkStatus(
		{
			check() {
				throw new Error('at once');
			},
		},
		{ key: 'a' },
	);
	expect(throws.message).toBe('status plugin: at once');
});

test('C9 of three plugins whose second cannot be loaded none is left', async () => {
	let pid: number | undefined;
	const source = await seamsAt('tcp', folder);
	const missing = launched({
		label: 'missing',
		command: { command: join(scratch, 'missing') },
		certsDir: join(folder, 'certs'),
	});
	const first = async () => {
		const seam: LoadedSeam<(typeof storeSeam)['methods']> = await loadSeam(storeSeam, source);
		pid = seam.pid;
		return seam;
	};
	await expect(
		loadAll([first, () => loadSeam(storeSeam, missing), () => loadSeam(llmSeam, source)]),
	).rejects.toMatchObject({
		code: 'start_failed',
		message: expect.stringContaining('missing'),
	});
	expect(pid).toBeGreaterThan(0);
	expect(isAlive(pid ?? 0)).toBe(false);
});

test('C10 a registry dispatches by name, the last of a name counts, and an unknown one is a check that is recorded', async () => {
	const provider = (name: string, message: string) => ({
		name,
		client: {
			check: ({ key }: { key: string }) => ({ component: key, state: 'operational' as const, message }),
		},
	});
	const registry = new StatusRegistry([
		provider('http', 'first'),
		provider('dns', 'dns'),
		provider('http', 'second'),
	]);
	expect(registry.names).toEqual(['dns', 'http']);
	expect(await registry.check({ key: 'a', provider: 'http' })).toMatchObject({ message: 'second' });
	const store = new MemoryStore();
	store.createComponent({ key: 'a', provider: 'http' });
	store.createComponent({ key: 'b', provider: 'x' });
	const client = await loadSeam(storeSeam, embedded(createPlugin('s').provideSeam(storeSeam, store).build()));
	const { checks, notifications } = await checkAll(client.client, registry);
	expect(checks.map(({ component, state }) => [component, state])).toEqual([
		['a', 'operational'],
		['b', 'unknown'],
	]);
	expect(notifications).toEqual([]);
	expect((await client.client.latestCheck({ component: 'b' })).message).toBe('unknown provider "x"');
	await client.close();
});

test('C11 of a hundred components sixteen are checked at one time, and the order stays', async () => {
	let running = 0;
	let most = 0;
	const client = {
		async check({ key }: { key: string }) {
			most = Math.max(most, ++running);
			await sleep(5);
			running--;
			return { component: key, state: 'operational' as const };
		},
	};
	const components = Array.from({ length: 100 }, (_, index) => ({ key: `c${index}`, provider: 'p' }));
	const checks = await runChecks(new StatusRegistry([{ name: 'p', client }]), components);
	expect(most).toBe(16);
	expect(checks.map(({ component }) => component)).toEqual(components.map(({ key }) => key));
});

test('C12 all changes of state, and what each is worth telling', () => {
	const told = Object.fromEntries(
		healthStates.flatMap((before) =>
			healthStates.map((now) => [`${before} → ${now}`, transitionOf(before, now)]),
		),
	);
	expect(told).toEqual({
		'unknown → unknown': undefined,
		'unknown → operational': undefined,
		'unknown → degraded': 'component_degraded',
		'unknown → down': 'component_down',
		'operational → unknown': undefined,
		'operational → operational': undefined,
		'operational → degraded': 'component_degraded',
		'operational → down': 'component_down',
		'degraded → unknown': undefined,
		'degraded → operational': 'component_recovered',
		'degraded → degraded': undefined,
		'degraded → down': 'component_down',
		'down → unknown': undefined,
		'down → operational': 'component_recovered',
		'down → degraded': 'component_degraded',
		'down → down': undefined,
	});
	expect(healthStates.map((now) => transitionOf(undefined, now))).toEqual([
		undefined,
		undefined,
		'component_degraded',
		'component_down',
	]);
	expect(severityOf({ type: 'component_down' })).toBe('critical');
});

test.each([
	[[], 'unknown'],
	[['unknown'], 'unknown'],
	[['unknown', 'operational'], 'operational'],
	[['operational', 'degraded', 'unknown'], 'degraded'],
	[['degraded', 'down', 'operational'], 'down'],
] as const)('C13 of %j the whole is %s', (states, expected) => {
	expect(overallState(states.map((state) => ({ state })))).toBe(expected);
});

test('C14 one notifier throws, one hangs: the third is told at once, and nothing rejects', async () => {
	const told: Notification[] = [];
	const failed: string[] = [];
	const dispatcher = new NotificationDispatcher(
		[
			{ name: 'throws', client: { notify: () => Promise.reject(new Error('no')) } },
			{ name: 'hangs', client: { notify: () => new Promise(() => {}) } },
			{
				name: 'third',
				client: {
					notify: async (notification) => {
						told.push(notification);
					},
				},
			},
		],
		{ timeoutMs: 200, now: () => 7, onFailure: (name, { code }) => failed.push(`${name} ${code}`) },
	);
	const emitting = dispatcher.emit({ type: 'flag_changed', title: 'x' });
	await waitUntil(() => told.length === 1);
	// W7: the slow one delays nobody.
	expect(failed).not.toContain('hangs deadline_exceeded');
	expect(await emitting).toEqual(['third']);
	expect(told).toEqual([{ type: 'flag_changed', title: 'x', at: 7 }]);
	expect(failed).toEqual(['throws handler_error', 'hangs deadline_exceeded']);
});

describe('C15 the durable store', () => {
	test.each(storeSuite)('$name', async ({ run }) => {
		const file = join(mkdtempSync(join(scratch, 'store-')), 'store.jsonl');
		const store = await DurableStore.open(file);
		const seam = await loadSeam(
			storeSeam,
			embedded(createPlugin('durable').provideSeam(storeSeam, store).build()),
		);
		await run(seam.client);
		const before = [
			await seam.client.listFlags(),
			await seam.client.listComponents(),
			await seam.client.latestChecks(),
		];
		await seam.close();
		await store.close();
		// All of it is there when it is opened again.
		await using again = await DurableStore.open(file);
		expect([await again.listFlags(), await again.listComponents(), await again.latestChecks()]).toEqual(
			before,
		);
	});

	test('loses nothing that was acknowledged, whenever its process is killed', async () => {
		const file = join(scratch, 'killed.jsonl');
		const program = await bundleProgram(new URL('fixtures/store-writer.ts', import.meta.url), folder);
		const acknowledged = new Set<string>();
		for (let round = 0; round < 6; round++) {
			const child = spawn(process.execPath, [program, file, String(round)], {
				stdio: ['ignore', 'pipe', 'inherit'],
			});
			let text = '';
			const enough = 20 + round * 37;
			await new Promise<void>((resolve) => {
				child.stdout.setEncoding('utf8').on('data', (more: string) => {
					text += more;
					if (text.split('\n').length > enough) child.kill('SIGKILL');
				});
				child.once('close', () => resolve());
			});
			for (const key of text.split('\n').slice(0, -1)) acknowledged.add(key);
			await using store = await DurableStore.open(file);
			const keys = new Set((await store.listFlags()).flags.map(({ key }) => key));
			expect([...acknowledged].filter((key) => !keys.has(key))).toEqual([]);
		}
		expect(acknowledged.size).toBeGreaterThan(100);
	});

	test('is held by one process, passes over half a line, refuses what is no store, and stays small', async () => {
		const file = join(scratch, 'held.jsonl');
		await using store = await DurableStore.open(file);
		await expect(DurableStore.open(file)).rejects.toMatchObject({
			code: 'conflict',
			details: { pid: process.pid },
		});
		await store.createFlag({ key: 'a', enabled: true });
		const description = 'x'.repeat(20_000);
		for (let index = 0; index < 120; index++)
			await store.updateFlag({ key: 'a', enabled: true, description });
		expect(readFileSync(file, 'utf8').length).toBeLessThan(1_500_000);
		const half = join(scratch, 'half.jsonl');
		writeFileSync(half, '{"orchestra_store":1}\n{"flag":{"key":"a","enabled":true}}\n{"flag":{"key":"b","en');
		await using opened = await DurableStore.open(half);
		expect((await opened.listFlags()).flags.map(({ key }) => key)).toEqual(['a']);
		// Another process has the number of one that was killed: its lock is that of nobody.
		const reused = join(scratch, 'reused.jsonl');
		writeFileSync(`${reused}.lock`, `${process.ppid} 1`);
		await (await DurableStore.open(reused)).close();
		writeFileSync(`${reused}.lock`, `${process.pid} 1`);
		await (await DurableStore.open(reused)).close();
		const other = join(scratch, 'other.txt');
		writeFileSync(other, 'my notes\n');
		await expect(DurableStore.open(other)).rejects.toMatchObject({ code: 'invalid_configuration' });
		expect(readFileSync(other, 'utf8')).toBe('my notes\n');
	});
});
