import { join } from 'node:path';
import { createPlugin } from 'orchestra-toolchain';
import { defaultSupervision, embedded, ensureIdentity, Orchestrator } from 'orchestra-toolchain/host';
import { expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { launched } from '../../src/runtime/host.ts';
import { runtimeCommand } from '../support/runtime-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeExecutable } from '../toolchain/serve/plugin-files.ts';

const folder = scratchFolder('vitals');
const certsDir = join(folder, 'certs');

const block = `.registerTool('block', { description: '' }, () => {
	const end = performance.now() + 500;
	while (performance.now() < end);
	return 'done';
})`;

test.each([
	['node', 'fd'],
	['node', 'tcp'],
	['deno', 'fd'],
] as const)(
	'a process on %s says how late its loop was, and its memory (%s)',
	async (runtime, carrier) => {
		writeExecutable(folder, 'busy.mjs', { id: 'busy', more: block });
		const file = join(folder, 'busy.mjs');
		const identity = await ensureIdentity(certsDir, 'orchestrator');
		await using orchestrator = new Orchestrator();
		await orchestrator.listen({ carrier: 'tcp', host: '127.0.0.1', port: 0 }, identity);
		// Seldom enough that a figure stays to be seen.
		const supervision = { ...defaultSupervision, healthEveryMs: 700 };
		const [command, args] = runtimeCommand(runtime, file);
		const source = launched({
			label: 'busy',
			command: { command, args, oneTimeIdentity: true },
			certsDir,
			carrier,
		});
		const slot = orchestrator.add(source, { supervision });
		const here = orchestrator.add(embedded(createPlugin('here').build()), { supervision });
		await slot.start();
		await expect.poll(() => slot.status.memoryBytes).toBeGreaterThan(2 ** 20);
		expect(slot.status.loopLagMs).toBeGreaterThan(0);
		await createClient(orchestrator.connect('tester')).callTool('block', {}, { timeoutMs: 20_000 });
		await expect.poll(() => slot.status.loopLagMs).toBeGreaterThan(250);
		expect(here.status).toMatchObject({ state: 'running', loopLagMs: 0, memoryBytes: 0 });
	},
	180_000,
);
