import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { cacheDir } from '../../../src/toolchain/load/cache-folder.ts';

const { home } = vi.hoisted(() => ({ home: { path: '' as string | undefined } }));
vi.mock('node:os', async (original) => ({
	...(await original<typeof import('node:os')>()),
	homedir() {
		if (home.path === undefined) throw new Error('no entry in the list of users');
		return home.path;
	},
}));
afterEach(() => vi.unstubAllEnvs());

function dirOf(path: string | undefined, own = '', base = ''): string | undefined {
	home.path = path;
	vi.stubEnv('ORCHESTRA_CACHE_DIR', own);
	vi.stubEnv('XDG_CACHE_HOME', base);
	return cacheDir();
}

test('the cache is where it was asked for, else where those of the user are, else in the home', () => {
	expect(dirOf('/home/ada', '/own', '/base')).toBe('/own');
	expect(dirOf('/home/ada', '', '/base')).toBe(join('/base', 'orchestra'));
	expect(dirOf('/home/ada')).toBe(join('/home/ada', '.cache', 'orchestra'));
});

test('a user without a home has none, and none in the working folder', () => {
	expect([dirOf(''), dirOf(undefined)]).toEqual([undefined, undefined]);
	expect(dirOf(undefined, '', '/base')).toBe(join('/base', 'orchestra'));
});
