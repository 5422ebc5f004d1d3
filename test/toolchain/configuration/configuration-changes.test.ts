import { expect, test } from 'vitest';
import { configurationChanges } from '../../../src/toolchain/configuration/configuration-changes.ts';
import { TextReader } from './read-text.ts';

const reader = new TextReader();

async function changes(before: string, after: string, name = 'orchestra.yaml', afterName = name) {
	const former = await reader.read(before, name);
	return configurationChanges(former, await reader.read(after, afterName));
}

const base = `
plugins:
  - {id: a, binary: a, env: {X: "1", Y: "2"}}
  - {id: b, module: b, depends_on: [a]}
  - {id: c, address: "tcp://h:1"}
`;

test('a file that only looks different changes nothing', async () => {
	const after = `
# moved about
plugins:
  - id: c
    address: tcp://h:1
  - id: a
    env: {"Y": '2', "X": '1'}
    binary: ./a
    enabled: true
    args: []
  - {id: b, module: b, depends_on: [a, a]}
routes: {}
`;
	expect(await changes(base, after)).toEqual({ added: [], removed: [], changed: [], keys: [] });
});

test('plugins that come, go and change are named', async () => {
	const after = `
plugins:
  - {id: new, module: x}
  - {id: a, binary: a, env: {X: "1"}}
  - {id: b, module: b, depends_on: [a]}
`;
	expect(await changes(base, after)).toEqual({ added: ['new'], removed: ['c'], changed: ['a'], keys: [] });
});

test.each<[string, string]>([
	['binary', 'binary: other'],
	['enabled', 'binary: a, enabled: false'],
	['args', 'binary: a, args: [x]'],
	['the order of args', 'binary: a, args: [y, x]'],
	['env', 'binary: a, env: {X: y}'],
	['inherit_env', 'binary: a, inherit_env: true'],
	['config', 'binary: a, config: {x: y}'],
	['start', 'binary: a, start: on-call'],
	['idle_stop', 'binary: a, idle_stop: 1m'],
	['singleton', 'binary: a, singleton: true'],
	['replicas', 'binary: a, replicas: 2'],
	['restart', 'binary: a, restart: never'],
	['supervision', 'binary: a, supervision: {boot: 1m}'],
	['provides_ai', 'binary: a, provides_ai: [x]'],
])('a change of %s is one of the plugin', async (_title, lines) => {
	const one = (text: string) => `plugins: [{id: a, ${text}}]`;
	expect((await changes(one('binary: a'), one(lines))).changed).toEqual(['a']);
	expect((await changes(one(lines), one(lines))).changed).toEqual([]);
});

test.each<[string, string]>([
	['listen', 'listen: [tcp://127.0.0.1:1]'],
	['certs_dir', 'certs_dir: x'],
	['routes', 'routes: {tools: {x: a}}'],
	['providers', 'providers: {x: y}'],
	['default_provider', 'default_provider: x'],
	['access', 'access: {strict: true}'],
	['cluster', 'cluster: {node: a, servers: [tls://b:4222]}'],
])('a change of %s is named', async (key, line) => {
	expect(await changes(base, base + line)).toEqual({ added: [], removed: [], changed: [], keys: [key] });
	expect(await changes(base + line, base)).toMatchObject({ keys: [key] });
});

test('a secret that has changed is a change, one that has not is none', async () => {
	const text = `plugins: [{id: a, binary: a, env: {T: "\${env:TOKEN}"}}]`;
	const before = await reader.read(text);
	expect(configurationChanges(before, await reader.read(text)).changed).toEqual([]);
	reader.environment.TOKEN = 'another';
	expect(configurationChanges(before, await reader.read(text)).changed).toEqual(['a']);
	const plain = await reader.read('plugins: [{id: a, binary: a, env: {T: s3cret}}]');
	expect(configurationChanges(before, plain).changed).toEqual(['a']);
});

test('the order matters where the later of two plugins wins', async () => {
	const first = 'plugins: [{id: a, binary: a, enabled: true}, {id: b, binary: b, enabled: true}]';
	const second = 'plugins: [{id: b, binary: b, enabled: true}, {id: a, binary: a, enabled: true}]';
	expect(await changes(first, second, 'plugins.yaml')).toMatchObject({ changed: [], keys: ['plugins'] });
	expect(await changes(first, second)).toMatchObject({ changed: [], keys: [] });
});

test('a file of another format changes what follows from the format', async () => {
	const text = 'plugins: [{id: a, binary: a, enabled: true}]';
	const { keys, changed } = await changes(text, text, 'plugins.yaml', 'orchestra.yaml');
	expect(keys).toEqual(['listen', 'certs_dir', 'providers', 'default_provider', 'dialect']);
	expect(changed).toEqual(['a']);
});
