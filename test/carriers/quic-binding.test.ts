import { createRequire } from 'node:module';
import { afterEach, expect, test, vi } from 'vitest';
import { quicWorks } from '../launching/quic-works.ts';

afterEach(() => vi.unstubAllEnvs());

/** Loads the module anew: it keeps the binding that it has found. */
async function load() {
	vi.resetModules();
	const { loadQuicBinding } = await import('../../src/runtime/carrier/quic/native/native-binding.ts');
	return loadQuicBinding();
}

test('a binding that is not there is one clear sentence', async () => {
	vi.stubEnv('ORCHESTRA_QUIC_BINDING', '/nowhere/quic.node');
	await expect(load()).rejects.toMatchObject({
		code: 'carrier_unavailable',
		message: expect.stringMatching(
			/^QUIC does not work on this machine \(.+\): \/nowhere\/quic\.node cannot be loaded\.$/,
		),
		hint: expect.stringContaining('tcp://'),
	});
});

test('a file that is no binding is refused', async () => {
	vi.stubEnv('ORCHESTRA_QUIC_BINDING', new URL('../../package.json', import.meta.url).pathname);
	await expect(load()).rejects.toMatchObject({ code: 'carrier_unavailable' });
});

test.skipIf(!(await quicWorks()))('a binding can be named', async () => {
	const packageName = `@matrixai/quic-${process.platform}-${process.arch}`;
	vi.stubEnv('ORCHESTRA_QUIC_BINDING', createRequire(import.meta.url).resolve(packageName));
	expect((await load()).versionIsSupported(1)).toBe(true);
});
