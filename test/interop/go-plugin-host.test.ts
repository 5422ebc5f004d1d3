import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { GrpcChannel } from '../../src/runtime/grpc/grpc-channel.ts';
import { encodeJson } from '../../src/runtime/grpc/message-json.ts';
import { reflectServices } from '../../src/runtime/grpc/reflect-services.ts';
import {
	type GoPluginOptions,
	goPlugin,
	runningGoPlugin,
} from '../../src/runtime/hosting/go-plugin/go-plugin-source.ts';
import { makeLaunchCertificate } from '../../src/runtime/identity/x509/launch-certificate.ts';
import { healthOf } from '../../src/runtime/launching/go-plugin/go-plugin-connection.ts';
import {
	type GoPluginLaunch,
	type GoPluginProcess,
	launchGoPlugin,
} from '../../src/runtime/launching/go-plugin/go-plugin-process.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import type { LogEntry } from '../../src/runtime/plugin/definition/log.ts';
import {
	bidirectional,
	clientStream,
	defineService,
	serverStream,
	unary,
} from '../../src/runtime/services/service-definition.ts';
import { isGone } from '../launching/processes.ts';
import { patientStop } from '../support/patience.ts';
import { runAfterEach } from '../support/run-after-each.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { eventually } from './support/eventually.ts';
import { titled } from './support/go-binaries.ts';
import { goPluginBinaries, kvCookie, probeCookie } from './support/go-plugin-binaries.ts';

const binaries = await goPluginBinaries();
const { kv, counter, netrpc, probe, missing } = binaries;

const folder = scratchFolder('go-plugin-host');
const afterwards = runAfterEach();

/** Launches a program; it is stopped after the test. */
async function launch(command: string, options: Partial<GoPluginLaunch> = {}): Promise<GoPluginProcess> {
	const cookie = command === probe ? probeCookie : kvCookie;
	const launched = await launchGoPlugin({
		name: 'tested',
		command,
		settings: { cookie, versions: [1] },
		...options,
	});
	afterwards(() => launched.stop());
	return launched;
}

/** An executable shell script. */
function script(name: string, text: string): string {
	const file = join(folder, name);
	writeFileSync(file, `#!/bin/sh\n${text}\n`);
	chmodSync(file, 0o755);
	return file;
}

/** A certificate as a handshake has it. */
function base64Of(pem: string): string {
	return pem.replace(/-----[^-]+-----|\s/g, '').replace(/=+$/, '');
}

/** Hosts a program in an orchestrator, and gives a client of that. */
async function hosted(
	command: string,
	options: Partial<GoPluginOptions> = {},
	policy: Parameters<Orchestrator['host']>[1] = {},
) {
	const logs: LogEntry[] = [];
	const output: string[] = [];
	const orchestrator = new Orchestrator({
		onLog: (entry) => void logs.push(entry),
		onOutput: (_label, line) => void output.push(line),
	});
	afterwards(() => orchestrator.stop({ graceMs: 0 }));
	const cookie = command === probe ? probeCookie : kvCookie;
	const source = goPlugin({ label: 'go', cookie, versions: [1], command: { command }, ...options });
	const plugin = await orchestrator.host(source, policy);
	const client = createClient(orchestrator.connect('test'));
	return { orchestrator, plugin, client, logs, output };
}

