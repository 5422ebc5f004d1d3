import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { resolveCertsDir } from '../../src/runtime/identity/directory/certs-directory.ts';

afterEach(() => {
	vi.unstubAllEnvs();
});

test('the directory is the one given, else that of the environment, else one in the home directory', () => {
	vi.stubEnv('ORCHESTRA_CERTS_DIR', '');
	expect(resolveCertsDir()).toBe(join(homedir(), '.orchestra', 'certs'));
	expect(resolveCertsDir('')).toBe(join(homedir(), '.orchestra', 'certs'));
	vi.stubEnv('ORCHESTRA_CERTS_DIR', '~/elsewhere');
	expect(resolveCertsDir()).toBe(join(homedir(), 'elsewhere'));
	expect(resolveCertsDir('/etc/certs')).toBe('/etc/certs');
});

test('a leading tilde is the home directory, and a relative path becomes absolute', () => {
	expect(resolveCertsDir('~')).toBe(homedir());
	expect(resolveCertsDir('~/x/../y')).toBe(join(homedir(), 'y'));
	expect(resolveCertsDir('some/~/certs')).toBe(resolve('some/~/certs'));
});
