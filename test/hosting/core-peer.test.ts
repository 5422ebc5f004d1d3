import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { launched } from '../../src/runtime/hosting/launched-source.ts';
import { openDirectoryIdentity } from '../../src/runtime/identity/sources/open-identity.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { quicWorks } from '../launching/quic-works.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scratch = scratchFolder('core-peer');
const certsDir = join(scratch, 'certs');
const env = { ORCHESTRA_CERTS_DIR: certsDir, ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
const peer = join(scratch, 'rusty');

beforeAll(async () => {
	const program = await bundleProgram(new URL('fixtures/core-peer.ts', import.meta.url), scratch);
	writeFileSync(peer, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
	chmodSync(peer, 0o755);
	expect(readFileSync(program, 'utf8')).toContain('invalid_request');
});

const hasQuic = await quicWorks();

// It answers `describe` as an invalid request, and never registers with its orchestrator.
describe.skipIf(!hasQuic)(`a core peer that never registers${hasQuic ? '' : ' [skipped: no QUIC]'}`, () => {
	test('is called', async () => {
		expect(await runCli(['call', peer, 'rust_echo', 'a=1', '--json'], { env })).toMatchObject({
			code: 0,
			stdout: '{"a":"1"}\n',
		});
	});

	test('is hosted and called while its registration is still awaited', async () => {
		const identity = await openDirectoryIdentity(certsDir, 'orchestrator');
		await using orchestrator = new Orchestrator({ identity });
		await orchestrator.listen({ carrier: 'quic', host: '127.0.0.1', port: 0 });
		const plugin = await orchestrator.host(
			launched({ label: 'rusty', command: { command: peer }, certsDir, carrier: 'quic' }),
		);
		const client = createClient(orchestrator.connect('test'));
		expect(await client.callTool('rust_echo', { a: 1 })).toEqual({ a: 1 });
		expect(plugin.registered).toBeDefined();
		const waiting = Symbol('waiting');
		expect(await Promise.race([plugin.registered, Promise.resolve(waiting)])).toBe(waiting);
		expect(plugin.extensions).toBe(false);
	});

	test('is inspected', async () => {
		const { code, stdout } = await runCli(['inspect', peer, '--json'], { env });
		expect(code).toBe(0);
		expect(JSON.parse(stdout)).toMatchObject({
			plugins: [{ id: 'rusty', providesTools: ['rust_echo'] }],
			tools: [{ name: 'rust_echo' }],
			connection: { protocol: 'core', peer: 'rusty' },
		});
	});

	test('is served', async () => {
		await using cli = new RunningCli(['serve', peer, '--listen', 'tcp://127.0.0.1:0', '--json'], { env });
		const [line] = await cli.until(/^.*"event":"ready".*$/m);
		const { addresses } = JSON.parse(line) as { addresses: string[] };
		const address = addresses.find((one) => one.startsWith('tcp:')) ?? '';
		const { stdout } = await runCli(['call', address, 'rust_echo', 'a=1', '--json'], { env });
		expect(stdout).toBe('{"a":"1"}\n');
		cli.child.kill('SIGTERM');
		expect(await cli.exited).toBe(0);
	});
});