describe.skipIf(missing)(titled('a go-plugin, as it is', binaries), () => {
	test('answers with nothing but its cookie: a tool for each method, with its schema', async () => {
		const { client, plugin } = await hosted(kv, { command: { command: kv, cwd: folder } });
		expect(plugin.manifest).toMatchObject({ id: 'go', language: 'go', providesTools: ['KV.Get', 'KV.Put'] });
		const tools = await client.listTools();
		expect(tools.find(({ name }) => name === 'KV.Put')?.inputSchema).toEqual({
			type: 'object',
			properties: { key: { type: 'string' }, value: { type: 'string', contentEncoding: 'base64' } },
		});
		await client.callTool('KV.Put', { key: 'hello', value: 'd29ybGQ=' });
		const { value } = (await client.callTool('KV.Get', { key: 'hello' })) as { value: string };
		expect(Buffer.from(value, 'base64').toString()).toMatch(/^world\n/);
		await expect(client.callTool('KV.Get', { key: 5 })).rejects.toMatchObject({ code: 'invalid_arguments' });
	});

	test('every kind of value crosses as protobuf has it in JSON', async () => {
		const { client } = await hosted(probe);
		const value = {
			text: 'ünï',
			data: 'AAH/',
			big: '9007199254740993',
			small: 4294967295,
			real: 1.5,
			flag: true,
			colour: 'COLOUR_RED',
			names: ['a', ''],
			counts: { a: 1 },
			right: 0,
			at: '2026-01-02T03:04:05Z',
			lasts: '1.500s',
			anyObject: { list: [1, null, 'x'], deep: { yes: true } },
			maybe: '',
		};
		const nested = await client.callTool('Probe.Echo', { ...value, nested: { text: 'in' } });
		expect(nested).toMatchObject({ ...value, nested: { text: 'in', big: '0', names: [] } });
		// What was not set, and what says so.
		const empty = await client.callTool('Probe.Echo', {});
		expect(empty).toEqual({
			text: '',
			data: '',
			big: '0',
			small: 0,
			real: 0,
			flag: false,
			colour: 'COLOUR_UNSPECIFIED',
			names: [],
			counts: {},
		});
		for (const wrong of [{ big: 'x' }, { colour: 'BLUE' }, { small: -1 }, { absent: 1 }, { at: 'now' }]) {
			await expect(client.callTool('Probe.Echo', wrong)).rejects.toMatchObject({ code: 'invalid_arguments' });
		}
	});

	test('streams in every direction', async () => {
		const { client } = await hosted(probe);
		const values = async (chunks: AsyncIterable<{ data: Uint8Array }>) => {
			const read: unknown[] = [];
			for await (const { data } of chunks) read.push(JSON.parse(new TextDecoder().decode(data)));
			return read;
		};
		async function* messages(...items: object[]) {
			yield* items as { text: string }[];
		}
		expect(await values(client.streamTool('Probe.Count', { to: 3 }))).toEqual([
			{ value: '1' },
			{ value: '2' },
			{ value: '3' },
		]);
		const sum = client.streamTool(
			'Probe.Sum',
			{ value: 1 },
			{ input: messages({ value: 2 }, { value: '3' }) },
		);
		expect(await values(sum)).toEqual([{ value: '6' }]);
		const chat = client.streamTool('Probe.Chat', { text: 'a' }, { input: messages({ text: 'b' }) });
		expect(await values(chat)).toEqual([{ text: 'you said a' }, { text: 'you said b' }]);
	});

	test('a cancelled call, a stream that is left and a deadline reach it', async () => {
		const { client } = await hosted(probe);
		const controller = new AbortController();
		const waiting = client.callTool('Probe.Wait', {}, { signal: controller.signal });
		await client.callTool('Probe.Echo', {});
		controller.abort();
		await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
		await expect(client.callTool('Probe.Wait', {}, { timeoutMs: 50 })).rejects.toMatchObject({
			code: 'deadline_exceeded',
		});
		for await (const _ of client.streamTool('Probe.Count', { to: 0 })) break;
		await eventually(async () => (await client.callTool('Probe.Cancelled')).value).toBe('3');
	});

	test('the status of a failure arrives as a code, with its text', async () => {
		const { client } = await hosted(probe);
		for (const [code, expected] of [
			[3, 'invalid_arguments'],
			[5, 'not_found'],
			[6, 'already_exists'],
			[9, 'failed_precondition'],
			[2, 'handler_error'],
			[7, 'permission_denied'],
			[12, 'method_not_found'],
		] as const) {
			await expect(client.callTool('Probe.Fail', { code, message: 'so it is' })).rejects.toMatchObject({
				code: expected,
				message: 'so it is',
			});
		}
	});
});

