import { createPlugin, Orchestrator, serviceClient, sessionsService } from '../dist/runtime/index.js';

/** Sessions that are opened and closed. */
const count = 1000;

/**
 * Opens and closes a thousand sessions in this process, twice: the first round is the warm-up. What the second leaves is told.
 *
 *   node --expose-gc bench/open-sessions.mjs
 */
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
globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
const began = performance.now();
const slowest = await open(1);
const opened = performance.now();
await close(1);
const closed = performance.now();
globalThis.gc?.();
const left = process.memoryUsage().heapUsed - before;
console.log(
	`open   ${(((opened - began) * 1000) / count).toFixed(0)} µs each, slowest build ${slowest.toFixed(3)} ms`,
);
console.log(`close  ${(((closed - opened) * 1000) / count).toFixed(0)} µs each`);
console.log(`left   ${orchestrator.sessions.count} sessions, ${(left / 1024).toFixed(0)} KiB of heap`);
await connection.close();
await orchestrator.stop();
