import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { goPlugin } from '../../src/runtime/go-plugin.ts';
import { makeLaunchCertificate } from '../../src/runtime/identity/x509/launch-certificate.ts';
import { healthOf } from '../../src/runtime/launching/go-plugin/go-plugin-connection.ts';
import { launchGoPlugin } from '../../src/runtime/launching/go-plugin/go-plugin-process.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { chooseProtocolVersion, readGoHost } from '../../src/runtime/plugin/go-plugin/go-plugin-handshake.ts';
import { isGone } from '../launching/processes.ts';
import { patientStop } from '../support/patience.ts';
import { type Runtime, runtimeCommand } from '../support/runtime-command.ts';
import { eventually } from './support/eventually.ts';
import { titled } from './support/go-binaries.ts';
import { goPluginBinaries, kvCookie } from './support/go-plugin-binaries.ts';

const binaries = await goPluginBinaries();
const file = fileURLToPath(new URL('support/kv-for-go.mjs', import.meta.url));
const talk = fileURLToPath(new URL('support/talk-for-go.mjs', import.meta.url));
const run = promisify(execFile);

const children: ChildProcess[] = [];
afterEach(() => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** What the Go host saw of our plugin. */
async function underGo(runtime: Runtime, env: Record<string, string> = {}, program = file) {
	const [command, args] = runtimeCommand(runtime, program);
	// The examples of go-plugin have several files of one name.
	const known = { GOLANG_PROTOBUF_REGISTRATION_CONFLICT: 'ignore' };
	const { stdout } = await run(binaries.host, [command, ...args], {
		env: { ...process.env, ...known, ...env },
	});
	return JSON.parse(stdout);
}

/** Our plugin, started as a Go host does it, and its handshake. */
async function started(runtime: Runtime, env: Record<string, string>) {
	const [command, args] = runtimeCommand(runtime, file);
	const child = spawn(command, args, {
		env: { ...process.env, BASIC_PLUGIN: 'hello', PLUGIN_PROTOCOL_VERSIONS: '1', ...env },
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	children.push(child);
	const lines = createInterface({ input: child.stdout });
	const line = await new Promise<string>((resolve) => lines.once('line', resolve));
	return { child, fields: line.split('|') };
}

/** What comes of an HTTP/2 connection to a socket. */
async function tlsOutcome(address: string, own: object): Promise<'answered' | 'refused'> {
	const socket = connectTls({
		socket: connect(address),
		rejectUnauthorized: false,
		ALPNProtocols: ['h2'],
		...own,
	});
	const outcome = await new Promise<'answered' | 'refused'>((resolve) => {
		socket.once('data', () => resolve('answered')).once('error', () => resolve('refused'));
		socket.once('close', () => resolve('refused'));
		socket.once('secureConnect', () => {
			socket.write(Buffer.from('505249202a20485454502f322e300d0a0d0a534d0d0a0d0a000000040000000000', 'hex'));
		});
	});
	socket.on('error', () => {}).destroy();
	return outcome;
}

describe.skipIf(binaries.missing)(titled('a plugin of ours under a Go host', binaries), () => {
	test.each<Runtime>(['node', 'deno'])(
		'G7 G9 G10 G12 on %s: AutoMTLS, health, calls, errors, output, a stop without a signal',
		async (runtime) => {
			expect(await underGo(runtime, { HOST_VERBOSE: '1' })).toEqual({
				version: 1,
				pinged: true,
				value: 'hello',
				absent: 'rpc error: code = NotFound desc = there is no absent',
				stdout: 'put greeting\nshut down\n',
				stderr: `${'x'.repeat(5000)}\n`,
				exited: true,
				killed: false,
				killMs: expect.any(Number),
				// The log is hclog's: the host takes its level.
				log: expect.stringMatching(/"@level":"info","@message":"read","@module":"[^"]*kv-for-go\.KV\.Get"/),
			});
		},
	);

	test.each<[Runtime, Record<string, string>]>([
		['node', {}],
		['node', { HOST_PLAIN: '1' }],
		['deno', {}],
	])(
		'G18 on %s with %j: streams each way, calls back over the broker, reflection that Go reads',
		async (runtime, env) => {
			expect(await underGo(runtime, { HOST_SCENE: 'talk', ...env }, talk)).toMatchObject({
				// Two call-backs at once, each to the service that came with its call.
				sums: { 'by 100': 105, 'by 200': 205 },
				refused: expect.stringMatching(/nothing below zero/),
				Sum: [{ sum: 6 }],
				Chat: [{ said: 1 }, { said: 2 }, { said: 3 }],
				Count: [{ i: 0 }, { i: 1 }],
				Refuse: 'rpc error: code = FailedPrecondition desc = not today',
				empty: [{ sum: 0 }],
				left: 1,
				services: {
					'grpc.health.v1.Health': [],
					'plugin.GRPCBroker': [],
					'talk.v1.Talk': [
						'talk.v1.Talk.Sum',
						'talk.v1.Talk.Chat',
						'talk.v1.Talk.Count',
						'talk.v1.Talk.Refuse',
						'talk.v1.Talk.Left',
					],
					'proto.Counter': ['proto.Counter.Get', 'proto.Counter.Put', 'proto.AddHelper.Sum'],
				},
				killed: false,
			});
		},
	);

	test('without AutoMTLS too', async () => {
		expect(await underGo('node', { HOST_PLAIN: '1' })).toMatchObject({ value: 'hello', killed: false });
	});

	test('G6 versions: where there is no common one the host says both', async () => {
		const { error } = await underGo('node', { KV_VERSIONS: '3,2' });
		expect(error).toMatch(/incompatible API version.*Plugin version: 2, Client versions: \[1\]/is);
	});
});

describe('a plugin of ours for Go hosts', () => {
	test.each<Runtime>(['node', 'deno'])(
		'G1 without its cookie, on %s: exit code 1, a sentence on stderr, nothing on stdout',
		async (runtime) => {
			const [command, args] = runtimeCommand(runtime, file);
			for (const cookie of [{}, { BASIC_PLUGIN: 'hallo' }]) {
				const ended = run(command, args, { env: { ...process.env, ...cookie } });
				await expect(ended).rejects.toMatchObject({
					code: 1,
					stdout: '',
					stderr:
						'kv-for-go is a plugin, and is started by its host: it does nothing when it is run by hand.\n',
				});
			}
		},
	);

	test.each<Runtime>(['node', 'deno'])(
		'G3 G7 on %s: it says its certificate, and serves nobody but its host',
		async (runtime) => {
			const host = makeLaunchCertificate();
			const stranger = makeLaunchCertificate();
			const { fields } = await started(runtime, {
				PLUGIN_CLIENT_CERT: host.certificatePem,
				PLUGIN_MULTIPLEX_GRPC: 'true',
			});
			expect(fields.slice(0, 3)).toEqual(['1', '1', 'unix']);
			expect(fields.slice(4)).toEqual(['grpc', expect.stringMatching(/^[A-Za-z0-9+/]{300,}$/), 'false']);
			const address = fields[3] ?? '';
			const as = ({ privateKeyPem, certificatePem }: typeof host) => ({
				key: privateKeyPem,
				cert: certificatePem,
			});
			expect(await tlsOutcome(address, {})).toBe('refused');
			expect(await tlsOutcome(address, as(stranger))).toBe('refused');
			expect(await tlsOutcome(address, as(host))).toBe('answered');
		},
	);

	test.each([
		['2,4', '1,2,3', '2'],
		['1,4', '4,1', '4'],
		['2,4', '3', '2'],
		['2,4', '', '2'],
	])('G6 of its versions %s and those of a host, %s, it speaks %s', (own, offered, chosen) => {
		const host = readGoHost(kvCookie, { BASIC_PLUGIN: 'hello', PLUGIN_PROTOCOL_VERSIONS: offered });
		if (!host) expect.fail('it is no host');
		expect(String(chooseProtocolVersion(own.split(',').map(Number), host))).toBe(chosen);
	});

	test('G4 G17 under our own host: an interrupt does not end it, a stop does, and its socket goes', async () => {
		const [command, args] = runtimeCommand('node', file);
		const output: string[] = [];
		await using plugin = await launchGoPlugin({
			name: 'kv-for-go',
			command,
			args,
			stop: patientStop,
			settings: { cookie: kvCookie, versions: [1] },
			onOutput: (line, stream) => void output.push(`${stream} ${line}`),
		});
		process.kill(plugin.pid, 'SIGINT');
		expect(await healthOf(plugin, { deadline: Date.now() + 10_000 })).toBe(true);
		const report = await plugin.stop();
		expect(report).toMatchObject({ step: 'shutdown', exit: { code: 0 } });
		expect(output).toContain('stdout shut down');
	});

	test.each<Runtime>(['node', 'deno'])(
		'it ends by itself on %s where its host was gone before it could look for it',
		async (runtime) => {
			const [command, args] = runtimeCommand(runtime, file);
			const child = spawn(command, args, {
				env: { ...process.env, BASIC_PLUGIN: 'hello', PLUGIN_PROTOCOL_VERSIONS: '1' },
				stdio: ['ignore', 'pipe', 'pipe'],
			});
			children.push(child);
			// What the end of a host is to its plugin: nobody reads what it says.
			for (const pipe of [child.stdout, child.stderr]) pipe.destroy();
			const [code] = await once(child, 'exit');
			expect(code).toBe(0);
		},
	);

	test('our own host asks it for its services, as any go-plugin', async () => {
		const [command, args] = runtimeCommand('node', talk);
		const orchestrator = new Orchestrator();
		try {
			const source = goPlugin({ label: 'talk', command: { command, args }, cookie: kvCookie, versions: [1] });
			const { manifest } = await orchestrator.host(source);
			expect(manifest.providesTools).toContain('Talk.Chat');
			const client = createClient(orchestrator.connect('test'));
			expect(await client.callTool('Counter.Get', { key: 'x' })).toEqual({ value: '0' });
			expect(await client.callTool('Talk.Left', {})).toEqual({ left: 0 });
			// It calls back what no host offered.
			await expect(client.callTool('Counter.Put', { key: 'x', value: '1' })).rejects.toMatchObject({
				code: 'handler_error',
				message: expect.stringContaining('no add_server came'),
			});
		} finally {
			await orchestrator.stop({ graceMs: 0 });
		}
	});

	test('it ends when its host is gone', async () => {
		const [command, args] = runtimeCommand('node', file);
		// A shell for a host: it says the number of its child, whose handshake is a line of its own.
		const host = spawn('sh', ['-c', '"$@" & echo $!; wait', 'host', command, ...args], {
			env: { ...process.env, BASIC_PLUGIN: 'hello', PLUGIN_PROTOCOL_VERSIONS: '1' },
			stdio: ['ignore', 'pipe', 'ignore'],
		});
		children.push(host);
		let said = '';
		for await (const text of host.stdout.setEncoding('utf8')) {
			said += text;
			if (said.includes('|grpc|') && /^\d+\n/m.test(said)) break;
		}
		host.kill('SIGKILL');
		const pid = Number(/^\d+$/m.exec(said)?.[0]);
		expect(pid, said).toBeGreaterThan(0);
		await eventually(() => isGone(pid)).toBe(true);
	});
});
