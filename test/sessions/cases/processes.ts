import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launched } from '../../../src/runtime/hosting/launched-source.ts';
import type { Plugin } from '../../../src/runtime/plugin/definition/plugin.ts';
import { loadPlugin } from '../../../src/toolchain/load/load-plugin.ts';
import { isGone } from '../../launching/processes.ts';
import { ownRuntime, runtimeCommand } from '../../support/runtime-command.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { Harness, SessionCase, World } from '../harness.ts';

/** A fixture as a process of the runtime that runs this. */
function fixture({ name }: Harness, { certsDir }: World, file: string) {
	const path = fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url));
	const [command, args] = runtimeCommand(ownRuntime, path);
	return launched({
		label: file,
		command: { command, args },
		certsDir,
		carrier: name === 'embedded' ? 'fd' : name,
		readyTimeoutMs: 30_000,
	});
}

/** A process that never says that it is ready. A shell has begun long before its time is up, which a runtime may not have. */
function silent({ name }: Harness, { certsDir }: World, script: string, readyTimeoutMs: number) {
	return launched({
		label: 'silent',
		command: { command: 'sh', args: ['-c', `echo pid $$ >&2; ${script}`] },
		certsDir,
		carrier: name === 'embedded' ? 'fd' : name,
		readyTimeoutMs,
	});
}

const shell = (): Promise<Plugin> =>
	loadPlugin(fileURLToPath(new URL('../../../examples/shell/plugin.ts', import.meta.url)));

/** What takes real processes: plugins that are some, and commands that tools run. */
export const processCases: readonly SessionCase[] = [
	{
		name: 'T1 a process that does not say in time that it is a plugin is an error with its last lines, and is ended',
		async run(harness) {
			const world = await harness.world([]);
			const pids = () => world.output.flatMap(({ line }) => /^pid (\d+)$/.exec(line)?.[1] ?? []).map(Number);
			const chatters = silent(harness, world, 'while :; do echo not yet >&2; sleep 0.02; done', 1500);
			await rejects(world.orchestrator.host(chatters), {
				code: 'start_failed',
				message: /was not ready within 1500 ms/,
				hint: /not yet/,
			});
			await rejects(world.orchestrator.host(silent(harness, world, 'exit 7', 30_000)), {
				code: 'start_failed',
				message: /ended before it was ready \(exit code 7\)/,
			});
			equal(pids().length, 2);
			ok(pids().every(isGone));
			deepEqual((await world.sessions.open({})).plugins, []);
		},
	},
	{
		name: 'T17 what a plugin prints is told line by line with its name; before it has one, with what was started',
		async run(harness) {
			const world = await harness.world([]);
			await world.orchestrator.host(fixture(harness, world, 'noisy.mjs'));
			await world.client.callTool('speak');
			const has = (line: string) => world.output.find((told) => told.line === line)?.label;
			await waitUntil(() => Boolean(has('half a line') && has('on stderr') && has('on stdout')));
			deepEqual(['before it is ready', 'half a line', 'on stderr', 'on stdout'].map(has), [
				'noisy.mjs',
				'noisy',
				'noisy',
				'noisy',
			]);
		},
	},
	{
		name: 'T12 X7 a process that is killed under an open session is told of it when it is there again, with what it kept',
		async run(harness) {
			const world = await harness.world([]);
			const { orchestrator, sessions, client } = world;
			await orchestrator.host(fixture(harness, world, 'counter.mjs'));
			await sessions.open({ id: 's' });
			const count = () => client.callTool('count', {}, { sessionId: 's' });
			const { pid, ...first } = await count();
			deepEqual(first, { count: 1, respawned: false });
			await sessions.snapshot({ session: 's' });
			process.kill(Number(pid), 'SIGKILL');
			await waitUntil(() => orchestrator.slot('counter')?.plugin === undefined);
			await rejects(count(), { code: 'plugin_unavailable', message: /counter/ });
			await orchestrator.slot('counter')?.start();
			const { pid: other, ...second } = await count();
			deepEqual([second, other === pid], [{ count: 2, respawned: true }, false]);
		},
	},
	{
		name: 'T8 a cancel ends a command with all of its children',
		async run(harness) {
			const { client, sessions } = await harness.world([await shell()]);
			await sessions.open({ id: 's' });
			const controller = new AbortController();
			let text = '';
			const running = client.callTool(
				'bash',
				{ command: 'sleep 60 & echo $! $$; wait' },
				{
					sessionId: 's',
					signal: controller.signal,
					onOutput: (delta) => {
						text += delta;
					},
				},
			);
			await waitUntil(() => /\d+ \d+\n/.test(text));
			controller.abort();
			await rejects(running, { code: 'cancelled' });
			const pids = text.trim().split(' ').map(Number);
			await waitUntil(() => pids.every(isGone));
		},
	},
	{
		name: 'T9 a command has its time, its exit code, and so much output; who leaves its group holds nothing up',
		async run(harness) {
			const { client } = await harness.world([await shell()]);
			const folder = mkdtempSync(join(tmpdir(), 'orchestra-shell-'));
			try {
				const bash = (command: string, timeout_ms = 10_000) =>
					client.callTool('bash', { command, timeout_ms });
				deepEqual(await bash('echo hi'), { text: 'hi\n', exit_code: 0, is_error: false });
				equal((await bash('echo no; exit 3')).text, 'no\n\n(exit code: 3)');
				equal((await bash('sleep 60', 100)).text, '\n(timed out)');
				const much = String((await bash('head -c 150000 /dev/zero | tr "\\0" x; echo end')).text);
				ok(much.length < 100_100);
				match(much, /^x{50000}\n\[… \d+ characters are left out …\]\nx+end\n$/);
				const left = join(folder, 'pid');
				await bash(
					`setsid sh -c 'echo $$ > ${left}; exec sleep 60' & while [ ! -s ${left} ]; do :; done; echo done`,
				);
				process.kill(Number(readFileSync(left, 'utf8')), 'SIGKILL');
			} finally {
				rmSync(folder, { recursive: true, force: true });
			}
		},
	},
];