describe.skipIf(missing)(titled('a seam that a go-plugin serves', binaries), () => {
	const definition = defineService('tested', 1, {
		echo: unary<{ text: string }, { text: string; big: string }>(),
		fail: unary<{ code: number; message: string }>(),
		wait: unary(),
		count: serverStream<{ to: number }, { value: string }>(),
		sum: clientStream<object, { value: number }, { value: string }>(),
		chat: bidirectional<object, { text: string }, { text: string }>(),
		nothing: unary(),
	});

	test('C1 C5 is called as any other: results, streams, identities of errors, deadlines', async () => {
		const { plugin } = await hosted(probe, { seams: { tested: 'probe.v1.Probe' } });
		const { seams } = plugin;
		if (!seams) throw new Error('it has no seams');
		expect(await seams.offered()).toEqual([{ name: 'tested', versions: [1] }]);
		const client = seams.bind(definition);
		expect(await client.echo({ text: 'x' })).toMatchObject({ text: 'x', big: '0' });
		for (const [code, expected] of [
			[5, 'not_found'],
			[6, 'conflict'],
			[2, 'handler_error'],
		] as const) {
			await expect(client.fail({ code, message: 'so it is' })).rejects.toMatchObject({
				code: expected,
				message: 'so it is',
			});
		}
		await expect(client.wait({}, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'deadline_exceeded' });
		const all = async <T>(stream: AsyncIterable<T>) => {
			const read: T[] = [];
			for await (const item of stream) read.push(item);
			return read;
		};
		expect(await all(client.count({ to: 2 }))).toEqual([{ value: '1' }, { value: '2' }]);
		expect(await client.sum({}, [{ value: 1 }, { value: 2 }])).toEqual({ value: '3' });
		expect(await all(client.chat({}, [{ text: 'a' }]))).toEqual([{ text: 'you said a' }]);
		await expect(client.nothing()).rejects.toMatchObject({ code: 'method_not_found' });
		await expect(seams.bind({ ...definition, version: 2 }).wait()).rejects.toMatchObject({
			code: 'service_version_mismatch',
		});
		await expect(seams.bind({ ...definition, name: 'absent' }).wait()).rejects.toMatchObject({
			code: 'service_not_found',
		});
	});
});

