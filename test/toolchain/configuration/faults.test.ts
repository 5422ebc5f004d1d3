import { expect, test } from 'vitest';
import { exitCodeOf } from '../../../src/cli/exit-code.ts';
import { writeFiles } from '../write-files.ts';
import { TextReader } from './read-text.ts';

const reader = new TextReader();

/** One plugin that is right, with more lines. */
const plugin = (...lines: string[]) =>
	['plugins:', '  - id: a', '    binary: bin/a', ...lines.map((line) => `    ${line}`), ''].join('\n');

test.each<[string, string, ...string[]]>([
	['a key that nobody knows', 'plugins: []\nlissten: []', '2:1: lissten: unknown key; did you mean listen?'],
	[
		'a key that is like no other',
		'plugins: []\nfoobar: 1',
		'2:1: foobar: unknown key; known here: listen, certs_dir, monitor, plugins, supervision, routes, providers, default_provider, cluster, access',
	],
	[
		'a key with characters that a terminal obeys',
		'plugins: []\n"\\e[31m\\u202e": 1',
		'2:1: ["\\u001b[31m\\u202e"]: unknown key; known here: listen, certs_dir, monitor, plugins, supervision, routes, providers, default_provider, cluster, access',
	],
	[
		'a key that is not where it belongs',
		'plugins: []\naccess: {rules: [{certificates: [x], tool: [y]}]}',
		'2:38: access.rules[0].tool: unknown key; did you mean tools?',
	],
	[
		'a node whose name cannot be that of a certificate',
		'plugins: []\ncluster: {node: al pha, servers: [tls://a:4222]}',
		'2:17: cluster.node: the name of the node is wrong: "al pha" cannot name a certificate: it holds a character that is not allowed',
	],
	['no plugins', 'listen: [tcp://127.0.0.1:0]', '1:1: : plugins is missing'],
	['a list as a file', '- 1', '1:1: : must be a map, not a list'],
	['a text as a file', 'hello', '1:1: : must be a map, not a text'],
	['a list without an item', 'listen: []\nplugins: []', '1:9: listen: the list is empty'],
	['a key without a value', 'plugins:', '1:9: plugins: must be a list, not empty'],
	[
		'an id that cannot name a certificate',
		'plugins: [{id: ../x, binary: x}]',
		'1:16: plugins[0].id: the plugin id is wrong: "../x" cannot name a certificate: it begins with a dot or a dash',
	],
	[
		"an id that is a host's",
		'plugins: [{id: orchestrator, binary: x}]',
		'1:16: plugins[0].id: the plugin id "orchestrator" is wrong: it is the name of another certificate',
	],
	[
		'a number as an id',
		'plugins: [{id: 5, binary: x}]',
		'1:16: plugins[0].id: must be a text, not a number: put it in quotes',
	],
	[
		'two plugins of one id',
		'plugins:\n  - {id: a, binary: x}\n  - {id: b, binary: x}\n  - {id: a, enabled: false, module: y}',
		'4:10: plugins[2].id: plugins[0] has the id a already',
	],
	['no source', 'plugins: [{id: a}]', '1:11: plugins[0]: what runs is missing: module, binary, address, mcp'],
	[
		'two sources',
		'plugins: [{id: a, module: x, binary: y}]',
		'1:30: plugins[0].binary: module is given already: a plugin has one of module, binary, address, mcp',
	],
	[
		'a go-plugin that is a module',
		'plugins: [{id: a, module: x, go_plugin: {}}]',
		'1:30: plugins[0].go_plugin: means nothing for a plugin that is no binary',
	],
	[
		'a go-plugin that is to boot',
		plugin('go_plugin: {cookie: A=b}', 'config: {a: b}'),
		'5:5: plugins[0].config: means nothing for a go-plugin, which is not booted: use env',
	],
	[
		'a cookie without a value',
		plugin('go_plugin: {cookie: A}'),
		'4:25: plugins[0].go_plugin.cookie: "A" is no cookie: write KEY=VALUE',
	],
	[
		'a checksum that is none',
		plugin('go_plugin: {sha256: abc}'),
		'4:25: plugins[0].go_plugin.sha256: "abc" is no SHA-256: it has 64 hexadecimal digits',
	],
	['an empty path', 'plugins: [{id: a, module: ""}]', '1:27: plugins[0].module: is empty'],
	[
		'a plugin that depends on itself',
		plugin('depends_on: [a]'),
		'4:5: plugins[0].depends_on: goes round in a circle: a → a',
	],
	[
		'a circle of dependencies',
		[
			'plugins:',
			'  - {id: d, binary: x, depends_on: [a]}',
			'  - {id: a, binary: x, depends_on: [b]}',
			'  - {id: b, binary: x, depends_on: [c]}',
			'  - {id: c, binary: x, depends_on: [e, a]}',
			'  - {id: e, binary: x}',
		].join('\n'),
		'3:24: plugins[1].depends_on: goes round in a circle: a → b → c → a',
	],
	[
		'a dependency that is not there',
		`${plugin('depends_on: [wether]')}  - {id: weather, binary: x}`,
		'4:18: plugins[0].depends_on[0]: there is no plugin "wether"; did you mean weather?',
	],
	[
		'a dependency that does not run',
		`${plugin('depends_on: [b]')}  - {id: b, binary: x, enabled: false}`,
		'4:18: plugins[0].depends_on[0]: b is not enabled',
	],
	[
		'an address without a port',
		'plugins: [{id: a, address: tcp://host}]',
		'1:28: plugins[0].address: "tcp://host" is not an address: it needs a host and a port',
	],
	[
		'an address that is neither encrypted nor here',
		'listen: [tcp+plain://10.0.0.1:5]\nplugins: []',
		'1:10: listen[0]: tcp+plain:// is neither encrypted nor authenticated: it can only be a loopback address',
	],
	[
		'a duration without a unit',
		plugin('idle_stop: 5'),
		'4:16: plugins[0].idle_stop: must be a duration with its unit, such as 5m, not a number',
	],
	[
		'a duration that is none',
		plugin('restart: {within: 5 minutes}'),
		'4:23: plugins[0].restart.within: "5 minutes" is not a duration; write 500ms, 5s, 2m, 1h or 10d',
	],
	[
		'a duration of nothing',
		plugin('idle_stop: 0s'),
		'4:16: plugins[0].idle_stop: "0s" is not a duration; write 500ms, 5s, 2m, 1h or 10d',
	],
	[
		'a wait that begins above its end',
		plugin('restart: {back_off: {initial: 1m, max: 1s}}'),
		'4:35: plugins[0].restart.back_off.initial: is longer than max',
	],
	[
		'a word that is not among those that may stand there',
		plugin('start: on-cal'),
		'4:12: plugins[0].start: must be at-start or on-call, not "on-cal"; did you mean on-call?',
	],
	[
		'a word where a word or a map may stand',
		plugin('restart: true'),
		'4:14: plugins[0].restart: must be on-failure, never or a map, not true',
	],
	[
		'too small a number',
		plugin('restart: {budget: -1}'),
		'4:23: plugins[0].restart.budget: must be at least 0',
	],
	[
		'half a restart',
		plugin('restart: {budget: 2.5}'),
		'4:23: plugins[0].restart.budget: must be a whole number, not a number',
	],
	[
		'a boolean of another time',
		plugin('enabled: yes'),
		'4:14: plugins[0].enabled: must be true or false, not a text: write true',
	],
	[
		'a boolean in quotes',
		plugin("enabled: 'true'"),
		'4:14: plugins[0].enabled: must be true or false, not a text',
	],
	[
		'a map where a text has to be',
		plugin('config: {nested: {x: 1}}'),
		'4:22: plugins[0].config.nested: must be a text, a number or true or false, not a map',
	],
	[
		'a variable with a name that none can have',
		plugin('env: {"a=b": x, "": y}'),
		'4:11: plugins[0].env["a=b"]: the name is empty, or holds a blank, "=" or NUL',
		'4:21: plugins[0].env[""]: the name is empty, or holds a blank, "=" or NUL',
	],
	['a NUL in a text', plugin('args: ["a\\0b"]'), '4:12: plugins[0].args[0]: holds a NUL character'],
	[
		'a variable that is not set',
		plugin(`env: {X: "\${env:NOBODY}"}`),
		'4:14: plugins[0].env.X: the environment variable "NOBODY" is not set',
	],
	[
		'a reference of another kind',
		plugin(`env: {X: "\${HOME}/\${vault:x}"}`),
		`4:14: plugins[0].env.X: there is a \${…} that is no reference: write \${env:NAME} or \${file:PATH}, or $\${ for a plain \${`,
		`4:14: plugins[0].env.X: there is a \${…} that is no reference: write \${env:NAME} or \${file:PATH}, or $\${ for a plain \${`,
	],
	[
		'a reference without an end',
		plugin(`config: {X: "\${env:TOKEN"}`),
		`4:17: plugins[0].config.X: a reference has no end: write \${env:NAME} or \${file:PATH}, or $\${ for a plain \${`,
	],
	[
		'a secret in the arguments, which everybody on the machine can see',
		plugin(`args: ["--token=\${env:TOKEN}"]`),
		`4:12: plugins[0].args[0]: \${env:…} and \${file:…} can stand in the values of env and config only`,
	],
	[
		'keys that mean nothing there',
		'plugins:\n  - {id: a, module: x, env: {}, args: []}\n  - {id: b, binary: x, spawn: true}\n  - {id: c, address: "tcp://h:1", config: {}, restart: never}',
		"2:24: plugins[0].env: means nothing for a module in the server's process: add spawn: true, or use config",
		"2:33: plugins[0].args: means nothing for a module in the server's process: add spawn: true, or use config",
		'3:24: plugins[1].spawn: means nothing for a binary, which always has its own process',
		'4:35: plugins[2].config: means nothing for a plugin that runs already: whoever starts it decides',
		'4:47: plugins[2].restart: means nothing for a plugin that runs already: whoever starts it decides',
	],
	[
		'deadlines that mean nothing there, or are none',
		'plugins:\n  - {id: a, module: x, supervision: {boot: 1m, ready: 1m}}\n  - {id: b, address: "tcp://h:1", supervision: {boot: 1m, health_every: 1s}}\nsupervision: {boot: 5 s, ready: 30d, register: 1ms, health: 5s}',
		"2:48: plugins[0].supervision.ready: means nothing for a module in the server's process: add spawn: true",
		'3:49: plugins[1].supervision.boot: means nothing for a plugin that runs already: only its health is asked for',
		'4:21: supervision.boot: "5 s" is not a duration; write 500ms, 5s, 2m, 1h or 10d',
		'4:33: supervision.ready: "30d" is not between 10ms and 24d',
		'4:48: supervision.register: "1ms" is not between 10ms and 24d',
		'4:53: supervision.health: unknown key; known here: ready, register, boot, health_every, health_timeout',
	],
	[
		'a route to nowhere',
		`${plugin()}routes: {tools: {"x.y": b}, storage: {m: c}}`,
		'4:25: routes.tools["x.y"]: there is no plugin "b"; did you mean a?',
		'4:42: routes.storage.m: there is no plugin "c"; did you mean a?',
	],
	[
		'providers that lead round',
		'plugins: []\nproviders: {a: b, b: c, d: d}',
		'2:16: providers.a: "b" is another name itself',
		'2:28: providers.d: stands for itself',
	],
	['a key that is there twice', plugin('env: {}', 'env: {}'), '5:5: plugins[0].env: this key is here twice'],
	['a key that is no text', 'plugins: []\n? [a]\n: b', '2:3: : a key has to be a text'],
	['a tag', 'plugins: !!js/function x', '1:24: plugins: tags such as !this are not understood here'],
	['a tab', 'plugins:\n\t- id: a', '2:1: : tabs are not allowed as indentation'],
	['a quote without an end', 'plugins: "x', '1:12: : a quote is not closed'],
	['a bracket without an end', 'plugins: [', '1:11: : a [ is not closed: the ] is missing before this place'],
	[
		'two documents',
		'plugins: []\n---\nplugins: []',
		'2:1: : a second document begins here; a configuration is one',
	],
	['an alias without an anchor', 'plugins: *x', '1:10: plugins: there is no anchor &x before this alias'],
	[
		'an alias within its own anchor',
		'plugins: &x [*x]',
		'1:14: plugins[0]: the alias *x stands within its own anchor',
	],
	[
		'a text that is merged',
		'plugins: [{<<: x, id: a, binary: b}]',
		'1:16: plugins[0]["<<"]: only a map can be merged',
	],
])('%s', async (_title, text, ...expected) => {
	expect(await reader.faults(text)).toEqual(expected);
});

