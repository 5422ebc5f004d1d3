import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	appendFileSync,
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import { findInstalled } from '../../src/toolchain/install/find-installed.ts';
import { listInstalled } from '../../src/toolchain/install/list-installed.ts';
import { prepareInstall } from '../../src/toolchain/install/prepare-install.ts';
import { parseSource } from '../../src/toolchain/install/source/install-source.ts';
import { pluginStore } from '../../src/toolchain/install/store/plugin-store.ts';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { tgz } from '../toolchain/install/tar-bytes.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const scratch = scratchFolder('install');
/** `greeter` 1.0.0 and 2.0.0, packed. */
const packed: Record<string, string> = {};

const pluginSource = (version: string, extra = '') => `
	import { createPlugin } from 'orchestra-toolchain';
	export default createPlugin('greeter')
		.version('${version}')
		.description('Greets.')
		.requires({ protocol: 1, runtime: '>=0.1' })
		.registerTool('hello', { description: 'Says hello.' }, () => 'hello from ${version}')${extra}
		.build();`;

const second = `.registerTool('bye', { description: 'Says bye.' }, () => 'bye')`;

beforeAll(async () => {
	for (const version of ['1.0.0', '2.0.0']) {
		const dir = writeFiles(join(scratch, `source-${version}`), {
			'package.json': `{ "name": "@acme/greeter", "version": "${version}", "type": "module", "license": "MIT", "main": "plugin.ts" }`,
			'plugin.ts': pluginSource(version, version === '2.0.0' ? second : ''),
			'README.md': '# Greeter\n',
			LICENSE: 'MIT\n',
		});
		const { code, stderr } = await runCli(['build', dir, '--pack', '--no-check', '--no-quic'], {
			env: { ORCHESTRA_CACHE_DIR: join(scratch, 'cache') },
		});
		expect(code, stderr).toBe(0);
		packed[version] = join(dir, 'dist', `greeter-${version}.tgz`);
	}
});

/** A user with nothing installed, in a project. */
function user(runtime: 'node' | 'deno' = 'node') {
	const dir = mkdtempSync(join(scratch, 'user-'));
	const home = join(dir, 'home');
	const project = writeFiles(join(dir, 'project'), { 'package.json': '{}' });
	const env: Record<string, string> = {
		ORCHESTRA_HOME: home,
		ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
		ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
		npm_config_cache: join(scratch, 'npm-cache'),
		npm_config_userconfig: join(scratch, 'no-npmrc'),
		npm_config_update_notifier: 'false',
	};
	const options = { cwd: project, env, runtime, timeoutMs: 60_000 };
	const run = (...words: string[]) => runCli(words, options);
	const json = async (...words: string[]) => {
		const result = await run(...words, '--json');
		expect(result.code, result.stderr).toBe(0);
		return JSON.parse(result.stdout);
	};
	const lock = () => JSON.parse(readFileSync(join(project, 'orchestra.lock'), 'utf8')).plugins;
	const registry = () => JSON.parse(readFileSync(join(home, 'plugins/registry.json'), 'utf8')).plugins;
	return { dir, home, project, env, options, run, json, lock, registry, store: pluginStore(home) };
}

/** A program of another language, as far as its manifest goes. */
function program(dir: string, body: string): string {
	const path = join(dir, 'program');
	writeFileSync(path, `#!/bin/sh\n${body}\n`);
	chmodSync(path, 0o755);
	return path;
}

const manifestOf = (id: string, more = '') =>
	`echo '{"id":"${id}","version":"3.1.0","provides_tools":["t"]${more}}'`;

