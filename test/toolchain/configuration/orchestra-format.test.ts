import { homedir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { revealAll, Secret } from '../../../src/toolchain/configuration/secret.ts';
import { writeFiles } from '../write-files.ts';
import { TextReader } from './read-text.ts';

const reader = new TextReader();
const { folder } = reader;

test('a file with everything in it', async () => {
	writeFiles(folder, { 'secrets/key.txt': 'k3y\n' });
	const configuration = await reader.read(`
listen: [quic://127.0.0.1:0, 'tcp://[::1]:50101', localhost:7]
certs_dir: ~/certs
supervision: {boot: 45s, health_timeout: 3s}
plugins:
  - id: weather
    module: examples/weather
  - id: notes
    module: /opt/notes
    spawn: true
    enabled: true
    carrier: tcp
    args: [--workspace=., --port, 8080, --verbose=true]
    env:
      TOKEN: \${env:TOKEN}
      URL: https://x:\${file:secrets/key.txt}@host/$\${plain}
      LEVEL: 1.10
    inherit_env: [HTTPS_PROXY]
    config: {retries: 3, fast: true, name: "003", key: "\${env:TOKEN}"}
    provides_storage: [markdown]
    provides_ai: [openai]
    depends_on: [weather, go.tools, weather]
    start: on-call
    idle_stop: 5m
    supervision: {ready: 2m, register: 4s, health_every: 30s}
    restart:
      when: on-failure
      budget: 2
      within: 90s
      back_off: {initial: 1s, max: 1m}
  - id: go.tools
    binary: bin/go-tools
    inherit_env: true
    replicas: 2
    restart: never
  - id: far
    address: tcp://10.0.0.1:9
    singleton: true
    depends_on: [go.tools]
  - id: off
    binary: ~/off
    enabled: false
    env: {MISSING: "\${env:NOBODY_SETS_THIS}"}
    depends_on: [far, sleeping]
  - {id: sleeping, module: x, enabled: false}
routes:
  tools: {search: notes, notes.list: weather}
  prompts: {review: go.tools}
  storage: {markdown: notes}
providers: {grok: openai}
default_provider: claude
cluster:
  node: node-a
  servers: [tls://nats-1:4222, 'nats://[::1]:4222']
  advertise: [tcp://node-a:50101]
  lease: 30s
  durable: [jobs.**]
access:
  operators: [cli, ops-*]
  nodes: [node-b]
  strict: true
  rules:
    - name: agents
      certificates: [agent-*]
      tools: [search, 'notes.*']
      storage: [markdown]
    - certificates: [mcp]
      administer: true
`);
	const process = { args: [], cwd: undefined, env: {}, inheritEnv: [], carrier: undefined };
	const common = {
		enabled: true,
		process,
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
			bootMs: 45_000,
			healthEveryMs: 5_000,
			healthTimeoutMs: 3_000,
		},
	};
	const rule = { tools: [], prompts: [], publish: [], subscribe: [], storage: [], administer: false };
	expect(configuration).toEqual({
		file: join(folder, 'orchestra.yaml'),
		folder,
		dialect: 'orchestra',
		rules: {
			duplicates: 'error',
			failedDependency: 'fail',
			tellDefaultProvider: false,
			plainTcpClients: false,
		},
		listen: [
			{ carrier: 'quic', host: '127.0.0.1', port: 0 },
			{ carrier: 'tcp', host: '::1', port: 50101 },
			{ carrier: 'quic', host: 'localhost', port: 7 },
		],
		certsDir: join(homedir(), 'certs'),
		plugins: [
			{
				...common,
				id: 'weather',
				source: { kind: 'module', path: join(folder, 'examples/weather'), spawn: false },
			},
			{
				...common,
				id: 'notes',
				source: { kind: 'module', path: '/opt/notes', spawn: true },
				process: {
					args: [`--workspace=${folder}`, '--port', '8080', '--verbose=true'],
					cwd: undefined,
					env: { TOKEN: expect.any(Secret), URL: expect.any(Secret), LEVEL: '1.10' },
					inheritEnv: ['HTTPS_PROXY'],
					carrier: 'tcp',
				},
				config: { retries: '3', fast: 'true', name: '003', key: expect.any(Secret) },
				providesStorage: ['markdown'],
				providesAi: ['openai'],
				dependsOn: ['weather', 'go.tools'],
				start: 'on-call',
				idleStopMs: 300_000,
				supervision: {
					readyMs: 120_000,
					registerMs: 4_000,
					bootMs: 45_000,
					healthEveryMs: 30_000,
					healthTimeoutMs: 3_000,
				},
				restart: {
					when: 'on-failure',
					budget: 2,
					withinMs: 90_000,
					backOff: { initialMs: 1_000, maxMs: 60_000 },
				},
			},
			{
				...common,
				id: 'go.tools',
				source: { kind: 'binary', path: join(folder, 'bin/go-tools') },
				process: { ...process, cwd: folder, inheritEnv: true },
				restart: { ...common.restart, when: 'never' },
				replicas: 2,
			},
			{
				...common,
				id: 'far',
				source: { kind: 'address', address: { carrier: 'tcp', host: '10.0.0.1', port: 9 } },
				replicas: 1,
				singleton: true,
				dependsOn: ['go.tools'],
			},
			{
				...common,
				id: 'off',
				enabled: false,
				source: { kind: 'binary', path: join(homedir(), 'off') },
				process: { ...process, cwd: folder, env: { MISSING: expect.any(Secret) } },
				dependsOn: ['far'],
			},
			{
				...common,
				id: 'sleeping',
				enabled: false,
				source: { kind: 'module', path: join(folder, 'x'), installed: 'x', spawn: false },
			},
		],
		routes: {
			tools: { search: 'notes', 'notes.list': 'weather' },
			prompts: { review: 'go.tools' },
			storage: { markdown: 'notes' },
		},
		providers: { grok: 'openai' },
		defaultProvider: 'claude',
		cluster: {
			node: 'node-a',
			servers: ['tls://nats-1:4222', 'nats://[::1]:4222'],
			name: 'orch',
			advertise: ['tcp://node-a:50101'],
			direct: true,
			leaseMs: 30_000,
			copies: 1,
			durable: ['jobs.**'],
		},
		access: {
			operators: ['cli', 'ops-*'],
			nodes: ['node-b'],
			strict: true,
			rules: [
				{
					...rule,
					name: 'agents',
					certificates: ['agent-*'],
					tools: ['search', 'notes.*'],
					storage: ['markdown'],
				},
				{ ...rule, name: 'access.rules[1]', certificates: ['mcp'], administer: true },
			],
		},
		warnings: [],
	});
	const [, notes] = configuration.plugins;
	expect(revealAll(notes?.process.env ?? {})).toEqual({
		TOKEN: 's3cret',
		URL: `https://x:k3y@host/\${plain}`,
		LEVEL: '1.10',
	});
	expect(revealAll(notes?.config ?? {}).key).toBe('s3cret');
});

