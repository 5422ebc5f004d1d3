import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { formatAddress } from '../../src/runtime/carrier/address.ts';
import { dial, listen } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import type { PluginManifest } from '../../src/runtime/wire/generated/messages.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { PluginProcess, type StartOptions } from './support/plugin-process.ts';

const certsDir = scratchFolder('run');
const tcp = { env: { ORCHESTRA_CARRIER: 'tcp' } };
const loopback = { carrier: 'tcp', host: '127.0.0.1', port: 0 } as const;

beforeAll(async () => {
	await ensureIdentity(certsDir, 'orchestrator');
});

function start({ args = [], ...options }: StartOptions = tcp): PluginProcess {
	return new PluginProcess({
		...options,
		args: ['--listen-addr=localhost:0', `--certs-dir=${certsDir}`, ...args],
	});
}

async function connect(plugin: PluginProcess): Promise<PluginClient> {
	const identity = await ensureIdentity(certsDir, 'orchestrator-to-fixture');
	return createClient(await dial(await plugin.address(), { identity, expectPeer: 'fixture' }));
}

const shutdowns = ({ stderr }: PluginProcess) => stderr.match(/^SHUTDOWN$/gm)?.length ?? 0;

describe('a process that does not serve', () => {
	test('prints its manifest, and needs neither TLS nor QUIC for it', async () => {
		await using plugin = new PluginProcess({ args: ['--manifest'], env: { FIXTURE_MODULES: '1' } });
		expect(await plugin.exit()).toBe(0);
		expect(JSON.parse(plugin.stdout)).toEqual({
			id: 'fixture',
			version: '1.0.0',
			description: 'A fixture.',
			author: '',
			language: 'typescript',
			provides_tools: ['echo', 'caller', 'call', 'publish', 'log', 'stray', 'count'],
			provides_storage: [],
			provides_transport: [],
			provides_ai: [],
			provides_prompts: [],
			needs_storage: [],
			needs_ai: [],
			needs_tools: [],
		});
		expect(plugin.stdout.trim()).not.toContain('\n');
		expect(plugin.stderr).not.toContain('tls');
		expect(plugin.stderr).not.toContain('dgram');
	});

	test('passes over what is not its own, in front and behind, and tells of what is nearly its own', async () => {
		await using plugin = new PluginProcess({
			args: ['--workspace=/w', '--manifest', '--listen-adr=x', '--other', 'word'],
		});
		expect(await plugin.exit()).toBe(0);
		expect(JSON.parse(plugin.stdout)).toMatchObject({ id: 'fixture' });
		await using serving = start({ ...tcp, args: ['--workspace=/w', '--certs-dri=/x'] });
		expect(await serving.address()).toBeDefined();
		expect(serving.stderr).toContain('passes over --certs-dri: did you mean --certs-dir?\n');
		expect(serving.stderr).not.toContain('workspace');
	});

	test('explains itself when it is run by hand', async () => {
		await using plugin = new PluginProcess();
		expect(await plugin.exit()).toBe(1);
		expect(plugin.stderr).toMatch(/^This is the orchestra plugin fixture\..*orchestra call .* echo$/ms);
		expect(plugin.stdout).toBe('');
	});

	test.each([
		['a wrong flag', { args: ['--manifest=maybe'] }, 2, /^--manifest is true or false, not "maybe"\n/],
		[
			'a wrong carrier',
			{ args: ['--certs-dir=/x'], env: { ORCHESTRA_CARRIER: 'smoke' } },
			2,
			/^ORCHESTRA_CARRIER is/,
		],
		['an address that is none', { args: ['--listen-addr=nowhere'] }, 4, /^"nowhere" is not an address/],
	])('says what is wrong: %s', async (_, options: StartOptions, code, message) => {
		await using plugin = start(options);
		expect(await plugin.exit()).toBe(code);
		expect(plugin.stderr).toMatch(message);
		expect(plugin.stderr).not.toContain('READY');
	});

	test('says what is wrong: a port that is taken', async () => {
		const server = createServer().listen(0, '127.0.0.1');
		await new Promise((resolve) => server.once('listening', resolve));
		const { port } = server.address() as { port: number };
		try {
			await using plugin = start({ ...tcp, args: [`--listen-addr=127.0.0.1:${port}`] });
			expect(await plugin.exit()).toBe(4);
			expect(plugin.stderr).toMatch(new RegExp(String(port)));
			expect(plugin.stderr).not.toContain('    at ');
		} finally {
			server.close();
		}
	});

	test('says what is wrong: a certificates directory that cannot be one', async () => {
		const file = join(certsDir, 'a-file');
		writeFileSync(file, '');
		await using plugin = start({ ...tcp, args: [`--certs-dir=${file}/certs`] });
		expect(await plugin.exit()).toBe(4);
		expect(plugin.stderr).toContain(file);
	});
});

