import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { patienceMs } from '../support/patience.ts';
import { projectRoot } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

test('a copy of the toolchain in a bundle without its package.json says so, and does not search for ever', async () => {
	const outfile = join(scratchFolder('installation'), 'bundle.mjs');
	const entry = join(projectRoot, 'src/toolchain/installation.ts');
	await build({
		entryPoints: [entry],
		outfile,
		bundle: true,
		platform: 'node',
		format: 'esm',
		logLevel: 'error',
	});
	const { status, signal, stderr } = spawnSync(process.execPath, [outfile], {
		timeout: patienceMs,
		encoding: 'utf8',
	});
	expect({ status, signal }).toEqual({ status: 1, signal: null });
	expect(stderr).toContain('there is no package.json of orchestra-toolchain above');
});
