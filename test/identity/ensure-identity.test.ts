import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ensureIdentity } from '../../src/runtime/identity/ensure-identity.ts';
import { loadIdentity } from '../../src/runtime/identity/load-identity.ts';

test('makes an identity once and loads the same one after that', async () => {
	const dir = await mkdtemp(join(tmpdir(), 'orchestra-certs-'));
	onTestFinished(() => rm(dir, { recursive: true }));
	const made = await ensureIdentity(join(dir, 'certs'), 'tools.features');
	expect(made.name).toBe('tools.features');
	expect(await ensureIdentity(join(dir, 'certs'), 'tools.features')).toEqual(made);
	expect(await loadIdentity(join(dir, 'certs'), 'tools.features')).toEqual(made);
});
