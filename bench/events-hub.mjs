// Publishes events in an orchestrator and says how fast one subscriber heard them: `node events-hub.mjs {way, events, certsDir}`.
// Prints one line of JSON. The subscriber is in this process, or over tcp or quic in one of its own.
import { fileURLToPath } from 'node:url';
import { createClient } from '../dist/runtime/client.js';
import { ensureIdentity, formatAddress, MemoryEventBus, Orchestrator } from '../dist/runtime/host.js';
import { createPlugin } from '../dist/runtime/index.js';
import { OutputTail } from './processes/output-tail.mjs';
import { endWithin, start } from './processes/own-processes.mjs';

/** Events between two turns of the event loop: a publisher that never lets go would be heard by nobody. */
const burst = 128;

/** Milliseconds from the end of a subscriber's stdin to SIGKILL. */
const stopMs = 3_000;

/** @type {{ way: 'bus' | 'plugin' | 'client' | 'tcp' | 'quic', events: number, certsDir: string }} */
const { way, events, certsDir } = JSON.parse(process.argv[2] ?? '{}');

const bus = new MemoryEventBus();
const orchestrator = new Orchestrator({ bus });
/** @type {(figures: { heard: number, missed: number }) => void} */
let end = () => {};
/** @type {Promise<{ heard: number, missed: number }>} */
const ended = new Promise((resolve) => {
	end = resolve;
});
let heard = 0;
let missed = 0;

/**
 * @param {import('../dist/runtime/index.js').JsonObject} payload
 * @param {number} gap
 */
function hear(payload, gap) {
	heard++;
	missed += gap;
	if (payload.n === events - 1) end({ heard, missed });
}

const stop = await subscribe();
const text = 'x'.repeat(64);
const begin = performance.now();
for (let n = 0; n < events; n++) {
	bus.publish({ topic: 'bench.events', eventType: 'numbered', payload: { n, text }, source: 'bench' });
	if (n % burst === burst - 1) await new Promise((resolve) => setImmediate(resolve));
}
const published = performance.now();
const figures = await ended;
const seconds = (performance.now() - begin) / 1000;
await stop();
await orchestrator.stop({ graceMs: 0 });
process.stdout.write(
	`${JSON.stringify({
		eventsPerSecond: figures.heard / seconds,
		missedShare: figures.missed / events,
		publishSeconds: (published - begin) / 1000,
	})}\n`,
);
process.exit(0);

/** @returns {Promise<() => Promise<void>>} what ends the subscriber */
async function subscribe() {
	if (way === 'bus') {
		const subscription = bus.subscribe({
			name: 'bench',
			deliver: ([event], gap) => hear(event?.payload ?? {}, gap),
		});
		subscription.add('1', 'bench.*');
		return async () => subscription.close();
	}
	if (way === 'plugin') {
		const plugin = createPlugin('bench.subscriber').subscribe('bench.*', (event) =>
			hear(event.payload, event.missed),
		);
		await orchestrator.embed(plugin.build());
		return async () => {};
	}
	if (way === 'client') {
		const client = createClient(orchestrator.connect('bench-client'));
		const stream = client.events('bench.*');
		await stream.ready();
		void (async () => {
			for await (const event of stream) hear(event.payload, event.missed);
		})().catch(() => {});
		return () => client.close();
	}
	const identity = await ensureIdentity(certsDir, 'orchestrator');
	const { address } = await orchestrator.listen({ carrier: way, host: '127.0.0.1', port: 0 }, identity);
	return subscriberProcess(formatAddress(address));
}

/** @param {string} address */
async function subscriberProcess(address) {
	const file = fileURLToPath(new URL('events-subscriber.mjs', import.meta.url));
	const command = [process.execPath, file, JSON.stringify({ address, events, certsDir })];
	const child = start(command, { stdio: ['pipe', 'pipe', 'pipe'] });
	const { stdin, stdout, stderr } = child;
	if (!stdin || !stdout || !stderr) throw new Error('a subscriber needs pipes');
	stdin.on('error', () => {});
	const trouble = new OutputTail(stderr);
	let said = '';
	await new Promise((resolve, reject) => {
		child.once('exit', (code) => reject(new Error(`the subscriber ended with exit code ${code}${trouble}`)));
		stdout.setEncoding('utf8').on('data', (/** @type {string} */ piece) => {
			said += piece;
			const [ready, figures, ...rest] = said.split('\n');
			if (rest.length > 0) end(JSON.parse(figures ?? ''));
			else if (ready === 'READY') resolve(undefined);
		});
	});
	return async () => {
		stdin.end();
		await endWithin(child, stopMs);
	};
}
