import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createClient, type PluginClient } from '../../../src/runtime/client/plugin-client.ts';
import type { Orchestrator } from '../../../src/runtime/orchestrator/orchestrator.ts';
import type { LogEntry } from '../../../src/runtime/plugin/definition/log.ts';
import type { JsonObject } from '../../../src/runtime/wire/json-value.ts';
import { readConfiguration } from '../../../src/toolchain/configuration/read-configuration.ts';
import {
	type ConfigurationOptions,
	servedConfiguration,
} from '../../../src/toolchain/serve/served-configuration.ts';
import { startServing } from '../../../src/toolchain/serve/start-serving.ts';
import { runAfterEach } from '../../support/run-after-each.ts';
import { scratchFolder } from '../configuration/read-text.ts';
import { writeFiles } from '../write-files.ts';
import { writeExecutable, writeModule } from './plugin-files.ts';

const scratch = scratchFolder();
const certsDir = join(scratch, 'certs');
process.env.ORCHESTRA_CACHE_DIR = join(scratch, 'cache');
process.env.TEST_TOKEN = 's3cret';
process.env.TEST_OTHER = 'other';
afterAll(() => {
	for (const name of ['ORCHESTRA_CACHE_DIR', 'TEST_TOKEN', 'TEST_OTHER']) delete process.env[name];
});

const afterwards = runAfterEach();

const newFolder = () => mkdtempSync(join(scratch, 'set-'));

interface Serving {
	readonly orchestrator: Orchestrator;
	readonly client: PluginClient;
	readonly log: LogEntry[];
	/** Plugins that could not be started, with the reason. */
	readonly failed: Record<string, string>;
	about(id: string): Promise<JsonObject>;
}

async function serve(
	folder: string,
	name: 'orchestra.yaml' | 'plugins.yaml',
	text: string,
	options: Partial<ConfigurationOptions> = {},
): Promise<Serving> {
	writeFiles(folder, { [name]: text });
	const log: LogEntry[] = [];
	const onLog = (entry: LogEntry) => log.push(entry);
	const failed: Record<string, string> = {};
	const configuration = await readConfiguration(join(folder, name));
	const orchestrator = await startServing(servedConfiguration(configuration, { onLog, ...options }), {
		addresses: configuration.listen ?? [{ carrier: 'quic', host: '127.0.0.1', port: 0 }],
		certsDir: configuration.certsDir ?? certsDir,
		onLog,
		onOutput: () => {},
		onFailure: (slot, error) => {
			failed[slot.id] = error.message;
		},
	});
	const client = createClient(orchestrator.connect('tester'));
	afterwards(async () => {
		await client.close();
		await orchestrator.stop({ graceMs: 0 });
	});
	const about = async (id: string) => (await client.callTool(`${id}.about`)) as JsonObject;
	return { orchestrator, client, log, failed, about };
}

/** Who answers for a tool. */
const who = async (client: PluginClient, tool: string, options = {}) =>
	((await client.callTool(tool, {}, options)) as { text: string }).text;

const messages = (log: readonly LogEntry[], level: LogEntry['level']) =>
	log.filter((entry) => entry.level === level).map(({ plugin, message }) => `${plugin}: ${message}`);

/** A plugin that somebody else started. */
async function startElsewhere(path: string): Promise<string> {
	const child = spawn(path, ['--listen-addr=127.0.0.1:0', `--certs-dir=${certsDir}`], {
		stdio: ['ignore', 'ignore', 'pipe'],
		env: { ...process.env, ORCHESTRA_CARRIER: 'tcp' },
	});
	const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	afterwards(async () => {
		child.kill('SIGKILL');
		await exited;
	});
	let printed = '';
	for await (const chunk of child.stderr) {
		printed += chunk;
		const [, address] = /^READY (\S+)$/m.exec(printed) ?? [];
		if (address) return address.includes('://') ? address : `tcp://${address}`;
	}
	throw new Error(`it ended: ${printed}`);
}