test('a file that a reference names', async () => {
	writeFiles(reader.folder, { 'big.txt': 'x'.repeat(64 * 1024 + 1), 'nul.txt': 'a\0b' });
	const named = (path: string) => plugin(`env: {X: "\${file:${path}}"}`);
	const path = (name: string) => JSON.stringify(`${reader.folder}/${name}`);
	const at = '4:14: plugins[0].env.X: the file';
	expect(await reader.faults(named('none.txt'))).toEqual([`${at} ${path('none.txt')} does not exist`]);
	expect(await reader.faults(named('big.txt'))).toEqual([`${at} ${path('big.txt')} is larger than 64 KiB`]);
	expect(await reader.faults(named('nul.txt'))).toEqual([`${at} ${path('nul.txt')} holds a NUL character`]);
	expect(await reader.faults(named('.'))).toEqual([`${at} ${JSON.stringify(reader.folder)} is a folder`]);
	expect(await reader.faults(named('/dev/zero'))).toEqual([`${at} "/dev/zero" is not a regular file`]);
});

test('one fault is one sentence with its place', async () => {
	const error = await reader.error(plugin('enabeld: true'));
	expect(error.message).toBe('orchestra.yaml:4:5: plugins[0].enabeld: unknown key; did you mean enabled?');
	expect(error.hint).toBe('`orchestra schema config` prints what a configuration may hold.');
	expect(exitCodeOf(error)).toBe(3);
	expect(error.details).toEqual({
		file: 'orchestra.yaml',
		faults: [{ line: 4, column: 5, key: 'plugins[0].enabeld', text: 'unknown key; did you mean enabled?' }],
		total: 1,
	});
});

