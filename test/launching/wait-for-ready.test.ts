import { describe, expect, it } from 'vitest';
import { PluginProcess } from '../../src/runtime/launching/plugin-process.ts';
import { stopProcess } from '../../src/runtime/launching/stop-process.ts';
import { waitForReady } from '../../src/runtime/launching/wait-for-ready.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { isGone, misbehave } from './processes.ts';

expectNothingLeftBehind();

/** Starts a behaviour, waits for it to be ready, and ends it whatever came of that. */
async function ready(what: string, timeoutMs = 10_000, signal?: AbortSignal): Promise<unknown> {
	const plugin = await PluginProcess.start(misbehave(what));
	try {
		return await waitForReady(plugin, { name: 'weather', command: process.execPath, timeoutMs, signal });
	} finally {
		await stopProcess(plugin, { termGraceMs: 500 });
		expect(isGone(plugin.pid)).toBe(true);
	}
}

describe('waiting for READY', () => {
	it('finds it behind 10 MB of other output', async () => {
		expect(await ready('flood-then-ready')).toEqual({ carrier: 'quic', host: '127.0.0.1', port: 9 });
	});

	it('fails with the exit code and the last output of a process that ends first', async () => {
		await expect(ready('exit-early')).rejects.toMatchObject({
			code: 'start_failed',
			message: 'weather ended before it was ready (exit code 3)',
			hint: expect.stringContaining('cannot open the database'),
			details: { exitCode: 3, output: expect.arrayContaining(['reading the configuration']) },
		});
	});

	it('fails with what a child of it says last, too', async () => {
		await expect(ready('exit-before-its-child')).rejects.toMatchObject({
			code: 'start_failed',
			message: 'weather ended before it was ready (exit code 3)',
			hint: expect.stringContaining('the database is locked'),
		});
	});

	it('fails at its deadline where nothing comes', async () => {
		await expect(ready('silent', 300)).rejects.toMatchObject({
			code: 'start_failed',
			message: 'weather was not ready within 300 ms',
			hint: expect.stringContaining('It printed nothing.'),
		});
	});

	it('fails at its deadline where only garbage comes', async () => {
		await expect(ready('garbage', 4000)).rejects.toMatchObject({
			code: 'start_failed',
			hint: expect.stringContaining('READY or not'),
		});
	});

	it('fails at once where the address is none', async () => {
		await expect(ready('bad-address')).rejects.toMatchObject({
			code: 'start_failed',
			message: expect.stringContaining('"nowhere" is not an address'),
		});
	});

	it('does not count a READY on stdout, but says that it saw one', async () => {
		await expect(ready('ready-on-stdout', 4000)).rejects.toMatchObject({
			code: 'start_failed',
			hint: expect.stringContaining('it belongs on stderr'),
		});
	});

	it('ends when its caller gives up', async () => {
		const controller = new AbortController();
		const pending = ready('silent', 10_000, controller.signal);
		controller.abort();
		await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
	});
});
