import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TextReader } from './read-text.ts';

const reader = new TextReader();
const { folder } = reader;
const read = (text: string) => reader.read(text, 'plugins.yaml');
const warningsOf = async (text: string) =>
	(await read(text)).warnings.map(
		({ line, column, key, text: reason }) => `${line}:${column}: ${key}: ${reason}`,
	);

const common = {
	enabled: true,
	process: { args: [], cwd: undefined, env: {}, inheritEnv: true, carrier: undefined },
	config: {},
	providesStorage: [],
	providesAi: [],
	dependsOn: [],
	start: 'at-start',
	idleStopMs: undefined,
	replicas: undefined,
	singleton: false,
	restart: { when: 'on-failure', budget: 5, withinMs: 300_000, backOff: { initialMs: 200, maxMs: 30_000 } },
	supervision: {
		readyMs: 10_000,
		registerMs: 1_000,
		bootMs: 30_000,
		healthEveryMs: 5_000,
		healthTimeoutMs: 5_000,
	},
};

// The shape of a workspace's file: storage first, tools on it, bridges that are switched off.
test('a file of the Go orchestrator, with every key that it has', async () => {
	const configuration = await read(`
# Where plugins reach the orchestrator.
listen_addr: "localhost:9200"
tcp_addr: 127.0.0.1:9201
certs_dir: "~/.orchestra/certs"

plugins:
  - id: storage.markdown
    binary: ./bin/storage-markdown
    enabled: true
    provides_storage:
      - markdown
    args:
      - --workspace=.
      - --depth
      - 3
      - --strict=true
    config:
      workspace: "."
      retries: 3
      ratio: 1.50
      verbose: yes
      nothing:

  - id: bridge.openai
    binary: /usr/local/bin/bridge-openai
    enabled: yes
    provides_ai: [openai]
    depends_on: [storage.markdown]
    env:
      API_KEY: "sk-\${env:TOKEN}"
      LIMIT: 007

  - id: some.custom.plugin
    binary: bin/my-plugin
    enabled: false
    args:
    env:
`);
	expect(configuration).toEqual({
		file: join(folder, 'plugins.yaml'),
		folder,
		dialect: 'go',
		rules: {
			duplicates: 'later-wins',
			failedDependency: 'ignore',
			tellDefaultProvider: true,
			plainTcpClients: true,
		},
		listen: [
			{ carrier: 'quic', host: 'localhost', port: 9200 },
			{ carrier: 'tcp', host: '127.0.0.1', port: 9201 },
		],
		certsDir: join(homedir(), '.orchestra/certs'),
		plugins: [
			{
				...common,
				id: 'storage.markdown',
				source: { kind: 'binary', path: join(folder, 'bin/storage-markdown') },
				process: {
					...common.process,
					args: [`--workspace=${folder}`, '--depth', '3', '--strict=true'],
				},
				config: { workspace: '.', retries: '3', ratio: '1.50', verbose: 'yes', nothing: '' },
				providesStorage: ['markdown'],
			},
			{
				...common,
				id: 'bridge.openai',
				source: { kind: 'binary', path: '/usr/local/bin/bridge-openai' },
				// References are ours: here they are a text like any other.
				process: { ...common.process, env: { API_KEY: `sk-\${env:TOKEN}`, LIMIT: '007' } },
				providesAi: ['openai'],
				dependsOn: ['storage.markdown'],
			},
			{
				...common,
				id: 'some.custom.plugin',
				enabled: false,
				source: { kind: 'binary', path: join(folder, 'bin/my-plugin') },
			},
		],
		routes: { tools: {}, prompts: {}, storage: {} },
		providers: { grok: 'openai', perplexity: 'openai', deepseek: 'openai', qwen: 'openai', kimi: 'openai' },
		defaultProvider: 'claude',
		access: undefined,
		cluster: undefined,
		warnings: [],
	});
});

test('what a file of the Go orchestrator does not say is as there', async () => {
	expect(await read('plugins: []\nlisten_addr: ""')).toMatchObject({
		listen: [
			{ carrier: 'quic', host: 'localhost', port: 50100 },
			{ carrier: 'tcp', host: 'localhost', port: 50101 },
		],
		certsDir: join(homedir(), '.orchestra/certs'),
	});
	expect(await read('listen_addr: localhost:1')).toMatchObject({ plugins: [] });
});

