// A call, or events, from one node to another: `node cluster-calls.mjs {way, what, …}`. Prints one line of JSON. It starts the server
// and the nodes that the way needs, and ends them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, dial, parseAddress } from '../dist/runtime/client.js';
import { ensureIdentity } from '../dist/runtime/host.js';
import { closedLoop } from './clients/closed-loop.mjs';
import { eventText, eventTopic, natsTls, nodes, publishAll } from './cluster-workload.mjs';
import { projectRoot, serverFile } from './harness/paths.mjs';
import { startNatsServer } from './processes/nats-server.mjs';
import { killAll } from './processes/own-processes.mjs';
import { ServedExample } from './processes/served-example.mjs';
import { startServer } from './processes/server-process.mjs';
import { clientName, pluginId, textOf } from './workload.mjs';

/**
 * `nats`: a request and its reply by NATS alone. `tcp`: a node that was told the address of the plugin. `direct`: one that found the
 * plugin's node by NATS. `through`: all by way of NATS.
 *
 * @typedef {'nats' | 'tcp' | 'direct' | 'through'} Way
 */

/**
 * @type {{ way: Way, certsDir: string, load?: { bytes: number, concurrency: number, milliseconds: number, warmUpMs: number },
 * events?: number }}
 */
const { way, certsDir, load, events } = JSON.parse(process.argv[2] ?? '{}');

/** More calls than are made in the time. */
const unbounded = 50_000_000;

/** Milliseconds until a node has found the other. */
const findMs = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'orchestra-bench-cluster-'));
/** @type {(() => unknown)[]} */
const closers = [];
try {
	const measured = way === 'nats' ? await plain() : await clustered();
	process.stdout.write(`${JSON.stringify(measured)}\n`);
} finally {
	for (const close of closers.reverse()) await close();
	killAll();
	rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

/** NATS alone. */
async function plain() {
	const { url, stop } = await startNatsServer(certsDir, [pluginId, clientName]);
	closers.push(stop);
	const echo = await startServer([process.execPath, serverFile('nats-echo.mjs'), certsDir, url]);
	closers.push(echo.stop);
	const { connect } = await import('@nats-io/transport-node');
	const connection = await connect({ servers: url, tls: natsTls(certsDir, clientName) });
	closers.push(() => connection.close());
	if (events) {
		const { jetstream } = await import('@nats-io/jetstream');
		const stream = jetstream(connection);
		const begin = performance.now();
		await publishAll(events, (n) =>
			stream.publish('bench.event.kept', JSON.stringify({ n, text: eventText }), { msgID: `${n}` }),
		);
		await connection.request('bench.heard', JSON.stringify(events), { timeout: 60_000 });
		const seconds = (performance.now() - begin) / 1000;
		return { eventsPerSecond: events / seconds, seconds };
	}
	return measureLoad(async ({ bytes, ...given }) =>
		closedLoop(
			async (text, count) => {
				const answer = await connection.request('bench.echo', JSON.stringify({ text, count }), {
					timeout: 60_000,
				});
				return answer.json();
			},
			{ text: textOf(bytes), ...given },
		),
	);
}

/** Two orchestrators. */
async function clustered() {
	for (const name of Object.values(nodes)) await ensureIdentity(certsDir, name);
	let url = '';
	if (way !== 'tcp') {
		const server = await startNatsServer(certsDir, Object.values(nodes));
		closers.push(server.stop);
		url = server.url;
	}
	const caller = { id: 'bench.caller', module: serverFile('cluster-caller.mjs') };
	const known = way === 'tcp' ? [{ id: pluginId, address: await servePlugin() }] : [];
	if (way !== 'tcp') {
		await serve(nodes.echo, url, [{ id: pluginId, module: serverFile('cluster-echo.mjs') }]);
	}
	const alpha = await serve(nodes.caller, url, [caller, ...known]);
	const identity = await ensureIdentity(certsDir, clientName);
	const client = createClient(await dial(parseAddress(alpha), { identity }));
	closers.push(() => client.close());
	await found(client);
	if (events) return client.callTool('publish', { count: events }, { timeoutMs: 120_000 });
	return measureLoad((given) => client.callTool('load', given, { timeoutMs: given.milliseconds + 30_000 }));
}

/** The plugin as a process of its own, at an address. */
async function servePlugin() {
	const args = ['--listen-addr=127.0.0.1:0', `--certs-dir=${certsDir}`];
	const env = { ORCHESTRA_CARRIER: 'tcp', ORCHESTRA_PARENT_WATCH: 'stdin' };
	const server = await startServer([process.execPath, serverFile('ours.mjs'), ...args], env);
	closers.push(server.stop);
	return `tcp://${server.address.replace(/^\w+:\/\//, '')}`;
}

/**
 * @param {string} node
 * @param {string} url of NATS
 * @param {object[]} plugins
 */
async function serve(node, url, plugins) {
	const own = join(folder, node);
	mkdirSync(own);
	const cluster = { node, servers: [url], direct: way !== 'through', durable: [eventTopic] };
	// JSON is YAML.
	const configuration = {
		listen: ['tcp://127.0.0.1:0'],
		certs_dir: certsDir,
		...(url === '' ? {} : { cluster }),
		access: { nodes: [...Object.values(nodes), 'orchestrator', 'orchestrator-*'] },
		plugins,
	};
	const file = join(own, 'orchestra.yaml');
	writeFileSync(file, JSON.stringify(configuration));
	const executable = join(projectRoot, 'bin/orchestra.js');
	const server = new ServedExample([process.execPath, executable, 'serve', '--json', '--config', file]);
	closers.push(() => server.stop());
	return server.address();
}

/**
 * Until the other node's tool can be called.
 *
 * @param {import('../dist/runtime/client.js').PluginClient} client
 */
async function found(client) {
	const endsAt = performance.now() + findMs;
	for (;;) {
		try {
			await client.callTool('echo', { text: 'x', count: 1 }, { timeoutMs: 5_000 });
			return;
		} catch (error) {
			if (performance.now() > endsAt) throw error;
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}
}

/** @param {(load: { bytes: number, concurrency: number, milliseconds: number, maxCalls: number }) => PromiseLike<object>} run */
async function measureLoad(run) {
	if (!load) throw new Error('there is nothing to measure');
	const { warmUpMs, milliseconds, ...given } = load;
	await run({ ...given, milliseconds: warmUpMs, maxCalls: unbounded });
	return run({ ...given, milliseconds, maxCalls: unbounded });
}
