// biome-ignore-all lint/suspicious/noTemplateCurlyInString: bundles name their variables so
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { prepareInstall } from '../../src/toolchain/install/prepare-install.ts';
import { parseSource } from '../../src/toolchain/install/source/install-source.ts';
import { pluginStore } from '../../src/toolchain/install/store/plugin-store.ts';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { tgz } from '../toolchain/install/tar-bytes.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const scratch = scratchFolder('install-mcp');

/** A user with nothing installed, in a project. */
function user(more: Record<string, string> = {}) {
	const dir = mkdtempSync(join(scratch, 'user-'));
	const cwd = writeFiles(join(dir, 'project'), { 'package.json': '{}' });
	const home = join(dir, 'home');
	const env = {
		ORCHESTRA_HOME: home,
		ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
		ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
		npm_config_userconfig: join(scratch, 'no-npmrc'),
		...more,
	};
	const run = (words: string[], also: Record<string, string> = {}) =>
		runCli(words, { cwd, env: { ...env, ...also } });
	const registry = () => JSON.parse(readFileSync(join(home, 'plugins/registry.json'), 'utf8')).plugins;
	return { dir, cwd, env, run, registry };
}

/** A server of 2025-11-25 that needs no package: its tool says what it was started with. */
const server = (version: string, tools = ['seen']) => `#!/usr/bin/env node
const answers = {
	initialize: () => ({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'tiny', version: '${version}' } }),
	'tools/list': () => ({ tools: ${JSON.stringify(tools)}.map((name) => ({ name, inputSchema: { type: 'object' } })) }),
	'tools/call': () => ({ content: [], structuredContent: { version: '${version}', args: process.argv.slice(2), key: process.env.TINY_KEY ?? 'none', home: process.env.PLANTED ?? 'none' } }),
};
let rest = '';
process.stdin.on('data', (text) => {
	const lines = (rest + text).split('\\n');
	rest = lines.pop();
	for (const { id, method } of lines.map((line) => JSON.parse(line))) {
		if (id === undefined) continue;
		const answer = answers[method];
		const body = answer ? { result: answer() } : { error: { code: -32601, message: 'no such method' } };
		process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...body }) + '\\n');
	}
});
`;

function npmPackage(dir: string, version: string, tools?: string[]): string {
	const file = join(dir, 'tiny.tgz');
	const document = {
		name: '@acme/tiny',
		version,
		mcpName: 'io.acme/tiny',
		bin: { tiny: './run.mjs' },
		description: 'A server.',
	};
	writeFileSync(
		file,
		tgz([
			{ name: 'package/package.json', content: JSON.stringify(document) },
			{ name: 'package/run.mjs', content: server(version, tools) },
			{ name: 'package/data.txt', content: 'beside it' },
		]),
	);
	return file;
}

test('an MCP server of npm: asked once, called and served by its id, updated, refused when a byte changed, removed', async () => {
	const me = user({ PLANTED: 'of the user' });
	const file = npmPackage(me.dir, '1.0.0');
	const installed = await me.run(['install', file, '--json']);
	expect(installed.code, installed.stderr).toBe(0);
	expect(JSON.parse(installed.stdout)).toMatchObject({
		id: 'tiny',
		version: '1.0.0',
		kind: 'mcp',
		manifest: { provides_tools: ['seen'], description: 'A server.' },
	});
	const [entry] = Object.values<Record<string, unknown>>(me.registry());
	// The Go command line could not start it.
	expect(entry).toMatchObject({ id: 'tiny', enabled: false, provides_tools: ['seen'] });
	const called = await me.run(['call', 'tiny', 'seen', '--json']);
	expect(JSON.parse(called.stdout)).toEqual({ version: '1.0.0', args: [], key: 'none', home: 'none' });

	writeFileSync(
		join(me.cwd, 'orchestra.yaml'),
		'listen: [tcp://127.0.0.1:0]\nplugins: [{id: little, binary: tiny, env: {TINY_KEY: given}}]\n',
	);
	await using serving = new RunningCli(['serve', '--json'], { cwd: me.cwd, env: me.env });
	const [address] = await serving.until(/tcp:\/\/[\d.:]+/);
	const far = await me.run(['call', address, 'seen', '--json']);
	expect(JSON.parse(far.stdout)).toMatchObject({ key: 'given' });

	npmPackage(me.dir, '2.0.0', ['seen', 'more']);
	const updated = await me.run(['update', 'tiny', '--yes']);
	expect(updated).toMatchObject({ code: 0, stdout: expect.stringContaining('more') });
	const { stdout, stderr } = await me.run(['inspect', 'tiny', '--json']);
	expect(stderr).toBe('');
	expect(JSON.parse(stdout).tools.map(({ name }: { name: string }) => name)).toEqual(['seen', 'more']);

	const [now] = Object.values<{ binary: string }>(me.registry());
	appendFileSync(join(now?.binary ?? '', '../data.txt'), ' ');
	const changed = await me.run(['call', 'tiny', 'seen', '--json']);
	expect([changed.code, JSON.parse(changed.stderr).error.code]).toEqual([3, 'integrity_failed']);
	expect(await me.run(['uninstall', 'tiny'])).toMatchObject({ code: 0 });
	expect(await me.run(['call', 'tiny', 'seen'])).toMatchObject({ code: 3 });
});

