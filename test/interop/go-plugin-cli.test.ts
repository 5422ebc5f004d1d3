import { copyFileSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/runtime/carrier/address.ts';
import { dial } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeFiles } from '../toolchain/write-files.ts';
import { eventually } from './support/eventually.ts';
import { titled } from './support/go-binaries.ts';
import { goPluginBinaries } from './support/go-plugin-binaries.ts';

const binaries = await goPluginBinaries();
const { kv, netrpc, probe, missing } = binaries;

const scratch = scratchFolder('go-plugin-cli');

const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
const cookie = ['--cookie', 'BASIC_PLUGIN=hello'];

describe.skipIf(missing).each(['node', 'deno'] as const)(
	titled('the command line on %s', binaries),
	(runtime) => {
		const cli = (...args: string[]) => runCli(args, { env, cwd: scratch, runtime });

		test('inspects and calls an unmodified go-plugin, with nothing but its cookie', async () => {
			const inspected = await cli('inspect', kv, ...cookie, '--json');
			expect(inspected).toMatchObject({ code: 0, stderr: '' });
			expect(JSON.parse(inspected.stdout)).toMatchObject({
				how: 'spawned',
				plugins: [{ id: 'kv', language: 'go', description: 'Go plugin with proto.KV.' }],
				tools: [
					{ name: 'KV.Get', description: 'gRPC method proto.KV/Get: GetRequest → GetResponse' },
					{ name: 'KV.Put' },
				],
				health: { status: 'healthy' },
			});
			const put = await cli('call', kv, 'KV.Put', `key=${runtime}`, 'value=d29ybGQ=', ...cookie, '--json');
			expect(put).toMatchObject({ code: 0, stdout: '{}\n', stderr: '' });
			const got = await cli('call', kv, 'KV.Get', `key=${runtime}`, ...cookie, '--json');
			expect(JSON.parse(got.stdout).value).toMatch(/^d29ybG/);
		});
	},
);

describe.skipIf(missing)(titled('the command line', binaries), () => {
	const cli = (...args: string[]) => runCli(args, { env, cwd: scratch });
	const errorOf = ({ stderr }: { stderr: string }) => JSON.parse(stderr).error;

	test('streams', async () => {
		const counted = await cli(
			'call',
			probe,
			'Probe.Count',
			'to=2',
			'--cookie',
			'PROBE_COOKIE=open sesame',
			'--json',
		);
		expect(
			counted.stdout
				.trim()
				.split('\n')
				.map((line) => JSON.parse(line).value),
		).toEqual([{ value: '1' }, { value: '2' }]);
	});

	test('offers the versions that it is told', async () => {
		const ended = await cli('inspect', kv, ...cookie, '--protocol', '2', '--protocol', '3', '--json');
		expect(ended.code).toBe(4);
		expect(errorOf(ended)).toMatchObject({
			code: 'start_failed',
			message: 'kv speaks version "1" of its protocol, and this host offered 2, 3',
		});
	});

	test.each([
		['another cookie', [kv, 'KV.Get', '--cookie', 'BASIC_PLUGIN=hallo'], 4, /wants another cookie/],
		['net/rpc', [netrpc, 'KV.Get', ...cookie], 4, /netrpc speaks "netrpc"/],
		['a program that is none', ['/bin/true', 'X', ...cookie], 4, /true ended before its handshake/],
		['a cookie without a value', [kv, 'KV.Get', '--cookie', 'BASIC_PLUGIN'], 2, /--cookie takes KEY=VALUE/],
		['a cookie for an address', ['tcp://127.0.0.1:1', 'x', ...cookie], 2, /--cookie is for a go-plugin/],
		['a configuration to boot with', [kv, 'KV.Get', ...cookie, '--config', 'a=b'], 2, /cannot be booted/],
		['a version alone', [kv, 'KV.Get', '--protocol', '1'], 2, /the cookie of .*kv is not known/],
	])('%s is told', async (_what, args, code, message) => {
		const ended = await cli('call', ...args, '--json');
		expect([ended.code, ended.stdout]).toEqual([code, '']);
		expect(errorOf(ended).message).toMatch(message);
	});

	test('without a cookie the hint names the flag', async () => {
		const ended = await cli('call', kv, 'KV.Get', '--json');
		expect(ended.code).toBe(4);
		expect(errorOf(ended).hint).toContain('--cookie KEY=VALUE');
	});

	test('G20 a plugin of a well-known program is told by its name, so that a pattern of the shell finds them', async () => {
		const file = join(scratch, 'console-plugin-kv');
		copyFileSync(kv, file);
		const ended = await cli('inspect', file, '--json');
		expect(errorOf(ended).message).toBe(
			'console-plugin-kv is a go-plugin, but wants another cookie than CONSOLE_PLUGIN=console-plugin-v1',
		);
	});
});

