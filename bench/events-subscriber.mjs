// Hears the events of a hub in another process: `node events-subscriber.mjs {address, events, certsDir}`. Says READY when it listens,
// and how many it heard and missed when the last has come. Ends when its stdin does.
import { createClient, dial, ensureIdentity, parseAddress } from '../dist/runtime/client.js';

/** @type {{ address: string, events: number, certsDir: string }} */
const { address, events, certsDir } = JSON.parse(process.argv[2] ?? '{}');

process.stdin.once('end', () => process.exit(0)).resume();
const identity = await ensureIdentity(certsDir, 'bench-client');
const client = createClient(await dial(parseAddress(address), { identity }));
const stream = client.events('bench.*');
await stream.ready();
process.stdout.write('READY\n');
let heard = 0;
for await (const event of stream) {
	heard++;
	if (event.payload.n === events - 1) break;
}
process.stdout.write(`${JSON.stringify({ heard, missed: stream.missed })}\n`);
