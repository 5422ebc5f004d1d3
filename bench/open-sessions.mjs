// Opens and closes sessions in this process, twice: the first round is the warm-up. `node open-sessions.mjs {count}` prints one line
// of JSON: the time that each takes, the slowest build, and what the second round leaves.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { serviceClient, sessionsService } from '../dist/runtime/client.js';
import { Orchestrator } from '../dist/runtime/host.js';
import { createPlugin } from '../dist/runtime/index.js';

/** @type {{ count: number }} */
const { count } = JSON.parse(process.argv[2] ?? '{"count":1000}');

setFlagsFromString('--expose-gc');
/** @type {() => void} */
const collect = runInNewContext('gc');

const plugin = createPlugin('bench')
	.registerSessionPlugin({
		id: 'part',
		build: () => ({
			register(registrar) {
				registrar.hook('before_turn', () => undefined);
				registrar.query('nothing', { description: '' }, () => 0);
			},
		}),
	})
	.build();
const orchestrator = new Orchestrator();
await orchestrator.embed(plugin);
const connection = orchestrator.connect('bench');
const sessions = serviceClient(sessionsService, connection);

/** @param {number} round */
async function open(round) {
	let slowest = 0;
	for (let index = 0; index < count; index++) {
		const { builds } = await sessions.open({ id: `r${round}-${index}` });
		for (const ms of Object.values(builds)) slowest = Math.max(slowest, ms);
	}
	return slowest;
}

/** @param {number} round */
async function close(round) {
	for (let index = 0; index < count; index++) await sessions.close({ session: `r${round}-${index}` });
}

await open(0);
await close(0);
collect();
const before = process.memoryUsage().heapUsed;
const began = performance.now();
const slowest = await open(1);
const opened = performance.now();
await close(1);
const closed = performance.now();
collect();
const left = process.memoryUsage().heapUsed - before;
console.log(
	JSON.stringify({
		openMicroseconds: ((opened - began) * 1000) / count,
		closeMicroseconds: ((closed - opened) * 1000) / count,
		slowestBuildMs: slowest,
		leftSessions: orchestrator.sessions.count,
		leftBytes: left,
	}),
);
await connection.close();
await orchestrator.stop();