test('modules, processes, executables and addresses are served beside each other', async () => {
	const folder = newFolder();
	writeModule(folder, 'here.ts', { id: 'here' });
	writeExecutable(folder, 'bin/tool.mjs', { id: 'its-own-name' });
	writeExecutable(folder, 'bin/far.mjs', { id: 'far' });
	const address = await startElsewhere(join(folder, 'bin/far.mjs'));
	const { about, orchestrator, log, failed } = await serve(
		folder,
		'orchestra.yaml',
		`
plugins:
  - {id: here, module: here.ts, config: {n: 1.50, token: "\${env:TEST_TOKEN}"}}
  - {id: tool, binary: bin/tool.mjs, args: [--workspace=., --x, 5], carrier: tcp, config: {m: true}, env: {A: "\${env:TEST_TOKEN}"}}
  - {id: far, address: "${address}"}
  - {id: off, module: nowhere, enabled: false}
`,
	);
	expect(failed).toEqual({});
	expect(orchestrator.slots.map(({ id, pluginId, plugin }) => [id, pluginId, plugin?.kind])).toEqual([
		['here', 'here', 'embedded'],
		['tool', 'its-own-name', 'launched'],
		['far', 'far', 'remote'],
	]);
	expect(await about('here')).toMatchObject({ pid: process.pid, booted: { n: '1.50', token: 's3cret' } });
	const tool = await about('its-own-name');
	expect(tool).toMatchObject({ cwd: folder, booted: { m: 'true' }, env: { A: 's3cret' } });
	expect((tool.args as string[]).slice(0, 3)).toEqual([`--workspace=${folder}`, '--x', '5']);
	expect(orchestrator.slot('tool')?.plugin?.connection.peer.carrier).toBe('tcp');
	expect(await about('far')).toMatchObject({ booted: {} });
	expect(messages(log, 'info')).toEqual(['tool: it calls itself its-own-name']);
	expect(JSON.stringify(log)).not.toContain('s3cret');
});

test('a process sees the harmless part of the environment, what is named, or all', async () => {
	const folder = newFolder();
	const ids = ['none', 'named', 'all'];
	for (const id of ids) writeExecutable(folder, `${id}.mjs`, { id });
	const { about } = await serve(
		folder,
		'orchestra.yaml',
		`
plugins:
  - {id: none, binary: none.mjs, env: {OWN: "1"}}
  - {id: named, binary: named.mjs, inherit_env: [TEST_OTHER, ABSENT]}
  - {id: all, binary: all.mjs, inherit_env: true, env: {TEST_OTHER: mine}}
`,
	);
	const environments: Record<string, JsonObject> = {};
	for (const id of ids) environments[id] = (await about(id)).env as JsonObject;
	const seen = (id: string) => {
		const { TEST_TOKEN, TEST_OTHER, OWN, PATH, ABSENT } = environments[id] as JsonObject;
		expect(PATH).toBe(process.env.PATH);
		return { TEST_TOKEN, TEST_OTHER, OWN, ABSENT };
	};
	expect(seen('none')).toEqual({ OWN: '1' });
	expect(seen('named')).toEqual({ TEST_OTHER: 'other' });
	expect(seen('all')).toEqual({ TEST_TOKEN: 's3cret', TEST_OTHER: 'mine' });
});