describe.each(['node', 'deno'] as const)('on %s', (runtime) => {
	test('a .tgz: installed, listed, called embedded and spawned, refused when a byte changed, removed', async () => {
		const me = user(runtime);
		const installed = await me.json('install', packed['1.0.0'] ?? '');
		expect(installed).toMatchObject({ id: 'greeter', version: '1.0.0', kind: 'module', project: me.project });
		expect(me.lock().greeter).toMatchObject({ version: '1.0.0', sha256: installed.sha256 });
		const [entry] = Object.values<Record<string, unknown>>(me.registry());
		expect(entry).toMatchObject({
			id: 'greeter',
			enabled: true,
			provides_tools: ['hello'],
			needs_storage: [],
		});

		expect(await me.run('call', 'greeter', 'hello')).toMatchObject({ code: 0, stdout: 'hello from 1.0.0\n' });
		expect(await me.run('call', 'greeter', 'hello', '--spawn')).toMatchObject({
			code: 0,
			stdout: 'hello from 1.0.0\n',
		});

		writeFileSync(
			join(me.project, 'orchestra.yaml'),
			'listen: [tcp://127.0.0.1:0]\nplugins: [{id: greeter, module: greeter}]\n',
		);
		const server = new RunningCli(['serve'], me.options);
		await server.until(/serving 1 plugin/);
		server.child.kill('SIGINT');
		expect(await server.exited, server.stderr).toBe(0);

		appendFileSync(`${entry?.binary}`, ' ');
		expect(await me.run('serve')).toMatchObject({ code: 3, stderr: expect.stringContaining('was changed') });
		const refused = await me.run('call', 'greeter', 'hello', '--json');
		expect(refused).toMatchObject({ code: 3, stdout: '' });
		expect(JSON.parse(refused.stderr).error).toMatchObject({ code: 'integrity_failed' });
		expect(await me.json('plugins')).toMatchObject({ plugins: [{ id: 'greeter', state: 'changed' }] });

		expect(await me.json('install', '--frozen')).toMatchObject({
			plugins: [{ id: 'greeter', fetched: true }],
		});
		expect((await me.run('call', 'greeter', 'hello')).code).toBe(0);
		expect(await me.json('uninstall', 'greeter')).toMatchObject({ id: 'greeter', unlocked: true });
		expect((await me.json('plugins')).plugins).toEqual([]);
		expect(readdirSync(me.store.bin)).toEqual([]);
		expect(me.lock()).toEqual({});
	});

	test('a folder with a source', async () => {
		const me = user(runtime);
		expect(await me.json('install', join(scratch, 'source-2.0.0'))).toMatchObject({
			id: 'greeter',
			version: '2.0.0',
		});
		expect(await me.run('call', 'greeter', 'hello')).toMatchObject({ code: 0, stdout: 'hello from 2.0.0\n' });
	});
});

test('a packed plugin is a valid npm package, of the same bytes each time', async () => {
	const out = join(scratch, 'again');
	await runCli(['build', join(scratch, 'source-1.0.0'), '--pack', '--no-check', '--no-quic', '--out', out]);
	expect(readFileSync(join(out, 'greeter-1.0.0.tgz'))).toEqual(readFileSync(packed['1.0.0'] ?? ''));
	const listed = execFileSync('npm', ['pack', '--dry-run', '--json', packed['1.0.0'] ?? ''], {
		encoding: 'utf8',
		env: { ...process.env, npm_config_cache: join(scratch, 'npm-cache') },
	});
	expect(listed).toContain('@acme/greeter');
	const names = execFileSync('tar', ['tzf', packed['1.0.0'] ?? ''], { encoding: 'utf8' })
		.trim()
		.split('\n');
	expect(names).toEqual(
		['LICENSE', 'README.md', 'greeter.mjs', 'manifest.json', 'package.json'].map((name) => `package/${name}`),
	);
});

