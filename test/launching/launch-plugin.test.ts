import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { PeerError } from '../../src/runtime/client/peer-error.ts';
import { type LaunchOptions, launchPlugin } from '../../src/runtime/launching/launch-plugin.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { patienceMs } from '../support/patience.ts';
import { type Runtime, runtimeCommand } from '../support/runtime-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { bundle, fixtureFile } from './bundle.ts';
import { childrenOf, isGone, misbehaveFile, OutputLog } from './processes.ts';
import { quicWorks } from './quic-works.ts';

/** QUIC has no binary for every machine; the test's name shows what ran. */
const carriers = (await quicWorks()) ? (['tcp', 'quic'] as const) : (['tcp'] as const);
const folder = scratchFolder('launch');
const certsDir = join(folder, 'certs');
let pluginFile = '';
beforeAll(async () => {
	pluginFile = await bundle('small-plugin.ts', folder);
});

expectNothingLeftBehind();

/** How the small plugin is launched, over TCP, with its flags. */
function small(flags: string[] = [], options: Partial<LaunchOptions> = {}): LaunchOptions {
	return {
		command: process.execPath,
		args: [pluginFile, ...flags],
		id: 'small',
		certsDir,
		carrier: 'tcp',
		// What is to end by itself has the time for it.
		stop: { exitGraceMs: patienceMs },
		...options,
	};
}

/** How a process was started; empty where it has ended. */
function commandOf(pid: number): string {
	try {
		return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
	} catch {
		return '';
	}
}

/** What a launch that fails rejects with. Nothing that it started may be left, the guard neither. */
async function failing(options: LaunchOptions): Promise<{ error: unknown; lines: string[] }> {
	const log = new OutputLog();
	const before = childrenOf(process.pid);
	const error = await launchPlugin({ ...options, onOutput: log.listener }).then(
		(launched) => launched.stop().then(() => new Error('it was launched')),
		(reason: unknown) => reason,
	);
	const left = () => childrenOf(process.pid).filter((pid) => !before.includes(pid));
	// The guard may need a moment to see that it is not needed any more; the plugin is gone by now.
	expect(left().filter((pid) => !commandOf(pid).includes('orchestra-guard'))).toEqual([]);
	await expect.poll(left).toEqual([]);
	return { error, lines: log.lines };
}

describe('a plugin that is launched', () => {
	it('is registered, booted and listed; answers; and leaves when it is told', async () => {
		const log = new OutputLog();
		const exits: unknown[] = [];
		const launched = await launchPlugin(
			small([], {
				config: { city: 'Oslo' },
				orchestratorAddr: '127.0.0.1:1',
				signal: new AbortController().signal,
				onOutput: log.listener,
				onExit: (status) => exits.push(status),
			}),
		);
		expect(launched).toMatchObject({
			id: 'small',
			address: { carrier: 'tcp' },
			manifest: { version: '1.0.0' },
		});
		expect(launched.tools.map((tool) => tool.name)).toEqual(['echo']);
		expect(launched.connection.peer.name).toBe('small');
		expect(await launched.client.callTool('echo', { n: 1 })).toEqual({ n: 1 });
		await log.line(/^booted with {"city":"Oslo"}/);
		const [line] = await log.line(/^arguments .*/);
		expect(line).toBe(
			`arguments --orchestrator-addr=127.0.0.1:1 --listen-addr=localhost:0 --certs-dir=${certsDir}`,
		);

		const stops = await Promise.all([launched.stop(), launched.stop()]);
		expect(stops[0]).toEqual({ step: 'shutdown', clean: true, exit: { code: 0, signal: null } });
		expect(stops[1]).toBe(stops[0]);
		expect(isGone(launched.pid)).toBe(true);
		expect(log.lines.filter((text) => text.includes('shutdown hook'))).toEqual(['stdout: shutdown hook 1']);
		expect(exits).toEqual([{ code: 0, signal: null }]);
		await expect(launched.client.callTool('echo')).rejects.toThrow();
	});

	it('may take a while to boot where nothing is said about it', async () => {
		await using launched = await launchPlugin(small(['--boot-ms=1800']));
		expect(launched.id).toBe('small');
	});

	it('has the time to boot that was given for that, and not the one for each step', async () => {
		const { error } = await failing(small(['--boot-ms=5000'], { stepTimeoutMs: 20_000, bootTimeoutMs: 200 }));
		expect(error).toMatchObject({ message: expect.stringContaining('did not boot') });
	});

	it('whose id is not known is called by its certificate', async () => {
		await using launched = await launchPlugin(small(['--id=shown', '--no-manifest'], { id: undefined }));
		expect(launched.id).toBe('shown');
		expect(launched.connection.peer.name).toBe('shown');
	});

	it('that speaks only the core protocol runs its shutdown hook once, like the others', async () => {
		const log = new OutputLog();
		const launched = await launchPlugin(small(['--core'], { onOutput: log.listener }));
		expect(launched.description).toBeUndefined();
		expect(await launched.stop()).toMatchObject({ step: 'sigkill', clean: true });
		expect(log.lines.filter((text) => text.includes('shutdown hook'))).toEqual(['stdout: shutdown hook 1']);
	});

	it('that does not answer the shutdown request is stopped all the same', async () => {
		const launched = await launchPlugin(
			small(['--hang'], { stop: { shutdownTimeoutMs: 100, termGraceMs: patienceMs } }),
		);
		expect(await launched.stop()).toMatchObject({ step: 'sigterm', error: { code: 'deadline_exceeded' } });
	});

	it.each(carriers)(
		'that crashes fails the calls under way over %s with connection_lost, and says how it ended',
		async (carrier) => {
			const exits: unknown[] = [];
			const launched = await launchPlugin(small([], { carrier, onExit: (status) => exits.push(status) }));
			const pending = launched.client.callTool('hang').catch((error: unknown) => error);
			await expect(launched.client.callTool('die')).rejects.toMatchObject({ code: 'connection_lost' });
			expect(await pending).toMatchObject({ code: 'connection_lost' });
			expect(await launched.exited).toEqual({ code: 6, signal: null });
			await expect.poll(() => exits).toEqual([{ code: 6, signal: null }]);
			expect(await launched.stop()).toMatchObject({ step: 'already_exited', exit: { code: 6 } });
		},
	);

	it.each(carriers)('that is made with the builder is used and stopped over %s', async (carrier) => {
		const log = new OutputLog();
		const args = [await bundle('real-plugin.ts', folder)];
		const launched = await launchPlugin({
			command: process.execPath,
			args,
			id: 'real',
			certsDir,
			carrier,
			config: { city: 'Oslo' },
			stop: { exitGraceMs: patienceMs },
			onOutput: log.listener,
		});
		expect(launched.address?.carrier).toBe(carrier);
		expect(launched.description?.orchestrator).toBe(false);
		expect(launched.manifest).toMatchObject({
			id: 'real',
			version: '2.0.0',
			providesTools: ['add', 'count'],
		});
		expect(await launched.client.callTool('add', { a: 1, b: 2 })).toEqual({ sum: 3, city: 'Oslo' });
		const counted: string[] = [];
		for await (const { data } of launched.client.streamTool('count')) {
			counted.push(new TextDecoder().decode(data));
			if (counted.length === 3) break;
		}
		expect(counted).toHaveLength(3);
		await log.line(/the counter was stopped/);
		expect(await launched.stop()).toEqual({
			step: 'shutdown',
			clean: true,
			exit: { code: 0, signal: null },
		});
		expect(log.lines.filter((line) => line.includes('shut down'))).toEqual(['stdout: shut down']);
	});
});