describe('of two plugins with one tool', () => {
	const folder = newFolder();
	writeModule(folder, 'a.ts', { id: 'a', tools: ['shared', 'other'] });
	writeModule(folder, 'b.ts', { id: 'b', tools: ['shared', 'other'] });
	const plugins = 'plugins: [{id: a, module: a.ts}, {id: b, module: b.ts}]\n';

	test('the second is refused, and both are named', async () => {
		const { failed, client } = await serve(folder, 'orchestra.yaml', plugins);
		expect(failed).toEqual({ b: 'a and b both provide the tool shared' });
		expect(await who(client, 'shared')).toBe('a');
	});

	test('a route for one tool does not decide about another', async () => {
		const { failed } = await serve(folder, 'orchestra.yaml', `${plugins}routes: {tools: {shared: b}}`);
		expect(failed).toEqual({ b: 'a and b both provide the tool other' });
	});

	test('the one of the route answers, and the other when it is asked for', async () => {
		const { failed, client } = await serve(
			folder,
			'orchestra.yaml',
			`${plugins}routes: {tools: {shared: b, other: a}}`,
		);
		expect(failed).toEqual({});
		expect([await who(client, 'shared'), await who(client, 'other')]).toEqual(['b', 'a']);
		expect(await who(client, 'shared', { plugin: 'a' })).toBe('a');
	});

	test('what the command line prefers wins over a route', async () => {
		const { client } = await serve(folder, 'orchestra.yaml', `${plugins}routes: {tools: {shared: b}}`, {
			prefer: ['a'],
		});
		expect([await who(client, 'shared'), await who(client, 'other')]).toEqual(['a', 'a']);
	});
});

describe('a plugin that depends on another', () => {
	test('is started when that one runs, wherever they stand in the file', async () => {
		const folder = newFolder();
		// Each boot says what ran then.
		const boots = (id: string) => ({
			id,
			more: `.registerTool('${id}.order', { description: '' }, () => ({ at: globalThis.__order.indexOf('${id}') }))
				.lifecycle({ async onBoot() { await new Promise((done) => setTimeout(done, 20)); (globalThis.__order ??= []).push('${id}'); } })`,
		});
		for (const id of ['one', 'two', 'three']) writeModule(folder, `${id}.ts`, boots(id));
		const { client, failed } = await serve(
			folder,
			'orchestra.yaml',
			`
plugins:
  - {id: one, module: one.ts, depends_on: [two, three]}
  - {id: two, module: two.ts, depends_on: [three]}
  - {id: three, module: three.ts}
`,
		);
		expect(failed).toEqual({});
		for (const [at, id] of ['three', 'two', 'one'].entries()) {
			expect(await client.callTool(`${id}.order`)).toEqual({ at });
		}
	});

	test('is not started where that one cannot be, and says so; a third is', async () => {
		const folder = newFolder();
		for (const id of ['one', 'two', 'three']) writeModule(folder, `${id}.ts`, { id, tools: [`${id}.who`] });
		const set = `
plugins:
  - {id: one, module: one.ts, depends_on: [two]}
  - {id: two, module: two.ts, depends_on: [bad]}
  - {id: bad, module: bad.ts}
  - {id: three, module: three.ts}
`;
		const { client, failed } = await serve(folder, 'orchestra.yaml', set);
		expect(failed).toEqual({
			bad: `there is no file or folder ${join(folder, 'bad.ts')}`,
			two: expect.stringMatching(/^two is not started, since it depends on bad: /),
			one: expect.stringMatching(/^one is not started, since it depends on two: /),
		});
		expect(await who(client, 'three.who')).toBe('three');
	});
});

describe('an id that is not the plugin’s own', () => {
	test('is refused for a module', async () => {
		const folder = newFolder();
		writeModule(folder, 'a.ts', { id: 'a' });
		writeModule(folder, 'ok.ts', { id: 'ok' });
		const { failed } = await serve(
			folder,
			'orchestra.yaml',
			'plugins: [{id: ok, module: ok.ts}, {id: x, module: a.ts}]',
		);
		expect(failed.x).toBe('the module exports plugin a, not x');
	});

	test('is refused for an address', async () => {
		const folder = newFolder();
		writeExecutable(folder, 'far.mjs', { id: 'far' });
		writeModule(folder, 'ok.ts', { id: 'ok' });
		const address = await startElsewhere(join(folder, 'far.mjs'));
		const { failed } = await serve(
			folder,
			'orchestra.yaml',
			`plugins: [{id: ok, module: ok.ts}, {id: near, address: "${address}"}]`,
		);
		expect(failed.near).toMatch(/far/);
	});
});