describe.each([
	['TCP on Node', { ...tcp, runtime: 'node' }, 'tcp'],
	['TCP on Deno', { ...tcp, runtime: 'deno' }, 'tcp'],
	['QUIC on Node', { runtime: 'node' }, 'quic'],
	['QUIC on Deno', { runtime: 'deno' }, 'quic'],
] as const)('a process that serves over %s', (_, options, carrier) => {
	test('is ready, answers, and ends once after a shutdown request', async () => {
		await using plugin = start(options);
		await using client = await connect(plugin);
		expect(client.connection.peer).toMatchObject({ carrier, name: 'fixture' });
		await client.register({ id: 'fixture' });
		await client.boot({ key: 'value' });
		expect(await client.callTool('echo', { deep: [1, { a: null }] })).toEqual({ deep: [1, { a: null }] });
		for await (const { sequence } of client.streamTool('count')) if (sequence === 100) break;
		expect(await client.shutdown()).toBe(true);
		await client.close();
		expect(await plugin.exit()).toBe(0);
		expect(plugin.stderr).toContain('BOOTED {"key":"value"}\n');
		expect(shutdowns(plugin)).toBe(1);
	});
});

describe('the end of a process', () => {
	test.each(['SIGTERM', 'SIGINT'] as const)('by %s is clean', async (signal) => {
		await using plugin = start();
		await plugin.address();
		plugin.child.kill(signal);
		expect(await plugin.exit()).toBe(0);
		expect(shutdowns(plugin)).toBe(1);
	});

	test.each(['node', 'deno'] as const)(
		'by a signal does not wait for an orchestrator that says nothing, on %s',
		async (runtime) => {
			const silent = createServer().listen(0, '127.0.0.1');
			await once(silent, 'listening');
			const { port } = silent.address() as { port: number };
			const dialled = once(silent, 'connection');
			try {
				const args = [`--orchestrator-addr=tcp://127.0.0.1:${port}`];
				await using plugin = start({ ...tcp, runtime, args });
				await Promise.all([plugin.address(), dialled]);
				const asked = performance.now();
				plugin.child.kill('SIGTERM');
				expect(await plugin.exit()).toBe(0);
				// The orchestrator has ten seconds to answer.
				expect(performance.now() - asked).toBeLessThan(8_000);
				expect(shutdowns(plugin)).toBe(1);
			} finally {
				silent.close();
			}
		},
	);

	test('after a signal during the shutdown that was requested is one shutdown, and is answered', async () => {
		await using plugin = start({ env: { ...tcp.env, FIXTURE_SLOW: '1' } });
		await using client = await connect(plugin);
		const clean = client.shutdown();
		await plugin.says(/^SHUTDOWN$/m);
		plugin.child.kill('SIGTERM');
		expect(await clean).toBe(true);
		expect(await plugin.exit()).toBe(0);
		expect(shutdowns(plugin)).toBe(1);
	});

	test('comes when the host that watches over stdin has gone', async () => {
		await using plugin = start({ env: { ...tcp.env, ORCHESTRA_PARENT_WATCH: 'stdin' } });
		await plugin.address();
		plugin.child.stdin?.destroy();
		expect(await plugin.exit()).toBe(0);
		expect(shutdowns(plugin)).toBe(1);
	});

	test('does not come with the end of a stdin that nobody watches', async () => {
		await using plugin = start();
		await using client = await connect(plugin);
		plugin.child.stdin?.destroy();
		expect(await client.callTool('echo', { a: 1 })).toEqual({ a: 1 });
	});

	test('comes all the same when the host has gone and the shutdown hangs', async () => {
		await using plugin = start({ env: { ...tcp.env, ORCHESTRA_PARENT_WATCH: 'stdin', FIXTURE_HANG: '1' } });
		await plugin.address();
		plugin.child.stdin?.destroy();
		expect(await plugin.exit()).toBe(1);
		expect(shutdowns(plugin)).toBe(1);
	});

	test('comes at once with a second Ctrl-C, whatever its shutdown does', async () => {
		await using plugin = start({ env: { ...tcp.env, FIXTURE_HANG: '1' } });
		await plugin.address();
		plugin.child.kill('SIGINT');
		await plugin.says(/^SHUTDOWN$/m);
		plugin.child.kill('SIGINT');
		expect(await plugin.exit(8_000)).toBe(130);
		expect(shutdowns(plugin)).toBe(1);
	});

	test('does not come with a promise that nobody heard being rejected', async () => {
		await using plugin = start();
		await using client = await connect(plugin);
		await client.callTool('stray', { how: 'rejection' });
		await plugin.says(/nobody heard/);
		expect(await client.callTool('echo', { a: 1 })).toEqual({ a: 1 });
	});

	test('comes, in order, with an exception outside of every handler', async () => {
		await using plugin = start();
		await using client = await connect(plugin);
		await client.callTool('stray', { how: 'exception' });
		expect(await plugin.exit()).toBe(1);
		expect(plugin.stderr).toContain('nobody caught');
		expect(shutdowns(plugin)).toBe(1);
	});
});

