import { mkdirSync, mkdtempSync, realpathSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { toolchainRoot } from '../../../src/toolchain/installation.ts';
import { toolchainReference } from '../../../src/toolchain/scaffold/toolchain-reference.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const folders = scratchFolder('reference');

test('points from where the folder really is, even through a link', () => {
	const scratch = mkdtempSync(join(folders, 'case-'));
	mkdirSync(join(scratch, 'real/deep'), { recursive: true });
	symlinkSync(join(scratch, 'real/deep'), join(scratch, 'link'));
	const reference = toolchainReference(join(scratch, 'link/new/plugin'));
	expect(reference).toMatch(/^file:\.\.\//);
	const path = resolve(join(scratch, 'real/deep/new/plugin'), reference.slice('file:'.length));
	expect(path).toBe(resolve(realpathSync(toolchainRoot)));
});
