import { chmodSync, existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { keepCompiledCode } from '../../../src/toolchain/load/keep-compiled-code.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const scratch = scratchFolder('compiled-code');

afterEach(() => vi.unstubAllEnvs());

/** The folders that Node is given where the cache is a folder of that name. */
function given(name: string): string[] {
	const folders: string[] = [];
	vi.stubEnv('ORCHESTRA_CACHE_DIR', join(scratch, name));
	keepCompiledCode((folder) => folders.push(folder));
	return folders;
}

test('compiled code is kept in a folder of the user alone', () => {
	const [folder = ''] = given('own');
	expect(folder).toBe(join(realpathSync(scratch), 'own/code'));
	expect(statSync(folder).mode & 0o077).toBe(0);
});

test.skipIf(process.platform === 'win32')('and nowhere where others could put code', () => {
	mkdirSync(join(scratch, 'open/code'), { recursive: true });
	chmodSync(join(scratch, 'open/code'), 0o777);
	expect(given('open')).toEqual([]);
});

test('what has become too much is dropped', () => {
	const folder = join(scratch, 'full/code');
	mkdirSync(join(folder, 'v22'), { recursive: true, mode: 0o700 });
	for (let index = 0; index < 250; index++) writeFileSync(join(folder, 'v22', String(index)), '');
	expect(given('full')).toHaveLength(1);
	expect(existsSync(join(folder, 'v22/0'))).toBe(true);
	for (let index = 250; index < 260; index++) writeFileSync(join(folder, 'v22', String(index)), '');
	expect(given('full')).toHaveLength(1);
	expect(existsSync(folder)).toBe(true);
	expect(existsSync(join(folder, 'v22'))).toBe(false);
});
