import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { goPlugin } from '../../src/runtime/go-plugin.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { titled } from './support/go-binaries.ts';
import { goPluginBinaries, probeCookie } from './support/go-plugin-binaries.ts';

const binaries = await goPluginBinaries();

const busy: ChildProcess[] = [];
afterEach(() => {
	for (const child of busy.splice(0)) child.kill('SIGKILL');
});

describe.skipIf(binaries.missing)(titled('a go-plugin that crashes', binaries), () => {
	test('G10 its last line arrives each time, on a machine with too much to do', async () => {
		for (let i = 0; i < 6; i++) busy.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
		const rounds = 40;
		let arrived = 0;
		for (let round = 0; round < rounds; round++) {
			const lines: string[] = [];
			const orchestrator = new Orchestrator({ onOutput: (_label, line) => void lines.push(line) });
			const command = { command: binaries.probe };
			const plugin = await orchestrator.host(
				goPlugin({ label: 'probe', cookie: probeCookie, versions: [1], command }),
			);
			await createClient(orchestrator.connect('test'))
				.callTool('Probe.Exit', { value: 3 })
				.catch(() => {});
			await plugin.ended;
			await orchestrator.stop({ graceMs: 0 });
			if (lines.includes('the probe breaks down')) arrived++;
		}
		// The probe gives go-plugin time to copy its line: what is not copied in the plugin's own process no host can read.
		expect(arrived).toBe(rounds);
	}, 300_000);
});