const manifest = {
	manifest_version: '0.3',
	name: 'Tiny Bundle',
	version: '1.2.3',
	description: 'A bundle.',
	author: { name: 'Ada' },
	server: {
		type: 'node',
		entry_point: 'server/run.mjs',
		mcp_config: {
			command: 'node',
			args: ['${__dirname}/server/run.mjs', '${user_config.folders}', '--mode=${user_config.mode}'],
			env: { TINY_KEY: '${user_config.api_key}' },
			platform_overrides: { plan9: { command: 'acme' } },
		},
	},
	tools: [{ name: 'seen', description: 'What it sees.' }],
	user_config: {
		api_key: { type: 'string', title: 'The key of your account', sensitive: true, required: true },
		folders: { type: 'directory', title: 'Folders', multiple: true, default: ['${HOME}'] },
		mode: { type: 'string', title: 'Mode', default: 'calm' },
	},
};

function bundle(dir: string, document: object = manifest, name = 'tiny.mcpb'): string {
	const file = join(dir, name);
	const text = (content: string) => new TextEncoder().encode(content);
	writeFileSync(
		file,
		zipSync({ 'manifest.json': text(JSON.stringify(document)), 'server/run.mjs': text(server('1.2.3')) }),
	);
	return file;
}

test('an .mcpb: shows what it wants set, says what is missing, and gets it from the environment; a secret shows nowhere', async () => {
	const me = user();
	const installed = await me.run(['install', bundle(me.dir), '--yes']);
	expect(installed).toMatchObject({ code: 0, stdout: expect.stringContaining('Tiny-Bundle') });
	expect(installed.stdout).toMatch(/TINY_BUNDLE_API_KEY: The key of your account \(required, secret\)/);
	expect(installed.stdout).toMatch(/TINY_BUNDLE_MODE: Mode \(else calm\)/);
	const missing = await me.run(['call', 'Tiny-Bundle', 'seen', '--json']);
	expect(missing.code).toBe(3);
	expect(JSON.parse(missing.stderr).error).toMatchObject({
		code: 'setting_missing',
		details: { variables: ['TINY_BUNDLE_API_KEY'] },
		hint: 'TINY_BUNDLE_API_KEY: The key of your account',
	});
	const secret = 'a-secret-of-the-test';
	const set = { TINY_BUNDLE_API_KEY: secret, TINY_BUNDLE_FOLDERS: '/a:/b c', MODE: 'none of it' };
	const { stdout, stderr } = await me.run(['call', 'Tiny-Bundle', 'seen', '--json', '--verbose'], set);
	expect(JSON.parse(stdout)).toMatchObject({ args: ['/a', '/b c', '--mode=calm'], key: secret });
	expect(stderr).not.toContain(secret);
	const usual = await me.run(['call', 'Tiny-Bundle', 'seen', '--json'], {
		TINY_BUNDLE_API_KEY: secret,
		HOME: me.dir,
	});
	expect(JSON.parse(usual.stdout).args[0]).toBe(me.dir);
	expect(await me.run(['uninstall', 'Tiny-Bundle'])).toMatchObject({ code: 0 });
});

const mcpConfig = manifest.server.mcp_config;
const started = (config: object) => ({ ...manifest, server: { ...manifest.server, mcp_config: config } });

test.each<[string, object, string]>([
	[
		'a secret on the command line',
		started({ ...mcpConfig, args: ['--key=${user_config.api_key}'] }),
		'puts a secret',
	],
	[
		'a command elsewhere',
		started({ ...mcpConfig, command: '/bin/sh' }),
		'neither a command nor in the bundle',
	],
	[
		'a command that leads out',
		started({ ...mcpConfig, command: '${__dirname}/../sh' }),
		'neither a command nor',
	],
	['variables that are none', started({ ...mcpConfig, env: { 'A=B': 'c' } }), 'no list of variables'],
	['a version of its own', { ...manifest, manifest_version: '9' }, 'which this orchestra does not know'],
	['another system', { ...manifest, compatibility: { platforms: ['plan9'] } }, 'is for plan9'],
	['no server', { ...manifest, server: undefined }, 'has no server'],
	['a setting that is none', { ...manifest, user_config: { 'a b': {} } }, 'a setting that cannot be read'],
	['an escape sequence', { ...manifest, description: '\u001b[2J' }, 'control characters'],
])('a bundle with %s is refused', async (_what, document, text) => {
	const dir = mkdtempSync(join(scratch, 'refused-'));
	const store = pluginStore(join(dir, 'home'));
	const prepared = prepareInstall(store, parseSource(bundle(dir, document)), { cwd: dir });
	const error = await prepared.catch((error) => error);
	expect(['invalid_manifest', 'requirement_unmet']).toContain(error.code);
	expect(error.message).toContain(text);
});
