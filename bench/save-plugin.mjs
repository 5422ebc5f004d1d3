// Saves a plugin that `orchestra dev` runs, and says how long it takes until a call is answered by what was saved: `node save-plugin.mjs
// {certsDir, clientName, times, spawns, command}`, where the command is that of `dev` without the folder. Prints one line of JSON: the median
// of the times in milliseconds, from the save to the answer, seen by a client that calls all the time.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient, dial, ensureIdentity, parseAddress } from '../dist/runtime/client.js';
import { median } from './harness/statistics.mjs';

/** @type {{ certsDir: string, clientName: string, times: number, spawns: boolean, command: [string, ...string[]] }} */
const { certsDir, clientName, times, spawns, command } = JSON.parse(process.argv[2] ?? '{}');
const folder = mkdtempSync(join(tmpdir(), 'orchestra-bench-dev-'));
const save = (/** @type {number} */ version) =>
	writeFileSync(join(folder, 'version.ts'), `export const version: string = 'version ${version}';\n`);
writeFileSync(
	join(folder, 'plugin.ts'),
	`import { createPlugin } from 'orchestra-toolchain';
import { version } from './version.ts';
export default createPlugin('bench.saved').registerTool('version', { description: '' }, () => version).build();
`,
);
save(0);
const [file, ...args] = command;
const words = [...args, 'dev', folder, '--listen', 'tcp://127.0.0.1:0', '--certs-dir', certsDir, '--json'];
const child = spawn(file, [...words, '--no-check', ...(spawns ? ['--spawn'] : [])], {
	stdio: ['ignore', 'pipe', 'inherit'],
});
process.once('exit', () => {
	child.kill('SIGKILL');
	rmSync(folder, { recursive: true, force: true });
});
/** @type {string} */
const address = await new Promise((resolve) => {
	createInterface({ input: child.stdout }).on('line', (line) => {
		const said = JSON.parse(line);
		if (said.event === 'ready') resolve(said.addresses[0]);
	});
});
const identity = await ensureIdentity(certsDir, clientName);
const client = createClient(await dial(parseAddress(address), { identity }));
const says = async (/** @type {number} */ version) => {
	while ((await client.callTool('version', {})).text !== `version ${version}`) {
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
};
await says(0);
/** @type {number[]} */
const taken = [];
// The first save loads the compiler, as an author's does.
for (let version = 1; version <= times; version++) {
	await new Promise((resolve) => setTimeout(resolve, 100));
	const begin = performance.now();
	save(version);
	await says(version);
	taken.push(performance.now() - begin);
}
await client.close();
process.stdout.write(`${JSON.stringify({ medianMs: median(taken) })}\n`);
process.exit(0);