test('what a file does not say is left to whoever serves it', async () => {
	const configuration = await reader.read('plugins: []');
	expect(configuration).toMatchObject({
		listen: undefined,
		certsDir: undefined,
		plugins: [],
		routes: { tools: {}, prompts: {}, storage: {} },
		providers: {},
		defaultProvider: undefined,
		access: undefined,
	});
	expect((await reader.read('plugins: []\naccess: {}')).access).toEqual({
		operators: ['cli'],
		nodes: [],
		strict: false,
		rules: [],
	});
});

test('a wait that begins with more than the usual maximum has it as its maximum', async () => {
	const { plugins } = await reader.read(
		'plugins: [{id: a, binary: a, restart: {back_off: {initial: 2m}}}, {id: b, binary: b, restart: {budget: 0}}]',
	);
	expect(plugins[0]?.restart.backOff).toEqual({ initialMs: 120_000, maxMs: 120_000 });
	expect(plugins[1]?.restart).toMatchObject({ when: 'on-failure', budget: 0 });
});

test('secrets are shown nowhere: not as text, as JSON, nor inspected', async () => {
	const configuration = await reader.read(
		`plugins: [{id: a, binary: a, env: {T: "\${env:TOKEN}"}, config: {k: "a\${env:TOKEN}b"}}]`,
	);
	const [plugin] = configuration.plugins;
	const secret = plugin?.process.env.T;
	for (const shown of [
		JSON.stringify(configuration),
		inspect(configuration, { depth: 20, showHidden: true }),
		String(secret),
		`${secret}`,
		`${[secret]}`,
		JSON.stringify({ secret }),
	]) {
		expect(shown).toContain('***');
		expect(shown).not.toContain('s3cret');
	}
	expect(Object.getOwnPropertyNames(secret)).toEqual([]);
	expect(revealAll(plugin?.config ?? {})).toEqual({ k: 'as3cretb' });
});

