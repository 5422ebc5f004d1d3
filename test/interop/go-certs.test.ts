import { cpSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatHostPort, parseAddress } from '../../src/runtime/carrier/address.ts';
import { dial, listen } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { loadIdentity } from '../../src/runtime/identity/directory/load-identity.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { rotateAuthority } from '../../src/runtime/identity/upkeep/rotate-authority.ts';
import { launchPlugin } from '../../src/runtime/launching/launch-plugin.ts';
import { runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { goBinaries, titled } from './support/go-binaries.ts';
import { GoPeer } from './support/go-peer.ts';

const go = await goBinaries();
const folder = scratchFolder('go-certs');

const emptyDir = () => join(mkdtempSync(join(folder, 'dir-')), 'certs');

/** The bytes of the files in a directory. */
function filesOf(dir: string): Map<string, string> {
	return new Map(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'base64')]));
}

describe.skipIf(go.missing)(titled('certificates of Go and ours', go), () => {
	test('a directory that Go made is used by us, and none of its files changes', async () => {
		const dir = emptyDir();
		await using peer = new GoPeer(go.peer);
		await peer.ask('certs', { dir, names: ['go-tools', 'go-tools-client', 'orchestrator'] });
		const before = filesOf(dir);
		expect(await loadIdentity(dir, 'orchestrator')).toMatchObject({ name: 'orchestrator' });
		await using launched = await launchPlugin({ command: go.plugin, id: 'go-tools', certsDir: dir });
		expect(await launched.client.callTool('echo', { ok: true })).toEqual({ ok: true });
		const after = filesOf(dir);
		for (const [name, bytes] of before) expect(after.get(name), name).toBe(bytes);
		expect([...after.keys()].filter((name) => !before.has(name)).sort()).toEqual([
			'orchestrator-to-go-tools.crt',
			'orchestrator-to-go-tools.key',
		]);
	});

	test('a certificate that Go made serves us as a server and as a client', async () => {
		const dir = emptyDir();
		await using peer = new GoPeer(go.peer);
		await peer.ask('certs', { dir, names: ['server', 'client'] });
		for (const carrier of ['quic', 'tcp'] as const) {
			await using listener = await listen(
				{ carrier, host: '127.0.0.1', port: 0 },
				{
					identity: await loadIdentity(dir, 'server'),
					handler: (exchange) => exchange.finish({ health: { message: exchange.peer.name } }),
				},
			);
			const identity = await loadIdentity(dir, 'client');
			await using client = createClient(await dial(listener.address, { identity, expectPeer: 'server' }));
			expect(await client.health()).toMatchObject({ message: 'client' });
		}
	});

	test('a directory that we made is used by Go, and none of its files changes', async () => {
		const dir = emptyDir();
		for (const name of ['orchestrator', 'ours.kit', 'go-client']) await ensureIdentity(dir, name);
		const before = filesOf(dir);
		await using peer = new GoPeer(go.peer);
		await peer.ask('certs', { dir, names: ['go-client', 'made-by-go'] });
		await using listener = await listen(
			{ carrier: 'quic', host: '127.0.0.1', port: 0 },
			{
				identity: await loadIdentity(dir, 'ours.kit'),
				handler: (exchange) => exchange.finish({ health: { message: exchange.peer.name } }),
			},
		);
		// Both: the certificate that we made, and one that Go made with our CA.
		for (const name of ['go-client', 'made-by-go']) {
			for (const host of ['127.0.0.1', 'localhost']) {
				const client = await peer.dial(dir, name, `${host}:${listener.address.port}`);
				expect(await peer.send(client, { health: {} })).toMatchObject({ health: { message: name } });
			}
		}
		expect(await loadIdentity(dir, 'made-by-go')).toMatchObject({ name: 'made-by-go' });
		const after = filesOf(dir);
		for (const [name, bytes] of before) expect(after.get(name), name).toBe(bytes);
		expect([...after.keys()].filter((name) => !before.has(name)).sort()).toEqual([
			'made-by-go.crt',
			'made-by-go.key',
		]);
	});

	test('plugins that start at once on an empty directory agree on one CA, since the host makes it first', async () => {
		const dir = emptyDir();
		const ids = ['go.one', 'go.two', 'go.three', 'go.four'];
		const launched = await Promise.all(
			ids.map((id) => launchPlugin({ command: go.plugin, id, certsDir: dir, env: { GO_PLUGIN_ID: id } })),
		);
		try {
			const answers = await Promise.all(launched.map(({ client }) => client.callTool('echo', { ok: true })));
			expect(answers).toEqual(ids.map(() => ({ ok: true })));
		} finally {
			await Promise.all(launched.map((plugin) => plugin.stop()));
		}
	});

	test('a Go client of another CA is refused by us, and we refuse a Go server of another CA', async () => {
		const dir = emptyDir();
		const other = emptyDir();
		await using peer = new GoPeer(go.peer);
		await using listener = await listen(
			{ carrier: 'quic', host: '127.0.0.1', port: 0 },
			{ identity: await ensureIdentity(dir, 'ours.kit'), handler: (exchange) => exchange.finish({}) },
		);
		await expect(peer.dial(other, 'stranger', `127.0.0.1:${listener.address.port}`)).rejects.toThrow(
			/certificate signed by unknown authority/,
		);
		const { address } = await peer.serve('sdk_serve', { dir: other, name: 'stranger' });
		const identity = await ensureIdentity(dir, 'ours.kit');
		await expect(dial(parseAddress(address), { identity })).rejects.toMatchObject({
			code: expect.stringMatching(/^(handshake_failed|peer_untrusted)$/),
		});
	});

	test('while our CA is rotated, Go peers that know either one work with us', async () => {
		const dir = emptyDir();
		const former = emptyDir();
		await using peer = new GoPeer(go.peer);
		for (const name of ['ours', 'go-client', 'go-server', 'go-tools']) await ensureIdentity(dir, name);
		cpSync(dir, former, { recursive: true });
		await rotateAuthority(dir);
		const identity = await loadIdentity(dir, 'ours');
		await using listener = await listen(
			{ carrier: 'quic', host: '127.0.0.1', port: 0 },
			{ identity, handler: (exchange) => exchange.finish({ health: { message: exchange.peer.name } }) },
		);
		for (const known of [former, dir]) {
			const dialled = await peer.dial(known, 'go-client', formatHostPort(listener.address));
			expect(await peer.send(dialled, { health: {} })).toMatchObject({ health: { message: 'go-client' } });
			const { address } = await peer.serve('sdk_serve', { dir: known, name: 'go-server' });
			await using client = createClient(
				await dial(parseAddress(address), { identity, expectPeer: 'go-server' }),
			);
			expect(await client.health()).toMatchObject({ status: 'healthy' });
		}
		await using launched = await launchPlugin({ command: go.plugin, id: 'go-tools', certsDir: dir });
		expect(await launched.client.callTool('echo', { ok: true })).toEqual({ ok: true });
	});

	test('our command line reads what Go made', async () => {
		const dir = emptyDir();
		await using peer = new GoPeer(go.peer);
		await peer.ask('certs', { dir, names: ['go-tools'] });
		const { code, stdout, stderr } = await runCli(['certs', 'list', '--certs-dir', dir, '--json']);
		expect(code, stderr).toBe(0);
		expect(stdout).toContain('go-tools');
		expect((await runCli(['certs', 'verify', 'go-tools', '--certs-dir', dir])).code).toBe(0);
	});
});
