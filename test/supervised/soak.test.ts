import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAddress } from '../../src/runtime/carrier/address.ts';
import { connectPersistently } from '../../src/runtime/carrier/persistent-connection.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { openDirectoryIdentity } from '../../src/runtime/identity/sources/open-identity.ts';
import type { PluginInfo } from '../../src/runtime/orchestrator/administration/administration-service.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { goBinaries } from '../interop/support/go-binaries.ts';
import { denoExecutable } from '../support/deno.ts';
import { patienceMs } from '../support/patience.ts';
import { projectRoot, RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const go = await goBinaries();
/** Seconds of load between two disturbances: the long run has more of it. */
const pauseMs = process.env.ORCHESTRA_SOAK ? 20_000 : 1_500;

/** Chunks of each stream. */
const chunksOfStream = 20;

const scratch = scratchFolder('soak');

const plugin = (id: string, body: string) => `
import { appendFileSync } from 'node:fs';
import { createPlugin } from 'orchestra-toolchain';
let total = 0;
export default createPlugin('${id}')
	.registerTool('${id}', { description: '' }, async ({ n }) => { ${body} })
	.registerStreamingTool('${id}.stream', { description: '' }, async function* ({ n }) {
		for (let i = 0; i < ${chunksOfStream}; i++) {
			yield { n, i };
			await new Promise((resolve) => setTimeout(resolve, 1));
		}
	})
	.build();
`;

/** What a call may end with besides an answer, while its plugin is killed, stopped or replaced. */
const allowed = new Set([
	'plugin_unavailable',
	'connection_lost',
	'connection_closed',
	'deadline_exceeded',
	'shutting_down',
	'cancelled',
	'tool_not_found',
	'unreachable',
]);

/** The server; its plugins are of all kinds in any case. */
const runtimes = process.env.ORCHESTRA_SOAK ? (['node', 'deno'] as const) : (['node'] as const);

test.each(runtimes)(
	'a server on %s with plugins of four kinds lives through kills, hangs, reloads and renewals',
	async (runtime) => {
		const folder = mkdtempSync(join(scratch, 'set-'));
		const journal = join(folder, 'journal.txt');
		const env = {
			ORCHESTRA_CERTS_DIR: join(folder, 'certs'),
			ORCHESTRA_CACHE_DIR: join(folder, 'cache'),
			PATH: `${join(denoExecutable(), '..')}:${process.env.PATH}`,
		};
		writeFileSync(journal, '');
		writeFileSync(join(folder, 'counter.ts'), plugin('counter', 'total++; return { total };'));
		writeFileSync(
			join(folder, 'scribe.ts'),
			plugin('scribe', `appendFileSync(${JSON.stringify(journal)}, n + '\\n'); return { n };`),
		);
		mkdirSync(join(folder, 'denoish'));
		// Deno runs the folder as it is: what it imports lies where its package manager puts it.
		writeFileSync(join(folder, 'denoish/deno.json'), '{"nodeModulesDir": "manual"}');
		mkdirSync(join(folder, 'denoish/node_modules'));
		symlinkSync(projectRoot, join(folder, 'denoish/node_modules/orchestra-toolchain'));
		writeFileSync(join(folder, 'denoish/plugin.ts'), plugin('denoish', 'return { n };'));
		const names = ['counter', 'scribe', 'denoish', ...(go.missing ? [] : ['echo'])];
		const set = (extra = '') =>
			writeFileSync(
				join(folder, 'orchestra.yaml'),
				`listen: [quic://127.0.0.1:0, tcp://127.0.0.1:0]
plugins:
  - {id: counter, module: counter.ts}
  - {id: scribe, module: scribe.ts, spawn: true${extra}}
  - {id: denoish, module: denoish, spawn: true, carrier: quic}
${go.missing ? '' : `  - {id: go, binary: ${go.plugin}, inherit_env: true}\n`}`,
			);
		set();
		const server = new RunningCli(['serve', '--json'], { env, cwd: folder, runtime });
		const closers: (() => unknown)[] = [];
		try {
			const [line] = await server.until(/^.*"event":"ready".*$/m);
			const ready = JSON.parse(line) as { addresses: string[]; plugins: { id: string; state: string }[] };
			expect(ready.plugins.filter(({ state }) => state !== 'running')).toEqual([]);
			const ps = async (): Promise<PluginInfo[]> => {
				const { stdout, stderr } = await runCli(['ps', '-a', ready.addresses[1] ?? '', '--json'], { env });
				expect(stderr).toBe('');
				return JSON.parse(stdout).plugins;
			};
			/** Never 0, which the system takes for the group of this process. */
			const pidOf = async (id: string) => {
				for (const end = performance.now() + patienceMs; ; ) {
					const pid = (await ps()).find((info) => info.id === id)?.pid ?? 0;
					if (pid > 0) return pid;
					if (performance.now() > end) throw new Error(`${id} has no process`);
				}
			};
			const running = (id: string, starts: number) =>
				expect
					.poll(
						async () =>
							(await ps()).filter((info) => info.id === id && info.state === 'running')[0]?.starts ?? 0,
						{
							timeout: 90_000,
							interval: 250,
						},
					)
					.toBeGreaterThanOrEqual(starts);

			const load = new Load(names);
			for (const address of ready.addresses) {
				const identity = await openDirectoryIdentity(env.ORCHESTRA_CERTS_DIR, 'cli');
				const connection = connectPersistently(parseAddress(address), { identity });
				closers.push(
					() => connection.close(),
					() => identity.close(),
				);
				load.run(createClient(connection));
			}
			await pause();
			const memoryBefore = residentBytes(server.child.pid ?? 0);

			process.kill(await pidOf('scribe'), 'SIGKILL');
			await running('scribe', 2);
			await pause();
			process.kill(await pidOf('denoish'), 'SIGKILL');
			await running('denoish', 2);
			set(', config: {changed: "yes"}');
			await server.until(/"event":"reloaded"/);
			await running('scribe', 1);
			await pause();
			const { code, stderr } = await runCli(['certs', 'renew', 'orchestrator', 'cli', '--new-key'], { env });
			expect([code, stderr]).toEqual([0, expect.any(String)]);
			await pause();
			const frozen = await pidOf('denoish');
			process.kill(frozen, 'SIGSTOP');
			// A busy machine may have had it started once more before.
			await expect.poll(() => pidOf('denoish'), { timeout: 90_000, interval: 250 }).not.toBe(frozen);
			await running('denoish', 3);
			await pause();

			const { calls, failures, acknowledged, odd } = await load.end();
			expect(odd).toEqual([]);
			expect(calls).toBe(failures + load.answered);
			expect(load.answered).toBeGreaterThan(100);
			expect(load.streamed).toBeGreaterThan(20);
			const written = new Set(readFileSync(journal, 'utf8').split('\n'));
			expect(acknowledged.filter((n) => !written.has(n))).toEqual([]);
			// The embedded plugin was never touched: it has counted every call that it answered.
			expect(load.lastTotal).toBeGreaterThanOrEqual(load.counted);
			const grown = residentBytes(server.child.pid ?? 0) - memoryBefore;
			expect(grown).toBeLessThan(150 * 1024 * 1024);

			const pids = (await ps()).map(({ pid }) => pid).filter((pid) => pid > 0);
			expect(pids.length).toBeGreaterThanOrEqual(2);
			server.child.kill('SIGKILL');
			await server.exited;
			await expect.poll(() => pids.filter(isAlive)).toEqual([]);
		} finally {
			for (const close of closers) await close();
			server.child.kill('SIGKILL');
		}
	},
	600_000,
);

/** Calls of all plugins, over and over. */
class Load {
	answered = 0;
	/** Streams that ended well, with all of their chunks in order. */
	streamed = 0;
	counted = 0;
	lastTotal = 0;
	#calls = 0;
	#failures = 0;
	#next = 0;
	readonly #acknowledged: string[] = [];
	readonly #odd: string[] = [];
	readonly #names: readonly string[];
	readonly #loops: Promise<void>[] = [];
	#stopped = false;

	constructor(names: readonly string[]) {
		this.#names = names;
	}

	run(client: PluginClient): void {
		for (const name of this.#names) {
			this.#loops.push(this.#loop(() => this.#call(client, name), name));
			// The Go plugin has no such stream.
			if (name !== 'echo') this.#loops.push(this.#loop(() => this.#stream(client, name), name));
		}
	}

	async end(): Promise<{ calls: number; failures: number; acknowledged: string[]; odd: string[] }> {
		this.#stopped = true;
		await Promise.all(this.#loops);
		return {
			calls: this.#calls,
			failures: this.#failures,
			acknowledged: this.#acknowledged,
			odd: this.#odd,
		};
	}

	async #loop(work: () => Promise<void>, name: string): Promise<void> {
		while (!this.#stopped) {
			this.#calls++;
			try {
				await work();
				this.answered++;
			} catch (error) {
				this.#failures++;
				const code = error instanceof OrchestraError ? error.code : String(error);
				if (!allowed.has(code)) this.#odd.push(`${name}: ${code}: ${(error as Error).message}`);
			}
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	}

	async #call(client: PluginClient, name: string): Promise<void> {
		const n = `n${++this.#next}`;
		const args = name === 'echo' ? { city: n } : { n };
		const result = await client.callTool(name, args, { timeoutMs: patienceMs });
		if (name === 'scribe') this.#acknowledged.push(n);
		if (name !== 'counter') return;
		this.counted++;
		this.lastTotal = Math.max(this.lastTotal, Number(result.total));
	}

	async #stream(client: PluginClient, name: string): Promise<void> {
		const n = `n${++this.#next}`;
		const got: unknown[] = [];
		for await (const chunk of client.streamTool(`${name}.stream`, { n }, { timeoutMs: patienceMs })) {
			got.push(JSON.parse(Buffer.from(chunk.data).toString()));
		}
		const whole = Array.from({ length: chunksOfStream }, (_, i) => ({ n, i }));
		if (JSON.stringify(got) === JSON.stringify(whole)) this.streamed++;
		else this.#odd.push(`${name}.stream: ${got.length} chunks`);
	}
}

function pause(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, pauseMs));
}

function residentBytes(pid: number): number {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}