test('a go-plugin is read as it is written', async () => {
	const text = `
plugins:
  - id: a
    binary: a
    go_plugin:
      cookie: KEY=a value=of its own
      protocol: [5, 6]
      mtls: false
      seams: {store: proto.KV}
      callbacks: [{field: add_server, service: proto.AddHelper, methods: {Sum: add}}]
  - {id: b, binary: b, go_plugin: {}}
`;
	const { plugins } = await reader.read(text);
	expect(plugins.map(({ source }) => source)).toMatchObject([
		{
			goPlugin: {
				cookie: { key: 'KEY', value: 'a value=of its own' },
				versions: [5, 6],
				mtls: false,
				seams: { store: 'proto.KV' },
				callbacks: [{ field: 'add_server', service: 'proto.AddHelper', methods: { Sum: 'add' } }],
			},
		},
		{ goPlugin: {} },
	]);
});

test('nothing in a configuration can be changed', async () => {
	const configuration = await reader.read('plugins: [{id: a, binary: a, env: {X: y}, args: [z]}]');
	const frozen = (value: unknown): boolean =>
		typeof value !== 'object' ||
		value === null ||
		(Object.isFrozen(value) && Object.values(value).every(frozen));
	expect(frozen(configuration)).toBe(true);
	expect(() => (configuration.plugins as unknown[]).push(1)).toThrow(TypeError);
});

test('anchors, aliases and merged maps are what they stand for', async () => {
	const { plugins } = await reader.read(`
plugins:
  - &base
    id: one
    binary: bin/x
    env: &env {A: a, B: b}
    restart: never
  - <<: *base
    id: two
    env:
      <<: *env
      B: other
  - id: three
    binary: bin/y
    env: *env
`);
	expect(plugins.map(({ id, process, restart, source }) => [id, process.env, restart.when, source])).toEqual([
		['one', { A: 'a', B: 'b' }, 'never', { kind: 'binary', path: join(folder, 'bin/x') }],
		['two', { A: 'a', B: 'other' }, 'never', { kind: 'binary', path: join(folder, 'bin/x') }],
		['three', { A: 'a', B: 'b' }, 'on-failure', { kind: 'binary', path: join(folder, 'bin/y') }],
	]);
});

test('a name that objects have of themselves is a name like any other', async () => {
	const { plugins, routes } = await reader.read(
		'plugins: [{id: a, binary: a, env: {__proto__: x, constructor: y}}]\nroutes: {tools: {__proto__: a, toString: a}}',
	);
	expect(Object.entries(plugins[0]?.process.env ?? {})).toEqual([
		['__proto__', 'x'],
		['constructor', 'y'],
	]);
	expect(Object.keys(routes.tools)).toEqual(['__proto__', 'toString']);
	expect(revealAll(plugins[0]?.process.env ?? {})).toHaveProperty('constructor', 'y');
});

test('a file of another name is ours unless it has a key of the Go format', async () => {
	expect((await reader.read('plugins: []', 'mine.yml')).dialect).toBe('orchestra');
	expect((await reader.read('tcp_addr: localhost:0\nplugins: []', 'mine.yml')).dialect).toBe('go');
	expect((await reader.read('plugins: []', 'plugins.yml')).dialect).toBe('go');
});