describe.skipIf(missing)(titled('what a host of go-plugins has to do', binaries), () => {
	test('G1 the cookie: another one is refused by the plugin, and told as such', async () => {
		const settings = { cookie: { key: 'BASIC_PLUGIN', value: 'wrong' }, versions: [1] };
		await expect(launch(kv, { settings })).rejects.toMatchObject({
			code: 'start_failed',
			message: 'tested is a go-plugin, but wants another cookie than BASIC_PLUGIN=wrong',
			details: { exitCode: 1 },
		});
	});

	test('G2 the environment: what go-plugin says, the harmless variables, what was configured, and no more', async () => {
		process.env.A_SECRET = 'of the host';
		process.env.PLUGIN_MULTIPLEX_GRPC = 'true';
		afterwards(() => {
			delete process.env.A_SECRET;
			delete process.env.PLUGIN_MULTIPLEX_GRPC;
		});
		const { client } = await hosted(probe, { env: { OWN: 'mine' }, versions: [1, 3] });
		const { variables } = (await client.callTool('Probe.Env')) as { variables: Record<string, string> };
		expect(variables).toMatchObject({
			PROBE_COOKIE: 'open sesame',
			PLUGIN_MIN_PORT: '10000',
			PLUGIN_MAX_PORT: '25000',
			PLUGIN_PROTOCOL_VERSIONS: '1,3',
			PLUGIN_CLIENT_CERT: expect.stringContaining('BEGIN CERTIFICATE'),
			OWN: 'mine',
		});
		const ours = Object.keys(variables).filter((name) => /^(PLUGIN|ORCHESTRA)_|SECRET/.test(name));
		expect(ours.sort()).toEqual([
			'ORCHESTRA_LAUNCH',
			'PLUGIN_CLIENT_CERT',
			'PLUGIN_MAX_PORT',
			'PLUGIN_MIN_PORT',
			'PLUGIN_PROTOCOL_VERSIONS',
			'PLUGIN_UNIX_SOCKET_DIR',
		]);
	});

	test('G4 its socket is in a folder of this launch, which goes with it', async () => {
		const launched = await launch(kv);
		const { address } = launched.handshake;
		expect(existsSync(address)).toBe(true);
		await launched.stop();
		await eventually(() => existsSync(dirname(address))).toBe(false);
	});

	test('G5 a plugin that does not say its handshake in time is ended', async () => {
		const pidFile = join(folder, 'late.pid');
		const late = script('late', `echo $$ > ${pidFile}; exec sleep 60`);
		await expect(launch(late, { handshakeTimeoutMs: 3000 })).rejects.toMatchObject({
			code: 'start_failed',
			message: 'tested said no handshake within 3000 ms',
			retryable: true,
		});
		expect(isGone(Number(readFileSync(pidFile, 'utf8')))).toBe(true);
	});

	test.each([
		[[1, 2, 3], '2,4', 2],
		[[2, 4], '2,4', 4],
		[[4], '2,4', 4],
	])('G6 versions: of %j and %s it is %i', async (versions, offered, chosen) => {
		const settings = { cookie: probeCookie, versions };
		const launched = await launch(probe, { settings, env: { PROBE_VERSIONS: offered } });
		expect(launched.handshake.version).toBe(chosen);
	});

	test('G6 versions: where there is no common one, both sides are named', async () => {
		const settings = { cookie: probeCookie, versions: [1, 3] };
		await expect(launch(probe, { settings, env: { PROBE_VERSIONS: '2,4' } })).rejects.toMatchObject({
			code: 'start_failed',
			message: 'tested speaks version "2" of its protocol, and this host offered 1, 3',
			hint: expect.stringContaining('--protocol 2'),
		});
	});

	test('G7 AutoMTLS: nobody else gets in, a stranger for a plugin is refused, and each launch has its own certificates', async () => {
		const [launched, second] = [await launch(kv), await launch(kv)];
		const { address, certificate } = launched.handshake;
		expect(certificate).not.toEqual(second.handshake.certificate);
		// Without a certificate, and with one of its own making.
		const stranger = makeLaunchCertificate();
		for (const own of [{}, { key: stranger.privateKeyPem, cert: stranger.certificatePem }]) {
			const refused = new Promise<Error | undefined>((resolve) => {
				const socket = connectTls({
					socket: connect(address),
					rejectUnauthorized: false,
					ALPNProtocols: ['h2'],
					...own,
				});
				socket
					.on('error', resolve)
					.on('close', () => resolve(undefined))
					.resume();
			});
			expect(String(await refused)).toMatch(/certificate|handshake|unknown ca|ECONNRESET/i);
		}
		// One end that trusts another plugin's certificate.
		const channel = new GrpcChannel(launched.handshake, {
			serverCertificate: second.handshake.certificate ?? Buffer.alloc(0),
			...stranger,
		});
		afterwards(() => channel.close());
		await expect(
			healthOf({ channel, name: 'a stranger' }, { deadline: Date.now() + 10_000 }),
		).rejects.toMatchObject({ code: 'connection_lost' });
	});

	test('G8 a tool that it does not have; the end of its process is the end of the plugin', async () => {
		const { client, plugin } = await hosted(probe);
		await expect(client.callTool('Probe.Nothing')).rejects.toMatchObject({ code: 'tool_not_found' });
		await expect(client.callTool('Probe.Exit', { value: 3 })).rejects.toMatchObject({
			code: 'connection_lost',
			message: 'plugin go has ended (exit code 3)',
		});
		expect(await plugin.ended).toMatchObject({ reason: 'crashed', exit: { code: 3 } });
	});

	test('G9 health: answered while it runs, and not after', async () => {
		const { plugin } = await hosted(kv);
		const direct = createClient(plugin.connection);
		expect(await direct.health()).toMatchObject({ status: 'healthy' });
		process.kill(plugin.pid ?? expect.fail('it has no process'), 'SIGKILL');
		await plugin.ended;
		await expect(direct.health({ timeoutMs: 1_000 })).rejects.toMatchObject({ code: 'connection_closed' });
	});

	test('G9 health: a plugin that stands still does not answer in time', async () => {
		const stop = { shutdownTimeoutMs: 100, exitGraceMs: 100, termGraceMs: 2_000 };
		const { plugin } = await hosted(kv, { stop });
		process.kill(plugin.pid ?? expect.fail('it has no process'), 'SIGSTOP');
		await expect(createClient(plugin.connection).health({ timeoutMs: 300 })).rejects.toMatchObject({
			code: 'deadline_exceeded',
		});
	});

	test('G10 ten megabytes on its stdout and its stderr arrive, to the last byte, and it never waits', async () => {
		let stdout = 0;
		let stderr = 0;
		const launched = await launch(probe, {
			onOutput: (line, stream) => {
				if (stream === 'stdout') stdout += line.length + 1;
				else stderr += line.length + 1;
			},
		});
		const print = async (onStderr: boolean) => {
			const { services } = await reflectServices(launched.channel, 'tested', {
				deadline: Date.now() + 10_000,
			});
			const type = services[0]?.methods.Print?.resolvedRequestType;
			if (!type) throw new Error('there is no Print');
			const line = { text: `${'x'.repeat(1023)}\n`, times: 10_240, onStderr };
			await launched.channel.unary('/probe.v1.Probe/Print', encodeJson(type, line, 'Print'), {
				subject: 'Print',
			});
		};
		const before = stderr;
		await print(false);
		await print(true);
		await eventually(() => [stdout, stderr - before]).toEqual([10_485_760, 10_485_760]);
	});

	test('G12 stop: a plugin that does as it is told needs no signal, again and again', async () => {
		const launched = await launch(kv, {
			stop: patientStop,
		});
		const report = await launched.stop();
		expect(report).toMatchObject({ step: 'shutdown', clean: true, exit: { signal: null } });
		expect(await launched.stop()).toBe(report);
		expect(isGone(launched.pid)).toBe(true);
	});

	test('G12 stop: a plugin that stands still is killed when the graces are over', async () => {
		const launched = await launch(kv, {
			stop: { shutdownTimeoutMs: 100, exitGraceMs: 100, termGraceMs: 100 },
		});
		process.kill(launched.pid, 'SIGSTOP');
		const report = await launched.stop();
		expect(['sigterm', 'sigkill']).toContain(report.step);
		expect(isGone(launched.pid)).toBe(true);
	});

	test('G13 the end of the host is the end of all its plugins', async () => {
		const { orchestrator, plugin } = await hosted(kv);
		const other = await orchestrator.host(
			goPlugin({ label: 'other', cookie: probeCookie, versions: [1], command: { command: probe } }),
		);
		await orchestrator.stop({ graceMs: 0 });
		expect([plugin.pid, other.pid].map((pid) => isGone(pid ?? 0))).toEqual([true, true]);
	});

	test('G14 a plugin that runs already is called, and neither its stop nor a stale number ends anything', async () => {
		const settings = { cookie: probeCookie, versions: [1], mtls: false };
		const { handshake, pid } = await launch(probe, { settings });
		const attach = { label: 'debugged', network: handshake.network, address: handshake.address, pid };
		for (let host = 0; host < 2; host++) {
			const orchestrator = new Orchestrator();
			const plugin = await orchestrator.host(runningGoPlugin(attach));
			expect(plugin).toMatchObject({ kind: 'remote', pid });
			expect(await createClient(orchestrator.connect('test')).callTool('Probe.Cancelled')).toEqual({
				value: '0',
			});
			await orchestrator.stop({ graceMs: 0 });
		}
		expect(isGone(pid)).toBe(false);
		// A number that is another process's by now: it is not touched.
		const other = spawn('sleep', ['60']);
		afterwards(() => other.kill('SIGKILL'));
		const orchestrator = new Orchestrator();
		const stale = runningGoPlugin({ ...attach, address: join(folder, 'gone'), pid: other.pid });
		await expect(orchestrator.host(stale)).rejects.toMatchObject({ code: 'unreachable' });
		await orchestrator.stop({ graceMs: 0 });
		expect(other.exitCode ?? other.signalCode).toBeNull();
	});

	test('G14 a plugin that runs already has crashed when its connection ends', async () => {
		const settings = { cookie: probeCookie, versions: [1], mtls: false };
		const { handshake, pid } = await launch(probe, { settings });
		const orchestrator = new Orchestrator();
		afterwards(() => orchestrator.stop({ graceMs: 0 }));
		const plugin = await orchestrator.host(
			runningGoPlugin({ label: 'debugged', network: handshake.network, address: handshake.address, pid }),
		);
		process.kill(pid, 'SIGKILL');
		expect(await plugin.ended).toMatchObject({ reason: 'crashed', error: { code: 'connection_lost' } });
	});

	test('G16 a checksum that is wrong: the program is not started', async () => {
		const mark = join(folder, 'was-run');
		const file = script('tampered', `touch ${mark}`);
		const settings = { cookie: kvCookie, versions: [1] };
		await expect(launch(file, { settings: { ...settings, sha256: 'ab'.repeat(32) } })).rejects.toMatchObject({
			code: 'integrity_failed',
			message: expect.stringContaining(file),
		});
		expect(existsSync(mark)).toBe(false);
		const sha256 = createHash('sha256').update(readFileSync(kv)).digest('hex');
		for (const spelling of [sha256, sha256.toUpperCase()]) {
			const launched = await launch(kv, { settings: { ...settings, sha256: spelling } });
			expect(launched.handshake.version).toBe(1);
		}
	});

	test('G17 an interrupt does not end it', async () => {
		const launched = await launch(kv);
		process.kill(-launched.pid, 'SIGINT');
		expect(await healthOf(launched, { deadline: Date.now() + 10_000 })).toBe(true);
		expect(await healthOf(launched, { deadline: Date.now() + 10_000 })).toBe(true);
	});

	test('G18 the broker: it calls tools of other plugins back, two at once without crossing', async () => {
		const { client, orchestrator } = await hosted(probe, {
			callbacks: [{ field: 'id', service: 'probe.v1.Adder', methods: { Add: 'add' } }],
		});
		const asked: unknown[] = [];
		await orchestrator.embed(
			createPlugin('adder')
				.registerTool('add', { description: 'Adds.' }, ({ a, b }) => {
					asked.push([a, b]);
					return { value: Number(a) + Number(b) };
				})
				.build(),
		);
		const sums = await Promise.all([1, 2, 3].map((a) => client.callTool('Probe.CallBack', { a, b: 40 })));
		expect(sums).toEqual([{ value: '41' }, { value: '42' }, { value: '43' }]);
		expect(asked).toHaveLength(3);
	});

	test('G18 the broker: the example of go-plugin, without AutoMTLS too', async () => {
		for (const mtls of [true, false]) {
			const { client, orchestrator } = await hosted(counter, {
				mtls,
				callbacks: [{ field: 'add_server', service: 'proto.AddHelper', methods: { Sum: 'add' } }],
				command: { command: counter, cwd: folder },
			});
			await orchestrator.embed(
				createPlugin('adder')
					.registerTool('add', { description: 'Adds.' }, ({ a, b }) => ({ r: Number(a) + Number(b) }))
					.build(),
			);
			const key = `with-mtls-${mtls}`;
			await client.callTool('Counter.Put', { key, value: 5 });
			await client.callTool('Counter.Put', { key, value: 6 });
			expect(await client.callTool('Counter.Get', { key })).toEqual({ value: '11' });
		}
	});

	test('G18 the broker: a call-back to what the plugin does not describe is no start', async () => {
		const callbacks = [{ field: 'id', service: 'probe.v1.Nobody', methods: { Add: 'add' } }];
		await expect(hosted(probe, { callbacks })).rejects.toMatchObject({
			message: expect.stringContaining('describes no service probe.v1.Nobody'),
		});
	});

	test('G19 what cannot be run says why', async () => {
		const file = join(folder, 'not-executable');
		writeFileSync(file, readFileSync(kv));
		await expect(launch(file)).rejects.toMatchObject({
			code: 'start_failed',
			hint: expect.stringContaining('chmod +x'),
		});
		const foreign = join(folder, 'foreign');
		const bytes = readFileSync(kv);
		bytes.writeUInt16LE(0x2b, 18);
		writeFileSync(foreign, bytes, { mode: 0o755 });
		await expect(launch(foreign)).rejects.toMatchObject({
			code: 'start_failed',
			hint: expect.stringMatching(/machine|program/),
		});
	});

	test('G21 a message over 16 MiB is refused, and the plugin goes on', async () => {
		const { client } = await hosted(probe);
		await expect(client.callTool('Probe.Blob', { value: 16 * 1024 * 1024 })).rejects.toMatchObject({
			code: 'message_too_large',
		});
		const { text } = (await client.callTool('Probe.Blob', { value: 8 * 1024 * 1024 })) as { text: string };
		expect(text).toHaveLength(8 * 1024 * 1024);
	});
});

