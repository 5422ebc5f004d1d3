// What typing into a terminal session costs while another one floods: `node terminal-sessions.mjs {carrier, echoes, floodBytes, certsDir}`.
// A process of its own serves terminals. A byte is sent to a `cat` there and waited for, so often: first alone, then while as many bytes
// come through another session of the same client. Prints one line of JSON.
import { fork } from 'node:child_process';
import { dial, ExecClient } from '../dist/runtime/client.js';
import { ensureIdentity, Orchestrator, parseAddress } from '../dist/runtime/host.js';
import { createPlugin } from '../dist/runtime/index.js';

/** Milliseconds between an echo and the next byte. */
const pauseMs = 2;

/** @type {{ carrier: 'tcp' | 'quic', echoes: number, floodBytes: number, certsDir: string }} */
const { carrier, echoes, floodBytes, certsDir } = JSON.parse(process.argv[2] ?? '{}');

if (process.argv[3] === 'serve') await serve();
else await measure();

async function serve() {
	const plugin = createPlugin('bench')
		.registerExec({ resource: 'sh', tty: ({ command }, terminal) => terminal.run({ command }) })
		.build();
	const orchestrator = new Orchestrator();
	await orchestrator.embed(plugin);
	const listen = parseAddress(`${carrier}://127.0.0.1:0`);
	const { address } = await orchestrator.listen(listen, await ensureIdentity(certsDir, 'bench'));
	process.send?.(address);
	process.once('disconnect', () => process.exit(0));
}

async function measure() {
	const server = fork(new URL(import.meta.url), [process.argv[2] ?? '', 'serve']);
	try {
		/** @type {import('../dist/runtime/client.js').Address} */
		const address = await new Promise((resolve, reject) => {
			server.once('message', (told) => resolve(/** @type {never} */ (told)));
			server.once('exit', () => reject(new Error('the server of terminals has ended')));
		});
		const identity = await ensureIdentity(certsDir, 'bench-client');
		const connection = await dial(address, { identity });
		const client = new ExecClient(connection, { plugin: 'bench' });
		const run = (/** @type {string} */ command) =>
			client.open({ resource: 'sh', command: ['sh', '-c', `stty raw -echo; printf R; ${command}`] });
		const echo = await run('exec cat');
		const output = echo.output[Symbol.asyncIterator]();
		await output.next();
		const once = async () => {
			const began = performance.now();
			await echo.write('x');
			await output.next();
			const took = performance.now() - began;
			await new Promise((resolve) => setTimeout(resolve, pauseMs));
			return took;
		};
		const times = async (/** @type {(count: number) => boolean} */ goesOn) => {
			const all = [];
			while (goesOn(all.length)) all.push(await once());
			return all.sort((a, b) => a - b);
		};
		// The code gets warm.
		await times((count) => count < echoes / 4);
		const alone = await times((count) => count < echoes);

		const flood = await run(`read -r x; head -c ${floodBytes} /dev/zero`);
		// A line that is typed before the echo is off comes back.
		const pieces = flood.output[Symbol.asyncIterator]();
		await pieces.next();
		let bytes = 0;
		let began = 0;
		let ended = 0;
		const read = (async () => {
			for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) {
				began ||= performance.now();
				bytes += piece.value.data.length;
			}
			ended = performance.now();
		})();
		await flood.write('\n');
		const flooded = await times(() => ended === 0);
		await read;
		if (bytes !== floodBytes) throw new Error(`${bytes} bytes came of ${floodBytes}`);
		const at = (/** @type {number[]} */ sorted, /** @type {number} */ part) =>
			sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
		console.log(
			JSON.stringify({
				aloneP50Ms: at(alone, 0.5),
				aloneP99Ms: at(alone, 0.99),
				floodedP50Ms: at(flooded, 0.5),
				floodedP99Ms: at(flooded, 0.99),
				megabytesPerSecond: floodBytes / 1e3 / (ended - began),
			}),
		);
		await client.close();
		await connection.close();
	} finally {
		server.disconnect();
	}
}
