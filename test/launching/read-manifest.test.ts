import { describe, expect, it } from 'vitest';
import { readManifest } from '../../src/runtime/launching/read-manifest.ts';
import { misbehave } from './processes.ts';

describe('asking an executable for its manifest', () => {
	it('reads what it prints', async () => {
		expect(await readManifest(misbehave('manifest'))).toMatchObject({
			id: 'weather',
			version: '1.2.3',
			providesTools: ['forecast'],
			needsAi: [],
		});
	});

	it.each([
		['manifest-noise', 'did not print one JSON object'],
		['manifest-endless', 'printed more than 1048576 bytes'],
		['exit-early', 'failed (exit code 3)'],
	])('says what is wrong with %s', async (what, message) => {
		await expect(readManifest(misbehave(what))).rejects.toMatchObject({
			code: 'invalid_plugin',
			message: expect.stringContaining(message),
		});
	});

	it('does not wait for ever', async () => {
		await expect(readManifest(misbehave('silent'), { timeoutMs: 300 })).rejects.toMatchObject({
			code: 'invalid_plugin',
			message: expect.stringContaining('did not end within 300 ms'),
		});
	});

	it('says where there is nothing to ask', async () => {
		await expect(readManifest({ command: './nothing', args: [], env: {} })).rejects.toMatchObject({
			code: 'start_failed',
		});
	});
});