test('a plugin that does not say that it is enabled is not, and that is told', async () => {
	const text =
		'plugins:\n  - {id: a, binary: a}\n  - {id: b, binary: b, enabled: No}\n  - {id: c, binary: c, enabled: on}';
	expect((await read(text)).plugins.map(({ id, enabled }) => `${id} ${enabled}`)).toEqual([
		'a false',
		'b false',
		'c true',
	]);
	expect(await warningsOf(text)).toEqual([
		'2:5: plugins[0]: a is not started: it does not say enabled: true',
	]);
});

test('what Go passes over is passed over, with a warning', async () => {
	expect(
		await warningsOf(`
listen_adr: localhost:1
listen_addr: ":50100"
plugins:
  - {id: a, binary: a, enabled: true, depend_on: [b], depends_on: [bb, off], module: x, spawn: true}
  - {id: bbb, binary: b, enabled: true}
  - {id: off, binary: b, enabled: false}
`),
	).toEqual([
		'2:1: listen_adr: unknown key, ignored; did you mean listen_addr?',
		'3:14: listen_addr: listens on every interface; name a host such as localhost to narrow it',
		'5:39: plugins[0].depend_on: unknown key, ignored; did you mean depends_on?',
		'5:68: plugins[0].depends_on[0]: there is no plugin "bb"; did you mean bbb?, ignored',
		'5:72: plugins[0].depends_on[1]: off is not enabled, ignored',
		'5:78: plugins[0].module: unknown key, ignored; known here: id, binary, args, env, config, enabled, provides_storage, provides_ai, depends_on',
		'5:89: plugins[0].spawn: unknown key, ignored; known here: id, binary, args, env, config, enabled, provides_storage, provides_ai, depends_on',
	]);
	expect((await read('listen_addr: ":7"\nplugins: []')).listen?.[0]).toEqual({
		carrier: 'quic',
		host: '0.0.0.0',
		port: 7,
	});
});

test('of plugins with one id one may run', async () => {
	const twin = (first: boolean, second: boolean) =>
		`plugins:\n  - {id: a, binary: first, enabled: ${first}}\n  - {id: b, binary: b, enabled: true}\n  - {id: a, binary: second, enabled: ${second}}`;
	const order = async (first: boolean, second: boolean) =>
		(await read(twin(first, second))).plugins.map(({ source }) =>
			'path' in source ? source.path.slice(folder.length + 1) : '',
		);
	expect(await order(true, false)).toEqual(['first', 'b']);
	// What is later in the file wins names: the order is that of the plugins that count.
	expect(await order(false, true)).toEqual(['b', 'second']);
	expect(await reader.faults(twin(true, true), 'plugins.yaml')).toEqual([
		'4:10: plugins[2].id: plugins[0] has the id a already',
	]);
});

test.each<[string, string, ...string[]]>([
	['no binary', 'plugins: [{id: a, enabled: true}]', '1:11: plugins[0]: binary is missing'],
	['an empty binary', 'plugins: [{id: a, binary: , enabled: true}]', '1:11: plugins[0]: binary is missing'],
	[
		'an id that leaves the directory of certificates',
		'plugins: [{id: ../../x, binary: a, enabled: true}]',
		'1:16: plugins[0].id: the plugin id is wrong: "../../x" cannot name a certificate: it begins with a dot or a dash',
	],
	[
		'a circle',
		'plugins: [{id: a, binary: a, enabled: true, depends_on: [b]}, {id: b, binary: b, enabled: true, depends_on: [a]}]',
		'1:45: plugins[0].depends_on: goes round in a circle: a → b → a',
	],
	[
		'an address',
		'listen_addr: nowhere',
		'1:14: listen_addr: "nowhere" is not an address: it needs a host and a port',
	],
	['a list as a map', 'plugins: {a: b}', '1:10: plugins: must be a list, not a map'],
])('%s is wrong there too', async (_title, text, ...expected) => {
	expect(await reader.faults(text, 'plugins.yaml')).toEqual(expected);
});
