import { spawn } from 'node:child_process';
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { collectGarbage } from '../../../src/toolchain/install/collect-garbage.ts';
import { updateLock } from '../../../src/toolchain/install/project/lock-file.ts';
import {
	type PluginStore,
	pluginStore,
	prepareStore,
} from '../../../src/toolchain/install/store/plugin-store.ts';
import { withStoreLock } from '../../../src/toolchain/install/store/plugin-store-lock.ts';
import { Registry } from '../../../src/toolchain/install/store/registry.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const scratch = scratchFolder('registry');

function newStore(): PluginStore {
	const store = pluginStore(mkdtempSync(join(scratch, 'home-')));
	prepareStore(store);
	return store;
}

const entry = (id: string) => ({ id, binary: `/somewhere/${id}` });
const write = (store: PluginStore, ...ids: string[]) =>
	writeFileSync(
		store.registryFile,
		JSON.stringify({ plugins: Object.fromEntries(ids.map((id) => [id, entry(id)])) }),
	);

test('a registry that another program writes while we change it: nothing of either is lost', () => {
	const store = newStore();
	write(store, 'first');
	let calls = 0;
	Registry.update(store, (entries) => {
		// The other program writes once, between our reading and our switch.
		if (++calls === 1) write(store, 'first', 'theirs');
		entries.ours = entry('ours');
	});
	expect(calls).toBe(2);
	expect([...Registry.read(store).entries.keys()]).toEqual(['first', 'theirs', 'ours']);
});

test('a program that never stops writing: a typed error, and its registry stays', () => {
	const store = newStore();
	let calls = 0;
	const change = () => write(store, `theirs-${++calls}`);
	expect(() => Registry.update(store, change)).toThrow(
		expect.objectContaining({ code: 'registry_unusable', retryable: true }),
	);
	expect([...Registry.read(store).entries.keys()]).toEqual([`theirs-${calls}`]);
	expect(readdirSync(store.dir).sort()).toEqual(['bin', 'registry.json']);
});

test('half of a registry is read when the other half is there', () => {
	const store = newStore();
	writeFileSync(store.registryFile, '{"plugins": {');
	let pauses = 0;
	// The other program goes on while reading waits, which it does without giving way.
	const pause = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
		if (++pauses === 2) write(store, 'a');
		return 'timed-out';
	});
	try {
		expect(Registry.read(store).find('a')?.entry.binary).toBe('/somewhere/a');
		expect(pauses).toBe(2);
	} finally {
		pause.mockRestore();
	}
});

test.each(['[]', '{"plugins": []}', '{"plugins": 3}'])('refuses %s', (text) => {
	const store = newStore();
	writeFileSync(store.registryFile, text);
	expect(() => Registry.read(store)).toThrow(expect.objectContaining({ code: 'registry_unusable' }));
});

test('what is no entry, null for no plugins, and keys of the prototype do no harm', () => {
	const store = newStore();
	writeFileSync(store.registryFile, '{"plugins": null}');
	expect(Registry.read(store).entries.size).toBe(0);
	writeFileSync(store.registryFile, '{"plugins": {"x": 3, "__proto__": {"id": "p", "binary": "q"}}}');
	Registry.update(store, (entries) => {
		entries.y = entry('y');
	});
	expect(Object.keys(JSON.parse(readFileSync(store.registryFile, 'utf8')).plugins)).toEqual([
		'x',
		'__proto__',
		'y',
	]);
});

test('anybody may write to the store: refused', () => {
	const home = mkdtempSync(join(scratch, 'home-'));
	const store = pluginStore(home);
	mkdirSync(store.dir, { mode: 0o777 });
	const before = process.umask(0);
	try {
		rmSync(store.dir, { recursive: true });
		mkdirSync(store.dir, { mode: 0o777 });
	} finally {
		process.umask(before);
	}
	expect(() => prepareStore(store)).toThrow(expect.objectContaining({ code: 'registry_unusable' }));
});

test('the lock: one at a time, and no listener for signals', async () => {
	const store = newStore();
	const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name));
	const before = listeners();
	let inside = 0;
	let most = 0;
	await Promise.all(
		Array.from({ length: 8 }, () =>
			withStoreLock(store, async () => {
				most = Math.max(most, ++inside);
				expect(listeners()).toEqual(before);
				await new Promise((resolve) => setImmediate(resolve));
				inside--;
			}),
		),
	);
	expect(most).toBe(1);
	expect(readdirSync(store.dir)).toEqual(['bin']);
});

test('the lock of a process that was killed is taken over', async () => {
	const store = newStore();
	const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
	await new Promise((resolve) => child.once('close', resolve));
	writeFileSync(join(store.dir, '.lock'), JSON.stringify({ pid: child.pid, host: hostname(), token: 'x' }));
	expect(await withStoreLock(store, () => 'done')).toBe('done');
});

test('a wait for the lock ends when it is aborted', async () => {
	const store = newStore();
	const controller = new AbortController();
	await withStoreLock(store, async () => {
		const waiting = withStoreLock(store, () => 'never', controller.signal);
		controller.abort();
		await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
	});
});

test('what processes left behind that were killed while they wrote is removed, and nothing else', async () => {
	const store = newStore();
	write(store, 'first');
	const inStore = (name: string, text = '') => writeFileSync(join(store.dir, name), text);
	const ended = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
	await new Promise((resolve) => ended.once('exit', resolve));
	const holder = (pid: number | undefined) => JSON.stringify({ pid, host: hostname(), token: 'x' });
	inStore('.integrity.json.0123456789ab.tmp', '{');
	inStore('.registry.json.0123456789ab.tmp');
	inStore('.lock.0123456789abcdef', holder(ended.pid));
	inStore('.lock.0123456789abcdef.old', holder(ended.pid));
	const stays = ['.lock.fedcba9876543210', '.registry.json.mine.tmp', 'notes.0123456789ab.tmp'];
	// One waits for the lock now.
	inStore(stays[0] ?? '', holder(process.pid));
	for (const name of stays.slice(1)) inStore(name);
	await withStoreLock(store, () => collectGarbage(store));
	expect(readdirSync(store.dir).sort()).toEqual([...stays, 'bin', 'registry.json'].sort());
});

test('a lock file that was never finished is removed when nobody can be writing it any more', () => {
	const project = mkdtempSync(join(scratch, 'project-'));
	const [old, young] = ['.orchestra.lock.0123456789ab.tmp', '.orchestra.lock.ba9876543210.tmp'];
	for (const name of [old, young]) writeFileSync(join(project, name), '{');
	const before = new Date(Date.now() - 3_600_000);
	utimesSync(join(project, old), before, before);
	const sha256 = 'a'.repeat(64);
	updateLock(project, (entries) => entries.set('one', { version: '1', source: 'x', resolved: 'x', sha256 }));
	expect(readdirSync(project).sort()).toEqual([young, 'orchestra.lock']);
});