describe.skipIf(missing)(titled('what is no go-plugin', binaries), () => {
	const realCertificate = base64Of(makeLaunchCertificate().certificatePem);
	const good = (rest: string) => `echo '1|1|${rest}'; exec sleep 60`;

	test.each([
		['exits', 'echo bye >&2; exit 7', /ended before its handshake \(exit code 7\)/],
		['exits well', 'exit 0', /ended before its handshake \(exit code 0\)/],
		['says hello', 'echo hello', /ended before its handshake \(exit code 0\)/],
		['floods', 'exec yes', /printed 1000 lines, and none is the handshake/],
		['floods without an end', "exec tr '\\0' x </dev/zero", /printed 1000 lines, and none is the handshake/],
		['speaks net/rpc', good('unix|/tmp/x|netrpc'), /speaks "netrpc"/],
		['has another core', `echo '2|1|unix|/p|grpc'; exec sleep 60`, /version "2" of go-plugin's own protocol/],
		['has another version', `echo '1|9|unix|/p|grpc'; exec sleep 60`, /version "9" of its protocol/],
		['is on no network', good('pipe|x|grpc'), /neither unix nor tcp/],
		['shows no certificate', good('unix|/p|grpc'), /shows no certificate: it does not know AutoMTLS/],
		[
			'shows a broken one',
			good(`unix|/p|grpc|${'A'.repeat(80)}`),
			/tested shows a certificate that cannot be read/,
		],
		[
			'ends at once',
			`echo '1|1|unix|/p|grpc|${realCertificate}'; exit 3`,
			/tested ended while it was started \(exit code 3\)/,
		],
		[
			'listens nowhere',
			good(`unix|/tmp/nowhere|grpc|${realCertificate}`),
			/no connection to tested could be made/,
		],
	])('a program that %s is refused by name, and nothing of it is left', async (_what, text, message) => {
		const pidFile = join(folder, 'pid');
		const file = script('bad', `echo $$ > ${pidFile}\n${text}`);
		await expect(launch(file)).rejects.toMatchObject({
			code: expect.stringMatching(/start_failed|handshake_failed/),
			message: expect.stringMatching(message),
		});
		expect(isGone(Number(readFileSync(pidFile, 'utf8')))).toBe(true);
	});

	test('a program of somebody else at the address is no plugin', async () => {
		const stranger = await launch(kv);
		const { address } = stranger.handshake;
		const line = `1|1|unix|${address}|grpc|${realCertificate}`;
		const file = script('stranger', `echo '${line}'; exec sleep 60`);
		await expect(launch(file)).rejects.toMatchObject({ code: 'handshake_failed' });
	});

	test('a program that takes a connection and never answers is given up', async () => {
		const address = join(folder, 'silent.sock');
		const silent = createServer().listen(address);
		afterwards(() => silent.close());
		await once(silent, 'listening');
		const file = script('silent', good(`unix|${address}|grpc`));
		const settings = { cookie: kvCookie, versions: [1], mtls: false };
		await expect(launch(file, { settings, handshakeTimeoutMs: 3000 })).rejects.toMatchObject({
			code: 'start_failed',
			message: 'tested said its handshake, and did not answer within 3000 ms',
		});
	});

	test('lines before the handshake do no harm', async () => {
		const output: string[] = [];
		const file = script('talks', `echo hello; exec ${kv}`);
		const launched = await launch(file, { onOutput: (line) => void output.push(line) });
		expect(launched.handshake.version).toBe(1);
		expect(output).toContain('hello');
	});

	test('a plugin over net/rpc is told apart, and the others in its host notice nothing', async () => {
		const { client, orchestrator } = await hosted(probe);
		const bad = goPlugin({ label: 'bad', cookie: kvCookie, versions: [1], command: { command: netrpc } });
		await expect(orchestrator.host(bad)).rejects.toMatchObject({
			code: 'start_failed',
			message: 'bad speaks "netrpc", and this host speaks gRPC',
		});
		expect(await client.callTool('Probe.Cancelled')).toEqual({ value: '0' });
	});

	test('a plugin that crashes is started again, and answers', async () => {
		const supervision = {
			when: 'on-failure' as const,
			budget: 3,
			withinMs: 60_000,
			backOff: { initialMs: 10, maxMs: 10 },
			healthEveryMs: 60_000,
			healthTimeoutMs: 1_000,
		};
		const { client, plugin } = await hosted(probe, {}, { supervision });
		await expect(client.callTool('Probe.Exit', { value: 1 })).rejects.toMatchObject({
			code: 'connection_lost',
		});
		await plugin.ended;
		await eventually(() => client.callTool('Probe.Cancelled').catch(() => undefined)).toEqual({ value: '0' });
	});
});
