import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { goBinaries } from '../interop/support/go-binaries.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { patienceMs } from '../support/patience.ts';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const go = await goBinaries();
const scratch = scratchFolder('seventeen');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

/** A module with one tool, and what its builder says besides. */
function writeModule(name: string, tool: string, more = ''): string {
	writeFileSync(
		join(scratch, `${name}.ts`),
		`import { createPlugin } from 'orchestra-toolchain';
export default createPlugin('${name}')${more}
	.registerTool('${tool}', { description: '' }, () => ({ from: '${name}', pid: process.pid })).build();
`,
	);
	return `module: ${name}.ts`;
}

/** An executable around a module, as \`orchestra build\` would make one. */
async function writeExecutable(name: string, tool: string): Promise<string> {
	writeModule(name, tool);
	const { code, stderr } = await runCli(
		['build', join(scratch, `${name}.ts`), '--no-check', '--out', scratch],
		{ env },
	);
	if (code !== 0) throw new Error(stderr);
	chmodSync(join(scratch, `${name}.mjs`), 0o755);
	return `binary: ${name}.mjs`;
}

const providers = ['claude', 'openai', 'gemini'];
/** The configured ids, each with a tool that only it has. */
const tools = new Map<string, string>();

beforeAll(async () => {
	const entries: string[] = [];
	const add = (id: string, tool: string, entry: string) => {
		tools.set(id, tool);
		entries.push(`  - {id: ${id}, ${entry}}`);
	};
	for (const provider of providers) {
		const id = `bridge-${provider}`;
		entries.push(
			`  - {id: ${id}, ${writeModule(id, 'ai_prompt', `.providesAi('${provider}')`)}, spawn: true}`,
		);
	}
	const peer = await bundleProgram(new URL('fixtures/core-peer.ts', import.meta.url), scratch);
	writeFileSync(peer, `#!/usr/bin/env node\n${readFileSync(peer, 'utf8')}`);
	chmodSync(peer, 0o755);
	add('rusty', 'rust_echo', 'binary: core-peer.mjs');
	add('another-name', 'aliased', `${await writeExecutable('own-name', 'aliased')}`);
	// It stays down when it is killed, so that what is said of it meanwhile can be seen.
	add('program', 'programmed', `${await writeExecutable('program', 'programmed')}, restart: never`);
	for (let n = 1; n <= 5; n++) add(`embedded${n}`, `e${n}`, writeModule(`embedded${n}`, `e${n}`));
	for (let n = 1; n <= 5; n++) {
		const carrier = n % 2 === 0 ? ', carrier: quic' : '';
		add(`spawned${n}`, `s${n}`, `${writeModule(`spawned${n}`, `s${n}`)}, spawn: true${carrier}`);
	}
	if (go.missing) add('stand-in', 'ping', writeModule('stand-in', 'ping'));
	else add('go-tools', 'echo', `binary: ${go.plugin}, inherit_env: true`);
	writeFileSync(
		join(scratch, 'orchestra.yaml'),
		// They all start at once, on two processors perhaps.
		`listen: [tcp://127.0.0.1:0]\nsupervision: {ready: ${patienceMs}ms}\nplugins:\n${entries.join('\n')}\n`,
	);
});

describe.each(['node', 'deno'] as const)('seventeen plugins of every kind on %s', (runtime) => {
	test('start whole; one that is killed is told, and the others answer', async () => {
		const cli = new RunningCli(['serve', '--json'], { env, cwd: scratch, runtime });
		try {
			const [line] = await cli.until(/^.*"event":"ready".*$/m);
			const { plugins, addresses } = JSON.parse(line) as {
				plugins: { id: string; state: string; reason?: string }[];
				addresses: string[];
			};
			expect(plugins).toHaveLength(17);
			expect(plugins.filter(({ state }) => state !== 'running')).toEqual([]);
			const address = addresses[0] ?? '';
			const call = (...words: string[]) => runCli(['call', address, ...words, '--json'], { env });

			// A prompt goes to the provider that was asked for, and to nobody where none was said.
			for (const provider of providers) {
				const { stdout } = await call('ai_prompt', '--provider', provider);
				expect(JSON.parse(stdout)).toMatchObject({ from: `bridge-${provider}` });
			}
			const unsaid = await call('ai_prompt');
			expect(unsaid.code).toBe(2);
			expect(JSON.parse(unsaid.stderr).error).toMatchObject({
				code: 'provider_required',
				details: { providers },
			});
			const unknown = await call('ai_prompt', '--provider', 'grok');
			expect(unknown.code).toBe(2);
			expect(JSON.parse(unknown.stderr).error).toMatchObject({ code: 'provider_not_found' });

			const inspect = async () => JSON.parse((await runCli(['inspect', address, '--json'], { env })).stdout);
			const { statuses } = await inspect();
			const victim = statuses.find((status: { id: string }) => status.id === 'program');
			expect(statuses.find((status: { id: string }) => status.id === 'another-name')).toMatchObject({
				pluginId: 'own-name',
				state: 'running',
			});
			process.kill(victim.pid, 'SIGKILL');
			await cli.until(/"event":"plugin","id":"program","state":"crashed"/);
			const killed = await call('programmed');
			expect(killed.code).toBe(4);
			expect(JSON.parse(killed.stderr).error).toMatchObject({
				code: 'plugin_unavailable',
				message: 'plugin program has ended: its process ended with SIGKILL',
				retryable: true,
			});
			expect(
				(await inspect()).statuses.find((status: { id: string }) => status.id === 'program'),
			).toMatchObject({
				state: 'crashed',
				reason: 'its process ended with SIGKILL',
			});
			for (const [id, tool] of tools) {
				if (id === 'program') continue;
				const args = id === 'go-tools' ? ['city=Oslo'] : [];
				const { code, stderr } = await call(tool, ...args, '--plugin', id);
				expect([id, code, stderr]).toEqual([id, 0, '']);
			}
			cli.child.kill('SIGTERM');
			expect(await cli.exited).toBe(0);
		} finally {
			cli.child.kill('SIGKILL');
		}
	});
});