test('an npm package from a registry, and its update', async () => {
	const versions = ['1.0.0'];
	const server = createServer((request, response) => {
		const tarball = /-(\d\.\d\.\d)\.tgz$/.exec(request.url ?? '')?.[1];
		if (tarball) return void response.end(readFileSync(packed[tarball] ?? ''));
		const { port } = server.address() as AddressInfo;
		const list = versions.map((version) => {
			const bytes = readFileSync(packed[version] ?? '');
			const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
			const dist = { tarball: `http://127.0.0.1:${port}/greeter-${version}.tgz`, integrity };
			return [version, { name: '@acme/greeter', version, dist }];
		});
		const document = {
			name: '@acme/greeter',
			'dist-tags': { latest: versions.at(-1) },
			versions: Object.fromEntries(list),
		};
		response.setHeader('content-type', 'application/json').end(JSON.stringify(document));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	try {
		const me = user();
		me.env.npm_config_registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
		me.env.npm_config_prefer_online = 'true';
		expect(await me.json('install', '@acme/greeter')).toMatchObject({
			resolved: 'npm:@acme/greeter@1.0.0',
			source: 'npm:@acme/greeter',
		});
		versions.push('2.0.0');
		const shown = await me.run('update', '--dry-run');
		expect(shown.stdout).toMatch(/version 1\.0\.0 → 2\.0\.0[\s\S]*provides tools: \+ bye/);
		expect((await me.json('plugins')).plugins[0].version).toBe('1.0.0');
		expect(await me.json('update', 'greeter')).toMatchObject({ updated: true });
		expect(me.lock().greeter).toMatchObject({ version: '2.0.0', resolved: 'npm:@acme/greeter@2.0.0' });
		expect(await me.run('call', 'greeter', 'bye')).toMatchObject({ stdout: 'bye\n' });
		expect(await me.json('update')).toMatchObject({ updated: false, unchanged: ['greeter'] });

		// Another user of the project gets exactly that.
		const other = user();
		Object.assign(other.env, { npm_config_registry: me.env.npm_config_registry });
		copyFileSync(join(me.project, 'orchestra.lock'), join(other.project, 'orchestra.lock'));
		versions.push('1.0.0');
		expect(await other.json('install', '--frozen')).toMatchObject({
			plugins: [{ version: '2.0.0', fetched: true }],
		});
		expect(await other.run('call', 'greeter', 'bye')).toMatchObject({ stdout: 'bye\n' });
	} finally {
		server.closeAllConnections();
		server.close();
	}
});

test('a registry that does not answer: exit 4, nothing left', async () => {
	const me = user();
	Object.assign(me.env, { npm_config_registry: 'http://127.0.0.1:9/', npm_config_fetch_retries: '0' });
	const { code, stderr } = await me.run('install', '@acme/greeter', '--json');
	expect(JSON.parse(stderr).error.code).toBe('fetch_failed');
	expect(code).toBe(4);
	expect(readdirSync(me.store.dir).sort()).toEqual(['bin']);
});

test('a git repository, at a tag and at a commit', async () => {
	const repository = join(scratch, 'repository');
	mkdirSync(repository);
	const git = (...args: string[]) =>
		execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-C', repository, ...args], {
			encoding: 'utf8',
		}).trim();
	git('init', '--quiet');
	writeFiles(repository, { 'plugin.ts': pluginSource('1.0.0') });
	git('add', '.');
	git('commit', '--quiet', '-m', 'one');
	git('tag', 'v1');
	const commit = git('rev-parse', 'HEAD');
	writeFiles(repository, { 'plugin.ts': pluginSource('2.0.0', second) });
	git('commit', '--quiet', '-am', 'two');

	const me = user();
	expect(await me.json('install', `git+file://${repository}#v1`)).toMatchObject({
		version: '1.0.0',
		resolved: `file://${repository}#${commit}`,
	});
	expect(await me.json('install', `file://${repository}`)).toMatchObject({ version: '2.0.0' });
	expect(await me.json('install', `file://${repository}#${commit}`)).toMatchObject({ version: '1.0.0' });
	expect(await me.run('call', 'greeter', 'hello')).toMatchObject({ stdout: 'hello from 1.0.0\n' });
	expect(await me.run('install', `file://${repository}#none`)).toMatchObject({ code: 4 });
});

describe('an executable', () => {
	test('is asked for its manifest with nothing of the user in its environment', async () => {
		const me = user();
		me.env.MY_TOKEN = 'secret';
		const path = program(me.dir, `[ -z "$MY_TOKEN" ] || exit 9\n${manifestOf('tool.sh')}`);
		expect(await me.json('install', path)).toMatchObject({
			id: 'tool.sh',
			version: '3.1.0',
			kind: 'executable',
		});
		expect(Object.values(me.registry())[0]).toMatchObject({ id: 'tool.sh', provides_tools: ['t'] });
		expect(findInstalled(me.store, 'tool.sh')).toMatchObject({ kind: 'executable' });
	});

	test.each([
		['prints no JSON', 'echo hello', /printed no JSON/],
		['fails', 'echo "no such flag" >&2; exit 2', /exit code 2: "no such flag"/],
		['leaves a child that holds its output', 'sleep 600 & exit 1', /exit code 1/],
		['has no id', "echo '{}'", /has no id/],
		['has an id that leads out', manifestOf('../x'), /id that cannot be used/],
		['has an id that looks like a file', manifestOf('plugin.ts'), /looks like a file/],
		['floods', 'yes', /more than 1 MiB/],
		[
			'needs another runtime',
			manifestOf('t', ',"requires":{"runtime":">=99"}'),
			/requires orchestra-toolchain >=99/,
		],
		['needs another protocol', manifestOf('t', ',"requires":{"protocol":7}'), /version 7 of the protocol/],
		['has a range that is none', manifestOf('t', ',"requires":{"runtime":"newest"}'), /no range of versions/],
	])('that %s is exit 3', async (_what, body, said) => {
		const me = user();
		const source = parseSource(program(me.dir, body));
		const error: unknown = await prepareInstall(me.store, source, { cwd: me.project }).catch(
			(caught) => caught,
		);
		expect((error as Error).message).toMatch(said);
		expect(exitCodeOf(error)).toBe(3);
		expect(readdirSync(me.store.dir)).toEqual(['bin']);
	});

	test('is ended by Ctrl-C while it is asked: exit 130, nothing left', async () => {
		const me = user();
		const started = join(me.dir, 'started');
		const path = program(me.dir, `touch ${started}\nexec sleep 600`);
		await using cli = new RunningCli(['install', path], me.options);
		await waitUntil(() => existsSync(started));
		cli.child.kill('SIGINT');
		expect(await cli.exited).toBe(130);
		expect(readdirSync(me.store.dir)).toEqual(['bin']);
	});
});

