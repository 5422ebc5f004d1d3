// Kills a supervised plugin, and says how long it takes until it is ready again: `node restart-host.mjs {carrier, times, certsDir,
// command}`. Prints one line of JSON: the median of the times in milliseconds, from the kill to the first answer of the next process.

import { createClient } from '../dist/runtime/client.js';
import { defaultSupervision, ensureIdentity, launched, Orchestrator } from '../dist/runtime/host.js';
import { median } from './harness/statistics.mjs';

/** @type {{ carrier: 'fd' | 'tcp' | 'quic', times: number, certsDir: string, command: [string, ...string[]] }} */
const task = JSON.parse(process.argv[2] ?? '{}');
const { carrier, times, certsDir } = task;
const [command, ...args] = task.command;

const identity = await ensureIdentity(certsDir, 'orchestrator');
const orchestrator = new Orchestrator();
if (carrier !== 'fd') await orchestrator.listen({ carrier, host: '127.0.0.1', port: 0 }, identity);
const bench = launched({
	label: 'bench',
	command: { command, args, oneTimeIdentity: true },
	carrier,
	certsDir,
});
// Its certificate lies there for the other cases: a program gets that name only where it is told to have it.
const slot = orchestrator.add(
	{ ...bench, start: (host, signal) => bench.start({ ...host, expectedId: 'bench.echo' }, signal) },
	{
		supervision: {
			...defaultSupervision,
			budget: Number.POSITIVE_INFINITY,
			backOff: { initialMs: 0, maxMs: 0 },
		},
	},
);
await slot.start();
const client = createClient(orchestrator.connect('bench-client'));
const call = () => client.callTool('echo', { text: 'x', count: 1 });
await call();

/** @type {number[]} */
const taken = [];
for (let i = 0; i < times; i++) {
	/** @type {Promise<void>} */
	const again = new Promise((resolve) => {
		const stop = orchestrator.onChange(() => {
			if (slot.state !== 'running') return;
			stop();
			resolve();
		});
	});
	const begin = performance.now();
	process.kill(slot.status.pid ?? 0, 'SIGKILL');
	await again;
	await call();
	taken.push(performance.now() - begin);
}
await orchestrator.stop({ graceMs: 0 });
process.stdout.write(`${JSON.stringify({ medianMs: median(taken) })}\n`);
process.exit(0);
