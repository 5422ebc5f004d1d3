import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { toolchainRoot } from '../../../src/toolchain/installation.ts';
import { toolchainReference } from '../../../src/toolchain/scaffold/toolchain-reference.ts';

test('points from where the folder really is, even through a link', () => {
	const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'orchestra-reference-')));
	onTestFinished(() => rmSync(scratch, { recursive: true, force: true }));
	mkdirSync(join(scratch, 'real/deep'), { recursive: true });
	symlinkSync(join(scratch, 'real/deep'), join(scratch, 'link'));
	const reference = toolchainReference(join(scratch, 'link/new/plugin'));
	expect(reference).toMatch(/^file:\.\.\//);
	const path = resolve(join(scratch, 'real/deep/new/plugin'), reference.slice('file:'.length));
	expect(path).toBe(resolve(realpathSync(toolchainRoot)));
});