describe('a file of the Go orchestrator', () => {
	test('has its rules: the later wins, one that fails is left out, an id is only a name', async () => {
		const folder = newFolder();
		writeExecutable(folder, 'first.mjs', { id: 'first', tools: ['shared', 'mine'] });
		writeExecutable(folder, 'second.mjs', { id: 'second', tools: ['shared'] });
		writeExecutable(folder, 'off.mjs', { id: 'off', tools: ['never'] });
		const { client, log, failed, about, orchestrator } = await serve(
			folder,
			'plugins.yaml',
			`
listen_addr: localhost:0
tcp_addr: localhost:0
certs_dir: certs
plugins:
  - {id: one, binary: ./first.mjs, enabled: true, depends_on: [gone], args: [--workspace=.], env: {X: y}, config: {k: 7}}
  - {id: gone, binary: ./gone, enabled: true}
  - {id: second, binary: ./second.mjs, enabled: true, depends_on: [one], provides_storage: [markdown]}
  - {id: off, binary: ./off.mjs, enabled: false}
`,
		);
		expect(Object.keys(failed)).toEqual(['gone']);
		expect(orchestrator.addresses.map(({ carrier }) => carrier)).toEqual(['quic', 'tcp']);
		expect(await who(client, 'shared')).toBe('second');
		expect(await who(client, 'shared', { plugin: 'one' })).toBe('first');
		expect(await who(client, 'mine')).toBe('first');
		expect(messages(log, 'warn')).toEqual(['second: second answers for the tool shared, which one has too']);
		expect(messages(log, 'info')).toEqual(['one: it calls itself first']);
		expect(await about('first')).toMatchObject({
			cwd: process.cwd(),
			args: expect.arrayContaining([`--workspace=${folder}`, `--certs-dir=${join(folder, 'certs')}`]),
			env: { X: 'y', TEST_TOKEN: 's3cret' },
			booted: { k: '7' },
		});
		expect(orchestrator.slot('second')?.plugin?.manifest.providesStorage).toEqual(['markdown']);
		await expect(client.callTool('never')).rejects.toMatchObject({ code: 'tool_not_found' });
	});

	test('has its providers: claude for nobody, other names, and never another than was asked for', async () => {
		const folder = newFolder();
		for (const id of ['bridge.claude', 'bridge.openai', 'bridge.kimi']) {
			writeExecutable(folder, `${id}.mjs`, { id, tools: ['ai_prompt'] });
		}
		const { client, log, failed } = await serve(
			folder,
			'plugins.yaml',
			`
listen_addr: localhost:0
tcp_addr: localhost:0
certs_dir: certs
plugins:
  - {id: bridge.openai, binary: bridge.openai.mjs, enabled: true, provides_ai: [openai]}
  - {id: bridge.claude, binary: bridge.claude.mjs, enabled: true, provides_ai: [claude]}
  - {id: bridge.kimi, binary: bridge.kimi.mjs, enabled: true, provides_ai: [kimi]}
`,
		);
		expect(failed).toEqual({});
		const answers: string[] = [];
		for (const provider of ['openai', 'grok', 'kimi', 'claude', undefined]) {
			answers.push(await who(client, 'ai_prompt', provider === undefined ? {} : { provider }));
		}
		expect(answers).toEqual([
			'bridge.openai',
			'bridge.openai',
			'bridge.kimi',
			'bridge.claude',
			'bridge.claude',
		]);
		const told = 'bridge.claude: a call of ai_prompt names no AI provider: it goes to claude';
		expect(messages(log, 'info')).toEqual([told]);
		await who(client, 'ai_prompt');
		expect(messages(log, 'info')).toEqual([told, told]);
		for (const provider of ['gemini', 'constructor', '__proto__']) {
			await expect(client.callTool('ai_prompt', {}, { provider })).rejects.toMatchObject({
				code: 'provider_not_found',
			});
		}
	});
});
