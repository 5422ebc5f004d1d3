import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import shell from '../../examples/shell/plugin.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { waitUntil } from '../support/wait-until.ts';

let orchestrator: Orchestrator;
let client: PluginClient;
let folder: string;

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), 'orchestra-shell-'));
	orchestrator = new Orchestrator();
	client = createClient(orchestrator.connect('tester'));
	await orchestrator.embed(shell);
});
afterEach(async () => {
	await client.close();
	await orchestrator.stop();
	rmSync(folder, { recursive: true, force: true });
});

const alive = (pid: number) => {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
};

test('T8 a cancel ends a command with all of its children', async () => {
	const controller = new AbortController();
	let text = '';
	const running = client.callTool(
		'bash',
		{ command: 'sleep 60 & echo $! $$; wait' },
		{
			signal: controller.signal,
			onOutput: (delta) => {
				text += delta;
			},
		},
	);
	await waitUntil(() => /\d+ \d+\n/.test(text));
	controller.abort();
	await expect(running).rejects.toMatchObject({ code: 'cancelled' });
	const pids = text.trim().split(' ').map(Number);
	await waitUntil(() => !pids.some(alive));
});

test('T9 a command has its time, its exit code, and so much output; who leaves its group holds nothing up', async () => {
	const bash = (command: string, timeout_ms = 10_000) => client.callTool('bash', { command, timeout_ms });
	expect(await bash('echo hi')).toEqual({ text: 'hi\n', exit_code: 0, is_error: false });
	expect((await bash('echo no; exit 3')).text).toBe('no\n\n(exit code: 3)');
	expect((await bash('sleep 60', 100)).text).toBe('\n(timed out)');
	const much = String((await bash('head -c 150000 /dev/zero | tr "\\0" x; echo end')).text);
	expect(much.length).toBeLessThan(100_100);
	expect(much).toMatch(/^x{50000}\n\[… \d+ characters are left out …\]\nx+end\n$/);
	const left = join(folder, 'pid');
	await bash(
		`setsid sh -c 'echo $$ > ${left}; exec sleep 60' & while [ ! -s ${left} ]; do :; done; echo done`,
	);
	process.kill(Number(readFileSync(left, 'utf8')), 'SIGKILL');
}, 30_000);