describe.skipIf(missing)(titled('orchestra serve', binaries), () => {
	// While the first certificates are made a signal ends a server at once: what is tested here is another thing.
	beforeAll(() => ensureIdentity(env.ORCHESTRA_CERTS_DIR, 'orchestrator'));

	/** Our side of a server, as one client. */
	async function clientOf(address: string) {
		const identity = await ensureIdentity(env.ORCHESTRA_CERTS_DIR, 'client');
		const connection = await dial(parseAddress(address), { identity });
		return { client: createClient(connection), [Symbol.asyncDispose]: () => connection.close() };
	}

	const ours = `
import { createPlugin } from 'orchestra-toolchain';
export default createPlugin('ours')
	.registerTool('add', { description: 'Adds.' }, ({ a, b }: { a: string; b: string }) => ({ value: Number(a) + Number(b) }))
	.build();
`;

	test("has go-plugin's own example, with nothing but its cookie, beside a TypeScript module, and one client calls both", async () => {
		const folder = writeFiles(mkdtempSync(join(scratch, 'both-')), { 'ours.ts': ours });
		await using cli = new RunningCli(
			['serve', 'ours.ts', kv, ...cookie, '--listen', 'tcp://127.0.0.1:0', '--json'],
			{
				env,
				cwd: folder,
			},
		);
		const [line] = await cli.until(/^.*"event":"ready".*$/m);
		await using reached = await clientOf(JSON.parse(line).addresses[0]);
		const { client } = reached;
		expect((await client.listTools()).map(({ name }) => name).sort()).toEqual(['KV.Get', 'KV.Put', 'add']);
		await client.callTool('KV.Put', { key: 'both', value: 'd29ybGQ=' });
		const { value } = await client.callTool('KV.Get', { key: 'both' });
		expect(Buffer.from(String(value), 'base64').toString()).toMatch(/^world\n/);
		expect(await client.callTool('add', { a: '1', b: '2' })).toEqual({ value: 3 });
		cli.child.kill('SIGTERM');
		expect(await cli.exited).toBe(0);
	});

	test('has go-plugins beside a TypeScript module; they call each other, and what crashes comes back', async () => {
		const folder = writeFiles(mkdtempSync(join(scratch, 'serve-')), {
			'orchestra.yaml': `
listen: [tcp://127.0.0.1:0]
plugins:
  - {id: ours, module: ours.ts}
  - id: store
    binary: ${kv}
    go_plugin: {cookie: BASIC_PLUGIN=hello, protocol: [1]}
  - id: probe
    binary: ${probe}
    env: {OWN: mine}
    restart: {back_off: {initial: 10ms}}
    go_plugin:
      cookie: PROBE_COOKIE=open sesame
      callbacks: [{field: id, service: probe.v1.Adder, methods: {Add: add}}]
  - id: tampered
    binary: ${kv}
    go_plugin: {cookie: BASIC_PLUGIN=hello, sha256: ${'ab'.repeat(32)}}
  - id: stranger
    binary: /bin/cat
    restart: never
    supervision: {ready: 200ms}
    go_plugin: {cookie: A=b}
`,
			'ours.ts': ours,
		});
		await using cli = new RunningCli(['serve', '--json'], { env, cwd: folder });
		const [line] = await cli.until(/^.*"event":"ready".*$/m);
		const ready = JSON.parse(line);
		const states = Object.fromEntries(ready.plugins.map(({ id, state }: never) => [id, state]));
		expect(states).toEqual({
			ours: 'running',
			store: 'running',
			probe: 'running',
			tampered: 'failed',
			stranger: 'failed',
		});
		await using reached = await clientOf(ready.addresses[0]);
		const { client } = reached;
		expect(await client.callTool('KV.Put', { key: 'x', value: 'aGk=' })).toEqual({});
		expect(await client.callTool('Probe.CallBack', { a: '40', b: '2' })).toEqual({ value: '42' });
		await expect(client.callTool('Probe.Exit', { value: '3' })).rejects.toMatchObject({
			message: 'plugin probe has ended (exit code 3)',
		});
		await eventually(() => client.callTool('Probe.Cancelled').catch(() => undefined)).toEqual({ value: '0' });
		const listed = await runCli(['ps', '--address', ready.addresses[0], '--json'], { env });
		const rows = JSON.parse(listed.stdout).plugins as {
			id: string;
			starts: number;
			reason: string;
			source: string;
		}[];
		const row = (id: string) => rows.find((plugin) => plugin.id === id);
		expect(row('probe')).toMatchObject({ starts: 2, source: 'launched' });
		expect(row('tampered')?.reason).toContain('another checksum');
		expect(row('stranger')?.reason).toContain('stranger said no handshake within 200 ms');
		const logs = await runCli(['logs', 'probe', '--address', ready.addresses[0]], { env });
		expect(logs.stdout).toContain('the probe breaks down');
		cli.child.kill('SIGTERM');
		expect(await cli.exited).toBe(0);
	});
});