test('a host that does not read what the plugin logs does not stop it', async () => {
	await using plugin = start();
	await using client = await connect(plugin);
	plugin.child.stderr?.pause();
	await client.callTool('log', { lines: 5000 });
	expect(await client.callTool('echo', { a: 1 })).toEqual({ a: 1 });
	plugin.child.stderr?.resume();
	await client.callTool('log', { lines: 1 });
	await expect
		.poll(async () => {
			await client.callTool('log', { lines: 1 });
			return plugin.stderr;
		})
		.toMatch(/^WARN {2}\d+ lines of this log were dropped/m);
});

test('a host that closed its end of the log does not stop it either', async () => {
	await using plugin = start();
	await using client = await connect(plugin);
	plugin.child.stderr?.destroy();
	await client.callTool('log', { lines: 100 });
	await client.callTool('stray', { how: 'rejection' });
	await client.callTool('log', { lines: 100 });
	expect(await client.callTool('echo', { a: 1 })).toEqual({ a: 1 });
});

test('a host that was killed takes the plugin along, even one that does not watch over stdin', async () => {
	await using host = new PluginProcess({ fixture: 'killed-host.mjs', args: [certsDir], env: tcp.env });
	await host.says(/^REGISTERED fixture$/m);
	host.child.kill('SIGKILL');
	// Its output is open until the plugin, which writes to it too, has ended.
	expect(await host.exit()).toBe('SIGKILL');
	expect(shutdowns(host)).toBe(1);
});

