// What `orchestra top` costs while events are published: `node terminal-load.mjs {address, columns, rows, pane, perSecond, warmUpMs, loadMs,
// certsDir}`. It publishes to a running server at that rate, opens `orchestra top` on a pseudo-terminal and reads the processor time of
// its process. Prints one line of JSON.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import { createClient, dial, ensureIdentity, parseAddress } from '../dist/runtime/client.js';

/** Milliseconds between two handfuls of events. */
const tickMs = 10;

/** Clock ticks a second in /proc: a constant of Linux's interface to programs. */
const ticksPerSecond = 100;

/**
 * @type {{ address: string, columns: number, rows: number, pane: string, perSecond: number, warmUpMs: number, loadMs: number,
 *   certsDir: string }}
 */
const { address, columns, rows, pane, perSecond, warmUpMs, loadMs, certsDir } = JSON.parse(
	process.argv[2] ?? '{}',
);

const identity = await ensureIdentity(certsDir, 'bench-client');
const client = createClient(await dial(parseAddress(address), { identity }));
const executable = fileURLToPath(new URL('../bin/orchestra.js', import.meta.url));
const env = { ...process.env, CI: '', NO_COLOR: '' };
const terminal = spawn(process.execPath, [executable, 'top', address, '--certs-dir', certsDir], {
	cols: columns,
	rows,
	name: 'xterm-256color',
	env,
});
let shown = '';
let bytes = 0;
let heard = /** @type {() => void} */ (() => {});
terminal.onData((data) => {
	bytes += Buffer.byteLength(data);
	shown = (shown + data).slice(-10_000);
	heard();
});
terminal.onExit(({ exitCode }) => {
	process.stderr.write(`orchestra top ended with exit code ${exitCode}: ${shown}\n`);
	process.exit(1);
});
while (!shown.includes('live')) {
	await new Promise((resolve) => {
		heard = () => resolve(undefined);
	});
}
terminal.write(pane);

let published = 0;
const begin = performance.now();
const publisher = setInterval(() => {
	// What was late is made up for.
	for (const due = ((performance.now() - begin) / 1000) * perSecond; published < due; published++) {
		const payload = { n: published, text: 'x'.repeat(64) };
		void client.publish({ topic: `bench.events.${published % 20}`, eventType: 'numbered', payload });
	}
}, tickMs);
await new Promise((resolve) => setTimeout(resolve, warmUpMs));
const before = { cpu: cpuSeconds(), bytes, at: performance.now() };
await new Promise((resolve) => setTimeout(resolve, loadMs));
const seconds = (performance.now() - before.at) / 1000;
const figures = {
	cpuShare: (cpuSeconds() - before.cpu) / seconds,
	bytesPerSecond: (bytes - before.bytes) / seconds,
};
clearInterval(publisher);
process.stdout.write(`${JSON.stringify(figures)}\n`);
terminal.kill('SIGKILL');
process.exit(0);

/** Processor time of the interface, user and system. */
function cpuSeconds() {
	const stat = readFileSync(`/proc/${terminal.pid}/stat`, 'latin1');
	// Its name may hold blanks; what follows it does not.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