describe('bad input', () => {
	test.each([
		[['install', './nowhere'], 3, 'target_not_found'],
		[['install', 'not a name'], 2, 'usage'],
		[['install', 'https://me:secret@example.org/x.git'], 2, 'usage'],
		[['install', '--frozen'], 3, 'lock_mismatch'],
		[['install', '--frozen', './x'], 2, 'usage'],
		[['uninstall', 'greeter'], 2, 'plugin_not_installed'],
		[['update', 'greeter'], 2, 'plugin_not_installed'],
	])('%j', async (words, exit, error) => {
		const { code, stderr } = await user().run(...(words as string[]), '--json');
		expect(JSON.parse(stderr).error.code).toBe(error);
		expect(code).toBe(exit);
		expect(stderr).not.toContain('secret');
	});

	test('a hostile archive: exit 3, the old state whole', async () => {
		const me = user();
		await me.json('install', packed['1.0.0'] ?? '');
		const bad = join(me.dir, 'bad.tgz');
		writeFileSync(bad, tgz([{ name: 'package/../../evil', content: 'x' }]));
		expect(await me.run('install', bad)).toMatchObject({ code: 3 });
		expect(listInstalled(me.store, me.project)).toMatchObject([{ id: 'greeter', state: 'ok', locked: true }]);
		expect(readdirSync(me.store.dir).sort()).toEqual(['bin', 'integrity.json', 'registry.json']);
	});

	test('a lock that names other bytes', async () => {
		const me = user();
		await me.json('install', packed['1.0.0'] ?? '');
		const file = join(me.project, 'orchestra.lock');
		const text = readFileSync(file, 'utf8').replace(/"sha256": "..../, '"sha256": "0000');
		writeFileSync(file, text);
		for (const words of [
			['install', '--frozen'],
			['call', 'greeter', 'hello'],
		]) {
			const { code, stderr } = await me.run(...words, '--json');
			expect(JSON.parse(stderr).error.code).toBe('lock_mismatch');
			expect(code).toBe(3);
		}
		expect(readFileSync(file, 'utf8')).toBe(text);
		expect(listInstalled(me.store)).toMatchObject([{ id: 'greeter', state: 'ok' }]);
	});

	test('the same id from elsewhere: exit 2, unless it is to be replaced', async () => {
		const me = user();
		await me.json('install', packed['1.0.0'] ?? '');
		const { code, stderr } = await me.run('install', packed['2.0.0'] ?? '', '--json');
		expect(JSON.parse(stderr).error.code).toBe('plugin_conflict');
		expect(code).toBe(2);
		await me.json('install', packed['2.0.0'] ?? '', '--replace');
		expect(Object.keys(me.registry())).toEqual([packed['2.0.0']]);
	});

	test('a damaged registry: exit 3, and it stays as it is', async () => {
		const me = user();
		mkdirSync(me.store.bin, { recursive: true });
		writeFileSync(me.store.registryFile, '{"plugins": {');
		expect(await me.run('install', packed['1.0.0'] ?? '')).toMatchObject({ code: 3 });
		expect(readFileSync(me.store.registryFile, 'utf8')).toBe('{"plugins": {');
	});
});

test('what the Go command line wrote is kept, listed, run and removed', async () => {
	const me = user();
	mkdirSync(me.store.bin, { recursive: true });
	const binary = join(me.store.bin, 'plugin-old');
	writeFileSync(binary, '#!/bin/sh\nexit 7\n');
	chmodSync(binary, 0o755);
	const entry = {
		id: 'old',
		version: 'latest',
		binary,
		repo: 'github.com/acme/plugin-old',
		installed_at: '2026-01-01T00:00:00Z',
		provides_tools: null,
		provides_storage: null,
		needs_storage: null,
		enabled: false,
	};
	writeFileSync(me.store.registryFile, JSON.stringify({ plugins: { [entry.repo]: entry }, later: 1 }));
	await me.json('install', packed['1.0.0'] ?? '');
	expect(me.registry()[entry.repo]).toEqual(entry);
	expect(JSON.parse(readFileSync(me.store.registryFile, 'utf8')).later).toBe(1);
	expect(listInstalled(me.store)).toMatchObject([{ id: 'greeter' }, { id: 'old', state: 'unrecorded' }]);
	expect(await me.run('call', 'old', 'x')).toMatchObject({ code: 4 });
	expect(await me.run('update', 'old')).toMatchObject({ code: 2 });
	await me.json('uninstall', 'old');
	expect(existsSync(binary)).toBe(false);
});

test('two installs at once: both are there', async () => {
	const me = user();
	const ids = ['a', 'b', 'c', 'd'];
	const paths = ids.map((id) => program(mkdtempSync(join(me.dir, 'p-')), manifestOf(`plugin.${id}`)));
	await Promise.all(paths.map((path) => me.json('install', path)));
	expect(listInstalled(me.store, me.project).map(({ id, state, locked }) => [id, state, locked])).toEqual(
		ids.map((id) => [`plugin.${id}`, 'ok', true]),
	);
});

/** Each takes two seconds; the long run has them all. */
const kills = process.env.ORCHESTRA_SOAK === '1' ? 20 : 6;

test(`kill -9 at ${kills} random points leaves the old state or the new`, async () => {
	const me = user();
	await me.json('install', packed['1.0.0'] ?? '');
	const began = Date.now();
	await me.json('install', packed['2.0.0'] ?? '', '--replace');
	const lasts = Date.now() - began;
	for (let round = 0; round < kills; round++) {
		const version = round % 2 === 0 ? '1.0.0' : '2.0.0';
		await using cli = new RunningCli(['install', packed[version] ?? '', '--replace'], me.options);
		// Most of the time is the start of the process: what matters is near the end.
		await Promise.race([cli.exited, delay(lasts * (0.3 + Math.random() * 0.8))]);
		cli.child.kill('SIGKILL');
		await cli.exited;
		const [plugin, ...more] = listInstalled(me.store, me.project);
		expect(more).toEqual([]);
		expect(plugin).toMatchObject({ id: 'greeter', state: 'ok' });
		expect(['1.0.0', '2.0.0']).toContain(plugin?.version);
		expect(findInstalled(me.store, 'greeter')).toBeDefined();
		expect(findInstalled(me.store, 'greeter', me.project)).toBeDefined();
	}
	await me.json('install', packed['1.0.0'] ?? '', '--replace');
	expect(listInstalled(me.store, me.project)).toMatchObject([
		{ version: '1.0.0', state: 'ok', locked: true },
	]);
	expect(readdirSync(me.store.dir).sort()).toEqual(['bin', 'integrity.json', 'registry.json']);
});

const disk = scratchFolder('disk');
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status === 0;
afterAll(() => {
	if (mounted) spawnSync('umount', [disk]);
});

test.skipIf(!mounted)('a full disk: exit 1, the old state whole', async () => {
	const me = user();
	me.env.ORCHESTRA_HOME = disk;
	const store = pluginStore(disk);
	await me.json('install', program(me.dir, manifestOf('small')));
	const { code, stderr } = await me.run('install', packed['1.0.0'] ?? '', '--json');
	expect(JSON.parse(stderr).error.code).toBe('no_space');
	expect(code).toBe(1);
	expect(listInstalled(store, me.project)).toMatchObject([{ id: 'small', state: 'ok' }]);
	expect(readdirSync(store.dir).sort()).toEqual(['bin', 'integrity.json', 'registry.json']);
});