describe('with an orchestrator', () => {
	/** Takes registrations, answers calls of `greet`, and tells what it heard. */
	async function orchestrate(reject = '') {
		const registered: [string, PluginManifest][] = [];
		const published: object[] = [];
		const listener = await listen(loopback, {
			identity: await ensureIdentity(certsDir, 'orchestrator'),
			handler: (exchange) => {
				const { register, toolCall, publish } = exchange.request;
				if (register) {
					registered.push([exchange.peer.name, register]);
					exchange.finish({ register: { accepted: !reject, rejectReason: reject } });
				} else if (publish) {
					published.push(publish);
					exchange.finish({});
				} else {
					exchange.finish({
						toolCall: {
							success: true,
							result: { greeted: toolCall?.callerPlugin ?? '', by: toolCall?.toolName ?? '' },
						},
					});
				}
			},
		});
		return { listener, registered, published };
	}

	test('registers its whole manifest, under its client certificate, and uses it', async () => {
		const { listener, registered, published } = await orchestrate();
		try {
			await using plugin = start({
				...tcp,
				args: [`--orchestrator-addr=${formatAddress(listener.address)}`],
			});
			await using client = await connect(plugin);
			await expect.poll(() => registered.length).toBe(1);
			expect(registered[0]?.[0]).toBe('fixture-client');
			expect(registered[0]?.[1]).toMatchObject({
				id: 'fixture',
				version: '1.0.0',
				providesTools: ['echo', 'caller', 'call', 'publish', 'log', 'stray', 'count'],
				providesEvents: ['made'],
				needsEvents: ['news'],
			});
			expect(await client.callTool('call', { tool: 'greet' })).toEqual({ greeted: 'fixture', by: 'greet' });
			await client.callTool('publish', { n: 1 });
			expect(published).toMatchObject([{ topic: 'made', sourcePlugin: 'fixture', payload: { n: 1 } }]);
			await client.publish({ topic: 'news', eventType: '', payload: { n: 2 } });
			expect(await plugin.says(/HEARD (.*)/)).toBe('{"n":2}');
		} finally {
			await listener.close();
		}
	});

	test('that refuses it, it ends with the reason', async () => {
		const { listener } = await orchestrate('no room for you');
		try {
			await using plugin = start({
				...tcp,
				args: [`--orchestrator-addr=${formatAddress(listener.address)}`],
			});
			expect(await plugin.exit()).toBe(4);
			expect(plugin.stderr).toMatch(/no room for you/);
			expect(shutdowns(plugin)).toBe(1);
		} finally {
			await listener.close();
		}
	});

	test('that is not there, it ends and says so', async () => {
		await using plugin = start({ ...tcp, args: ['--orchestrator-addr=tcp://127.0.0.1:1'] });
		expect(await plugin.exit()).toBe(4);
		expect(plugin.stderr).toContain('127.0.0.1:1');
	});

	test('that went away, it goes on serving, and registers again when it is back', async () => {
		const first = await orchestrate();
		// It comes back at the same address, which nobody else can take meanwhile.
		const proxy = await TcpProxy.to(first.listener.address.port);
		onTestFinished(() => proxy.close());
		await using plugin = start({ ...tcp, args: [`--orchestrator-addr=tcp://127.0.0.1:${proxy.port}`] });
		await using client = await connect(plugin);
		await expect.poll(() => first.registered.length).toBe(1);
		await first.listener.close();
		await plugin.says(/WARN {2}the connection to the orchestrator at .* was lost/);
		expect(await client.callTool('echo', { a: 1 })).toEqual({ a: 1 });
		await expect(client.callTool('call', { tool: 'greet' })).rejects.toMatchObject({ code: 'handler_error' });
		const second = await orchestrate();
		proxy.targetPort = second.listener.address.port;
		try {
			await expect
				.poll(() => client.callTool('call', { tool: 'greet' }).catch(() => undefined))
				.toEqual({ greeted: 'fixture', by: 'greet' });
			expect(second.registered.map(([name]) => name)).toEqual(['fixture-client']);
		} finally {
			await second.listener.close();
		}
	});
});

test('a module that is imported does not run', async () => {
	const { default: plugin } = (await import('./fixtures/process-plugin.mjs' as string)) as {
		default: { id: string };
	};
	expect(plugin.id).toBe('fixture');
});
