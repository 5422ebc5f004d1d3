import { measured } from './measured.ts';
import { scaleReport } from './report.ts';
import { eventFanOut, registryTraffic } from './scenarios.ts';

// `npm run simulate`: prints what docs/scale.md has between its markers. `--small`: a tenth of it. `--seed N`. `--only 1,2`: some of
// its parts: the clusters in their order, then the events.

const small = process.argv.includes('--small');
const seed = Number(process.argv[process.argv.indexOf('--seed') + 1] || 1) || 1;
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;
const isWanted = (part: number) => only === undefined || only.split(',').includes(`${part}`);
const tell = (text: string) => process.stderr.write(`${text}\n`);
const scale = small ? 0.1 : 1;

/** The whole, and parts of it that say what each costs. */
const sizes = [
	{ nodes: 30, plugins: 300, singletons: 30, cores: 1, leaseMs: 15_000 },
	{ nodes: 100, plugins: 1_000, singletons: 100, cores: 1, leaseMs: 15_000 },
	{ nodes: 300, plugins: 3_000, singletons: 300, cores: 1, leaseMs: 15_000 },
	{ nodes: 1_000, plugins: 10_000, singletons: 1_000, cores: 8, leaseMs: 15_000 },
	{ nodes: 1_000, plugins: 10_000, singletons: 1_000, cores: 4, leaseMs: 60_000 },
];

const registry = [];
for (const [index, { nodes, plugins, singletons, cores, leaseMs }] of sizes.entries()) {
	if (!isWanted(index + 1)) continue;
	const begun = performance.now();
	const scaled = { nodes: nodes * scale, plugins: plugins * scale, singletons: singletons * scale };
	const size = {
		...measured,
		...scaled,
		seed,
		server: { ...measured.server, cores },
		candidates: 3,
		observers: 10,
		leaseMs,
		joinMs: 30_000,
	};
	registry.push(await registryTraffic(size, 60_000));
	tell(`${scaled.nodes} nodes, ${scaled.singletons} singletons: ${Math.round(performance.now() - begun)} ms`);
}

const fanOut = [];
for (const [subscribers, eventsPerSecond, bytes, slow, seconds] of [
	[10, 1_000, 300, 0, 10],
	[100, 1_000, 300, 0, 10],
	[1_000, 100, 300, 0, 10],
	[1_000, 300, 300, 0, 10],
	[100, 200, 10_000, 10, 120],
] as const) {
	if (!isWanted(sizes.length + 1)) break;
	fanOut.push(
		await eventFanOut({
			seed,
			subscribers: Math.max(2, subscribers * scale),
			eventsPerSecond,
			slow: slow * scale,
			bytes,
			seconds,
			// 800 Mbit/s; 8 Mbit/s for a slow one.
			subscriberBytesPerSecond: 100_000_000,
			maxPending: 64 * 2 ** 20,
			server: measured.server,
		}),
	);
}
process.stdout.write(scaleReport({ seed, registry, fanOut }));