test('all faults are listed in the order of the file, 20 of them', async () => {
	const few = await reader.error(
		'plugins:\n  - {id: b, binary: x, depends_on: [c]}\n  - {id: b, module: y}\nlisten: 5',
	);
	expect(few.message.split('\n')).toEqual([
		'orchestra.yaml has 3 faults:',
		'  orchestra.yaml:2:37: plugins[0].depends_on[0]: there is no plugin "c"',
		'  orchestra.yaml:3:10: plugins[1].id: plugins[0] has the id b already',
		'  orchestra.yaml:4:9: listen: must be a list, not a number',
	]);
	const many = await reader.error(`plugins:\n${'  - {}\n'.repeat(30)}`);
	expect(many.message.split('\n')).toHaveLength(22);
	expect(many.message).toMatch(/ {2}and 40 more$/);
	expect(many.details?.total).toBe(60);
	expect(many.details?.faults).toHaveLength(20);
});

test('no message shows the value of a secret, nor what stands near a fault', async () => {
	writeFiles(reader.folder, { 'password.txt': 'hunter2' });
	const texts = [
		plugin(`env: {PASSWORD: [hunter2]}`),
		plugin(`env: {PASSWORD: "hunter2\${oops}", X: "\${env:NOBODY}"}`),
		plugin(`env: {PASSWORD: "hunter2\\0"}`),
		plugin(`env: {PASSWORD: "\${hunter2}"}`),
		plugin(`env: {PASSWORD: "hunter2`),
		plugin(`env: {PASSWORD: hunter2}}`),
		plugin(`env: {PASSWORD: @hunter2}`),
		plugin('env:', '  PASSWORD: hunter2: hunter2'),
		plugin('env:', '  PASSWORD: "hunter2" hunter2'),
		plugin('env:', '  PASSWORD: "hunter2\\q"'),
		plugin(`config: {key: "\${file:password.txt}\${file:none}"}`),
	];
	for (const text of texts) {
		const error = await reader.error(text);
		expect(JSON.stringify([error.message, error.hint, error.details]), text).not.toContain('hunter2');
	}
});
