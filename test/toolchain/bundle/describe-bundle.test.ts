import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeBundle } from '../../../src/toolchain/bundle/describe-bundle.ts';
import { patienceMs } from '../../support/patience.ts';
import { projectRoot } from '../../support/run-cli.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const scratch = scratchFolder('describe');

/** Tries a bundle with this text, on Deno: that runs the program which imports it as it stands in the sources. */
function describeText(text: string, importTimeoutMs: number) {
	const bundle = join(mkdtempSync(join(scratch, 'b-')), 'plugin.mjs');
	writeFileSync(bundle, text);
	const project = { entry: '/project/plugin.ts', dir: projectRoot, forDeno: true };
	return describeBundle(project, bundle, { target: 'deno', importTimeoutMs });
}

test('a module that hangs while it loads is given up, with the reason', async () => {
	const text = 'setInterval(() => {}, 1000); await new Promise(() => {});';
	await expect(describeText(text, 2_000)).rejects.toMatchObject({
		code: 'plugin_load_failed',
		message: '/project/plugin.ts did not finish loading within 2 s',
		hint: expect.stringContaining('nor wait for what never comes'),
	});
});

test('a module that ends its process, or throws, says so and is not out of time', async () => {
	await expect(describeText('process.exit(7);', patienceMs)).rejects.toMatchObject({
		code: 'plugin_load_failed',
		message: '/project/plugin.ts ended the process that imported it (exit code 7)',
	});
	await expect(describeText("throw new Error('it is broken');", patienceMs)).rejects.toMatchObject({
		code: 'plugin_load_failed',
		message: '/project/plugin.ts could not be loaded: it is broken',
	});
	await expect(describeText('export default 3;', patienceMs)).rejects.toMatchObject({ code: 'not_a_plugin' });
});
