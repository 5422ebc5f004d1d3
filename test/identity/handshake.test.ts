import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { inspectCertificate } from '../../src/runtime/identity/directory/inspect-certificate.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import { runtimeCommand } from '../support/runtime-command.ts';
import { handshake } from './fixtures/handshake.ts';
import { startChild } from './fixtures/start-child.ts';
import { temporaryDir } from './fixtures/temporary-dir.ts';

// Containers often have no IPv6 at all.
const hasIPv6 = Object.values(networkInterfaces())
	.flat()
	.some((address) => address?.address === '::1');
const mutual = { protocol: 'TLSv1.3', serverName: 'weather', clientName: 'weather-client' };

test('two identities of one authority connect, by each loopback address and by name', async () => {
	const authority = createAuthority();
	const server = issueIdentity(authority, 'weather');
	const client = issueIdentity(authority, 'weather-client');
	const hosts = hasIPv6 ? ['127.0.0.1', '::1', 'localhost'] : ['127.0.0.1', 'localhost'];
	for (const host of hosts) {
		expect(await handshake(server, client, host)).toEqual(mutual);
	}
});

test('identities made before and after a renewal of the authority connect', async () => {
	const before = createAuthority();
	const after = createAuthority({ privateKeyPem: before.privateKeyPem });
	const old = issueIdentity(before, 'weather');
	const fresh = issueIdentity(after, 'weather-client');
	expect(await handshake(old, fresh)).toEqual(mutual);
	expect(await handshake(fresh, old)).toMatchObject({ serverName: 'weather-client' });
});

test('identities of different authorities do not', async () => {
	const server = issueIdentity(createAuthority(), 'weather');
	const client = issueIdentity(createAuthority(), 'weather-client');
	await expect(handshake(server, client)).rejects.toThrow();
	await expect(handshake(server, { ...client, caPem: server.caPem })).rejects.toThrow();
});

test('on Deno the same code makes, reads and uses the same certificates', async () => {
	const dir = await temporaryDir();
	await ensureIdentity(dir, 'weather');
	const script = fileURLToPath(new URL('./fixtures/handshake-child.ts', import.meta.url));
	const child = startChild(...runtimeCommand('deno', script, dir));
	try {
		const { seen, report } = JSON.parse(await child.nextLine());
		expect(seen).toEqual(mutual);
		const { problem, ...expected } = await inspectCertificate(dir, 'weather');
		expect(report).toEqual({ ...expected, shareUsed: expect.closeTo(expected.shareUsed ?? 1, 3) });
		expect(problem).toBeUndefined();
		// And what Deno made works here.
		const [server, client] = [
			await ensureIdentity(dir, 'weather'),
			await ensureIdentity(dir, 'weather-client'),
		];
		expect(await handshake(server, client)).toEqual(mutual);
	} finally {
		child.process.kill();
	}
});
