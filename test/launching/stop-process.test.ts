import { describe, expect, it } from 'vitest';
import { PluginProcess } from '../../src/runtime/launching/plugin-process.ts';
import { stopProcess } from '../../src/runtime/launching/stop-process.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { patienceMs } from '../support/patience.ts';
import { isGone, isStopped, misbehave, OutputLog } from './processes.ts';

expectNothingLeftBehind();

/** A behaviour that has come to its READY line. */
async function started(...args: string[]): Promise<{ plugin: PluginProcess; log: OutputLog }> {
	const log = new OutputLog();
	const plugin = await PluginProcess.start(misbehave(...args), { onOutput: log.listener });
	await log.line(/^READY/);
	return { plugin, log };
}

describe('stopping a process', () => {
	it('that leaves after the shutdown request needs no signal', async () => {
		const { plugin, log } = await started('end-on-stdin');
		const report = await stopProcess(
			plugin,
			{ exitGraceMs: patienceMs },
			{
				async shutdown() {
					plugin.closeStdin();
					return true;
				},
			},
		);
		expect(report).toEqual({ step: 'shutdown', clean: true, exit: { code: 0, signal: null } });
		expect(log.lines).not.toContain('stdout: bye');
	});

	it('that stays after the shutdown request gets SIGTERM', async () => {
		const { plugin, log } = await started('end-on-sigterm');
		const graces = { exitGraceMs: 50, termGraceMs: patienceMs };
		const report = await stopProcess(plugin, graces, { shutdown: async () => false });
		expect(report).toEqual({ step: 'sigterm', clean: false, exit: { code: 0, signal: null } });
		await log.line(/bye/);
	});

	it('that would run its shutdown hook again on SIGTERM is killed after its answer', async () => {
		const { plugin, log } = await started('end-on-sigterm');
		const report = await stopProcess(plugin, {}, { shutdown: async () => true, staysAfterShutdown: true });
		expect(report).toMatchObject({ step: 'sigkill', clean: true });
		expect(log.lines).not.toContain('stdout: bye');
	});

	it('that does not answer gets SIGTERM, and the report says why', async () => {
		const { plugin } = await started('end-on-sigterm');
		const error = new OrchestraError('deadline_exceeded', 'no answer within 10 ms');
		const graces = { termGraceMs: patienceMs };
		const report = await stopProcess(plugin, graces, { shutdown: () => Promise.reject(error) });
		expect(report).toMatchObject({ step: 'sigterm', error });
	});

	it('that ignores SIGTERM is killed', async () => {
		const { plugin } = await started('ignore-sigterm');
		const report = await stopProcess(plugin, { termGraceMs: 100 });
		expect(report).toEqual({ step: 'sigkill', clean: false, exit: { code: null, signal: 'SIGKILL' } });
		expect(isGone(plugin.pid)).toBe(true);
	});

	it('that takes no notice of SIGTERM leaves by the end of its stdin', async () => {
		const { plugin } = await started('end-on-stdin-only');
		const report = await stopProcess(plugin, { termGraceMs: patienceMs });
		expect(report).toEqual({ step: 'sigterm', clean: false, exit: { code: 0, signal: null } });
	});

	it('that is stopped works', async () => {
		const { plugin } = await started('stop-itself');
		await expect.poll(() => isStopped(plugin.pid)).toBe(true);
		expect(await stopProcess(plugin)).toMatchObject({ step: 'sigterm' });
		expect(isGone(plugin.pid)).toBe(true);
	});

	it('whose children hold the pipes does not hang, and takes them along', async () => {
		const { plugin, log } = await started('grandchild');
		const grandchild = Number((await log.line(/grandchild (\d+)/))[1]);
		expect(await stopProcess(plugin)).toMatchObject({ step: 'sigterm', exit: { signal: 'SIGTERM' } });
		await expect.poll(() => isGone(grandchild)).toBe(true);
	});

	it('that has ended reports that, twice', async () => {
		const { plugin } = await started('ready-then-exit');
		await plugin.exited;
		const report = { step: 'already_exited', clean: false, exit: { code: 4, signal: null } };
		expect(await stopProcess(plugin)).toEqual(report);
		expect(await stopProcess(plugin)).toEqual(report);
	});
});