describe.each<Runtime>(['node', 'deno'])('a host on %s', (runtime) => {
	it.each(carriers)('launches a plugin over %s, uses it, stops it, and ends', async (carrier) => {
		const host = 'launching-host.ts';
		const hostFile = runtime === 'deno' ? fixtureFile(host) : await bundle(host, folder);
		const [command, args] = runtimeCommand(
			runtime,
			hostFile,
			process.execPath,
			pluginFile,
			certsDir,
			carrier,
		);
		const { stdout } = await promisify(execFile)(command, args, { timeout: patienceMs });
		expect(JSON.parse(stdout)).toEqual({
			id: 'small',
			carrier,
			answer: { hello: 'you' },
			stopped: { step: 'shutdown', clean: true, exit: { code: 0, signal: null } },
			printed: true,
			failed: 'cannot start ./nothing: there is no such file',
		});
	});
});

describe('a launch fails, and leaves nothing behind,', () => {
	it('where the certificate is not that of the plugin', async () => {
		const { error } = await failing(small(['--id=other']));
		expect(error).toMatchObject({ code: 'identity_mismatch' });
	});

	it('where the plugin refuses the registration', async () => {
		const { error, lines } = await failing(small(['--refuse']));
		expect(error).toBeInstanceOf(PeerError);
		expect(error).toMatchObject({
			code: 'registration_rejected',
			message: expect.stringContaining('not today'),
		});
		expect(lines.join()).not.toContain('booted');
	});

	it('where the plugin cannot boot', async () => {
		const { error } = await failing(small(['--fail-boot']));
		expect(error).toMatchObject({ code: 'boot_failed', message: expect.stringContaining('no database') });
	});

	it('where the plugin ends while it boots', async () => {
		const { error } = await failing(small(['--die-at-boot']));
		expect(error).toMatchObject({
			code: 'start_failed',
			message: 'small ended while it was started (exit code 7)',
			hint: expect.stringContaining('booted with'),
		});
	});

	it('where it ends right after READY', async () => {
		const { error } = await failing({
			command: process.execPath,
			args: [misbehaveFile, 'ready-then-exit'],
			id: 'small',
			certsDir,
		});
		expect(error).toMatchObject({ code: 'start_failed', details: { exitCode: 4 } });
	});

	it('where it cannot be reached, and ignores SIGTERM', async () => {
		const { error } = await failing({
			command: process.execPath,
			args: [misbehaveFile, 'ignore-sigterm'],
			id: 'small',
			certsDir,
			stop: { termGraceMs: 500 },
		});
		expect(error).toMatchObject({ code: 'unreachable' });
	});

	it('where it listens on another carrier than was asked for', async () => {
		const { error } = await failing(small(['--pretend']));
		expect(error).toMatchObject({
			code: 'start_failed',
			message: 'small listens on quic at 127.0.0.1:9, but tcp was asked for',
		});
	});

	it('where its caller gives up', async () => {
		const controller = new AbortController();
		const log = new OutputLog();
		const pending = launchPlugin({
			command: process.execPath,
			args: [misbehaveFile, 'silent'],
			id: 'small',
			certsDir,
			signal: controller.signal,
			onOutput: log.listener,
		});
		controller.abort();
		await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
	});

	it('where the id cannot be one', async () => {
		const { error } = await failing(small([], { id: '../x' }));
		expect(error).toMatchObject({ code: 'invalid_name' });
	});

	it('where there is no such executable', async () => {
		const { error } = await failing({ command: './nothing', certsDir });
		expect(error).toMatchObject({ code: 'start_failed', message: expect.stringContaining('./nothing') });
	});
});
