import { type ChildProcess, spawn } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { LineSplitter } from '../../src/runtime/launching/line-splitter.ts';
import { PluginProcess } from '../../src/runtime/launching/plugin-process.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { type Runtime, runtimeCommand } from '../support/runtime-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { bundle, fixtureFile } from './bundle.ts';
import { childrenOf, isGone, misbehave, misbehaveFile, OutputLog } from './processes.ts';

expectNothingLeftBehind();

const folder = scratchFolder('guard');
let hostFile = '';
beforeAll(async () => {
	hostFile = await bundle('host.ts', folder);
});

function startHost(runtime: Runtime, ...behaviours: string[]): { host: ChildProcess; log: OutputLog } {
	const log = new OutputLog();
	const host = spawn(
		...runtimeCommand(
			runtime,
			runtime === 'deno' ? fixtureFile('host.ts') : hostFile,
			misbehaveFile,
			...behaviours,
		),
		{
			env: { ...process.env, TEST_NODE: process.execPath },
			stdio: ['ignore', 'pipe', 'inherit'],
		},
	);
	const splitter = new LineSplitter((line) => void log.listener(line, 'stdout'));
	host.stdout?.on('data', (chunk: Uint8Array) => splitter.push(chunk));
	return { host, log };
}

async function pidOf(log: OutputLog, pattern: RegExp): Promise<number> {
	return Number((await log.line(pattern))[1]);
}

describe.each<Runtime>(['node', 'deno'])('a host on %s that is killed', (runtime) => {
	it('leaves no plugin behind: none that ignores SIGTERM, none that is stopped, none with children', async () => {
		const { host, log } = startHost(runtime, 'ignore-sigterm', 'stop-itself', 'grandchild');
		const plugins = [
			await pidOf(log, /^ignore-sigterm runs as (\d+)/),
			await pidOf(log, /^stop-itself runs as (\d+)/),
			await pidOf(log, /^grandchild runs as (\d+)/),
			await pidOf(log, /^grandchild: grandchild (\d+)/),
		];
		await log.line(/^ignore-sigterm: READY/);
		await log.line(/^stop-itself: READY/);
		await log.line(/^all started/);
		host.kill('SIGKILL');
		await expect.poll(() => plugins.filter((pid) => !isGone(pid))).toEqual([]);
	});

	it.runIf(process.platform === 'linux')(
		'leaves nothing that a plugin started in a session of its own',
		async () => {
			const { host, log } = startHost(runtime, 'own-session');
			const grandchild = await pidOf(log, /^own-session: grandchild (\d+)/);
			await log.line(/^all started/);
			host.kill('SIGKILL');
			await expect.poll(() => isGone(grandchild)).toBe(true);
		},
	);

	it.runIf(process.platform === 'linux')(
		'together with its guard leaves what the next host ends',
		async () => {
			const { host, log } = startHost(runtime, 'ignore-sigterm', 'own-session');
			const plugins = [
				await pidOf(log, /^ignore-sigterm runs as (\d+)/),
				await pidOf(log, /^own-session runs as (\d+)/),
				await pidOf(log, /^own-session: grandchild (\d+)/),
			];
			await log.line(/^all started/);
			const [guard = expect.fail('there is no guard')] = childrenOf(host.pid ?? 0).filter(
				(pid) => !plugins.includes(pid),
			);
			// Stopped first, so that it can start no other guard.
			host.kill('SIGSTOP');
			process.kill(guard, 'SIGKILL');
			host.kill('SIGKILL');
			const next = startHost(runtime, 'silent');
			await next.log.line(/^all started/);
			await expect.poll(() => plugins.filter((pid) => !isGone(pid))).toEqual([]);
			expect(isGone(await pidOf(next.log, /^silent runs as (\d+)/))).toBe(false);
			next.host.kill('SIGKILL');
		},
	);

	it('gives a plugin that ends on SIGTERM the time for it', async () => {
		const { host, log } = startHost(runtime, 'end-on-sigterm');
		const plugin = await pidOf(log, /^end-on-sigterm runs as (\d+)/);
		await log.line(/^end-on-sigterm: READY/);
		host.kill('SIGKILL');
		await expect.poll(() => isGone(plugin)).toBe(true);
	});

	it('has its plugins ended even if the guard was killed before', async () => {
		const { host, log } = startHost(runtime, 'silent');
		const plugin = await pidOf(log, /^silent runs as (\d+)/);
		await log.line(/^all started/);
		const guards = () => childrenOf(host.pid ?? 0).filter((pid) => pid !== plugin);
		const [guard = expect.fail('there is no guard')] = guards();
		process.kill(guard, 'SIGKILL');
		await expect.poll(() => guards().filter((pid) => pid !== guard)).toHaveLength(1);
		host.kill('SIGKILL');
		await expect.poll(() => isGone(plugin)).toBe(true);
	});
});

describe('the guard', () => {
	it('signals no group that has ended: its number may be another’s by then', async () => {
		// Two groups of which one plays the stranger who has got the number.
		const [stranger, plugin] = [0, 1].map(() =>
			spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }),
		) as [ChildProcess, ChildProcess];
		const groups = [stranger.pid ?? 0, plugin.pid ?? 0];
		const file = await bundle('guarding-host.ts', folder);
		const host = spawn(process.execPath, [file, ...groups.map(String)], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		try {
			await new Promise((resolve) => host.stdout?.once('data', resolve));
			const [guard = expect.fail('there is no guard')] = childrenOf(host.pid ?? 0);
			expect(guard).toBeGreaterThan(0);
			host.kill('SIGKILL');
			await expect.poll(() => isGone(groups[1] ?? 0)).toBe(true);
			await expect.poll(() => isGone(guard)).toBe(true);
			expect(isGone(groups[0] ?? 0)).toBe(false);
		} finally {
			host.kill('SIGKILL');
			stranger.kill('SIGKILL');
			plugin.kill('SIGKILL');
		}
	});

	it('runs while there is something to guard, and no longer', async () => {
		const before = childrenOf(process.pid);
		const first = await PluginProcess.start(misbehave('silent'));
		const second = await PluginProcess.start(misbehave('silent'));
		const [guard = expect.fail('there is no guard')] = childrenOf(process.pid).filter(
			(pid) => !before.includes(pid) && pid !== first.pid && pid !== second.pid,
		);
		expect(guard).toBeGreaterThan(0);
		first.signal('SIGKILL');
		await first.gone;
		expect(isGone(guard)).toBe(false);
		second.signal('SIGKILL');
		await second.gone;
		await expect.poll(() => isGone(guard)).toBe(true);
	});
});
