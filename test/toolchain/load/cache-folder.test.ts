import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { privateFolder } from '../../../src/toolchain/load/cache-folder.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const scratch = scratchFolder('cache');

function folder(name: string, mode: number): string {
	const path = join(scratch, name);
	mkdirSync(path);
	chmodSync(path, mode);
	return path;
}

test.skipIf(process.platform === 'win32')('a cache is made for its user alone', () => {
	const path = join(scratch, 'a', 'b');
	expect(privateFolder(path)).toBe(path);
	for (const made of [path, join(scratch, 'a')]) expect(statSync(made).mode & 0o777).toBe(0o700);
});

test.skipIf(process.platform === 'win32')('one that others can put files into is not used', () => {
	expect(privateFolder(folder('group', 0o770))).toBeUndefined();
	expect(privateFolder(folder('all', 0o707))).toBeUndefined();
	expect(privateFolder(folder('readable', 0o755))).toBeDefined();
	// Nor one in a folder where others could put another in its place, unless that is kept from them.
	expect(privateFolder(join(folder('open', 0o777), 'cache'))).toBeUndefined();
	expect(privateFolder(join(folder('sticky', 0o1777), 'cache'))).toBeDefined();
});
