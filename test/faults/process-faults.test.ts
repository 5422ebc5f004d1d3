import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LaunchOptions, launchPlugin } from '../../src/runtime/launching/launch-plugin.ts';
import type { LaunchedPlugin } from '../../src/runtime/launching/launched-plugin.ts';
import { within } from '../carriers/within.ts';
import { childrenOf, isGone, isStopped } from '../launching/processes.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { patientStop } from '../support/patience.ts';
import { runAfterEach } from '../support/run-after-each.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { Unhandled } from './unhandled.ts';

const folder = scratchFolder('faults');
let program = '';
let unhandled: Unhandled;

beforeAll(async () => {
	program = await bundleProgram(new URL('fixtures/flooding-plugin.ts', import.meta.url), folder);
});
beforeEach(() => {
	unhandled = new Unhandled();
});
afterEach(() => unhandled.expectNone());
const afterwards = runAfterEach();

async function launch(faults: string, options: Partial<LaunchOptions> = {}): Promise<LaunchedPlugin> {
	const plugin = await launchPlugin({
		command: process.execPath,
		args: [program],
		id: 'faulty',
		certsDir: join(folder, 'certs'),
		env: { FAULTS: faults },
		...options,
	});
	afterwards(() => plugin.stop());
	return plugin;
}

describe.each(['tcp', 'quic'] as const)('over %s', (carrier) => {
	test('a plugin that prints 10 MB before READY and 10 MB during calls is used all the same', async () => {
		let lines = 0;
		// A listener that is slower than the plugin.
		const onOutput = () => {
			lines++;
			return new Promise<void>((resolve) => setImmediate(resolve));
		};
		const plugin = await launch('flood-before-ready', { carrier, onOutput, readyTimeoutMs: 20_000 });
		const other = await launch('', { carrier });
		const flooding = plugin.client.callTool('flood');
		for (let n = 0; n < 5; n++) expect(await other.client.callTool('echo', { n })).toEqual({ n });
		expect(await flooding).toEqual({ flooded: true });
		for (let n = 0; n < 5; n++) expect(await plugin.client.callTool('echo', { n })).toEqual({ n });
		expect(lines).toBeGreaterThan(0);
		expect(await plugin.stop(patientStop)).toMatchObject({ step: 'shutdown', clean: true });
	});

	test('a plugin that SIGSTOP stops during calls: they end at their deadlines, and it goes on after SIGCONT', async () => {
		const plugin = await launch('', { carrier });
		const other = await launch('', { carrier });
		const held = plugin.client.callTool('hold', {}, { timeoutMs: 500 });
		held.catch(() => undefined);
		expect(await plugin.client.callTool('echo', { n: 0 })).toEqual({ n: 0 });
		process.kill(plugin.pid, 'SIGSTOP');
		await expect.poll(() => isStopped(plugin.pid)).toBe(true);
		const calls = Array.from({ length: 20 }, (_, n) =>
			plugin.client.callTool('echo', { n }, { timeoutMs: 200 + n }),
		);
		for (const call of calls) call.catch(() => undefined);
		for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'deadline_exceeded' });
		await expect(held).rejects.toMatchObject({ code: 'deadline_exceeded' });
		expect(await other.client.callTool('echo', { n: 1 })).toEqual({ n: 1 });
		process.kill(plugin.pid, 'SIGCONT');
		expect(await plugin.client.callTool('echo', { n: 2 })).toEqual({ n: 2 });
		expect(await plugin.stop(patientStop)).toMatchObject({ step: 'shutdown', clean: true });
	});

	test('a plugin that SIGSTOP has stopped is stopped by us all the same, and its calls end', async () => {
		const plugin = await launch('', { carrier });
		const held = plugin.client.callTool('hold');
		held.catch(() => undefined);
		process.kill(plugin.pid, 'SIGSTOP');
		await expect.poll(() => isStopped(plugin.pid)).toBe(true);
		const report = await within(plugin.stop({ shutdownTimeoutMs: 200, termGraceMs: 2000 }), 'the stop');
		expect(report.step).toMatch(/^sig(term|kill)$/);
		expect(isGone(plugin.pid)).toBe(true);
		// It wakes up for its end, and says so if there is time.
		await expect(held).rejects.toMatchObject({
			code: expect.stringMatching(/^(shutting_down|connection_(lost|closed))$/),
		});
	});

	test('a plugin that SIGSTOP stops while it is being stopped is gone in the end', async () => {
		const plugin = await launch('', { carrier });
		const stopping = plugin.stop({ shutdownTimeoutMs: 300, exitGraceMs: 300, termGraceMs: 300 });
		process.kill(plugin.pid, 'SIGSTOP');
		await within(stopping, 'the stop');
		expect(isGone(plugin.pid)).toBe(true);
	});

	test('a plugin that is killed during calls fails them with connection_lost, and another goes on', async () => {
		const plugin = await launch('', { carrier });
		const other = await launch('', { carrier });
		const calls = Array.from({ length: 20 }, () => plugin.client.callTool('hold'));
		for (const call of calls) call.catch(() => undefined);
		expect(await plugin.client.callTool('echo', { n: 0 })).toEqual({ n: 0 });
		process.kill(plugin.pid, 'SIGKILL');
		for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'connection_lost' });
		expect(await other.client.callTool('echo', { n: 1 })).toEqual({ n: 1 });
		await expect(plugin.client.callTool('echo')).rejects.toMatchObject({ code: 'connection_closed' });
	});
});

test('a plugin that SIGSTOP stops before READY is given up at the deadline, and nothing is left of it', async () => {
	const before = childrenOf(process.pid);
	const pending = launch('stop-before-ready', { readyTimeoutMs: 1500, stop: { termGraceMs: 500 } });
	await expect(within(pending, 'the end of the launch')).rejects.toMatchObject({ code: 'start_failed' });
	await expect.poll(() => childrenOf(process.pid).filter((pid) => !before.includes(pid))).toEqual([]);
});
