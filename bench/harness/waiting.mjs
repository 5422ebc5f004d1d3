// The table of where people wait: ratios of one run, beside their goals.
import { short } from './columns.mjs';
import { median } from './statistics.mjs';
import { markdownTable } from './tables.mjs';

/** @typedef {import('./report.mjs').Run} Run */

export const waitingRows = [
	'fd',
	'fd-json-schema',
	'tcp',
	'quic',
	'grpc-js',
	'mcp',
	'go-sdk',
	'grpc-go',
	'cli',
];

export const waitingCases = [
	...['unary-100B-c1', 'unary-100B-c64', 'unary-100B-c512', 'echo-16MB'],
	...['connect', 'spawn', 'cli', 'memory-collected'],
];

/**
 * A line of the table.
 *
 * @typedef {object} Wait
 * @property {string} what
 * @property {string} one of the case
 * @property {string} row
 * @property {string} key of the metric
 * @property {string | string[]=} than the row that it is compared to: the best of them where they are several
 * @property {'less' | 'more'} better which of the two figures is the better one
 * @property {boolean=} plain whether the quotient stands as it is, and less of it is better
 * @property {number} goal
 */

const peers = ['grpc-js', 'go-sdk', 'grpc-go'];

/** @type {(what: string, row: string, than: string, goal: number) => Wait} */
const start = (what, row, than, goal) => ({
	...{ what, one: 'spawn', row, key: 'medianMs', than, goal },
	...{ better: 'less', plain: true },
});

/** @type {(what: string, row: string, goal: number) => Wait} */
const run = (what, row, goal) => ({ ...start(what, row, 'empty-node', goal), one: 'cli' });

/** @type {(row: string, concurrency: number, than: string, goal: number) => Wait} */
const rate = (row, concurrency, than, goal) => ({
	...{
		what: `calls/s, ${row} c=${concurrency}, × ${than}`,
		one: `unary-100B-c${concurrency}`,
		row,
		than,
		goal,
	},
	...{ key: 'callsPerSecond', better: 'more' },
});

/** @type {(row: string, concurrency: number) => Wait} */
const slowest = (row, concurrency) => ({
	...{
		what: `p99, ${row} c=${concurrency}, × that of the best peer`,
		one: `unary-100B-c${concurrency}`,
		row,
	},
	...{ key: 'p99Ms', than: peers, better: 'less', plain: true, goal: 1 },
});

/** @type {(what: string, row: string, key: string) => Wait} */
const memory = (what, row, key) => ({
	...{
		what: `memory after 100,000 calls, ${row} ${what}, after a collection, × 10,000`,
		one: 'memory-collected',
	},
	...{ row, key, better: 'less', plain: true, goal: 1.1 },
});

/** @type {Wait[]} */
const waits = [
	start('start → first result, zod, × an empty node', 'fd', 'empty-node', 2.4),
	start('start → first result, JSON Schema, × an empty node', 'fd-json-schema', 'empty-node', 2),
	start("start → first result, zod, × MCP stdio's", 'fd', 'mcp', 1),
	run('`call` embedded, × an empty node', 'call-embedded-node', 2.2),
	run('`call` of a running server, × an empty node', 'call-served-node', 1.8),
	rate('quic', 1, 'go-sdk', 1.2),
	rate('quic', 64, 'go-sdk', 1.5),
	rate('quic', 512, 'go-sdk', 1.5),
	{
		...{ what: '16 MB echo, quic, × go-sdk', one: 'echo-16MB', row: 'quic', than: 'go-sdk', goal: 1.3 },
		...{ key: 'megabytesPerSecond', better: 'more' },
	},
	{
		...{
			what: "new connection, quic, × go-sdk's time",
			one: 'connect',
			row: 'quic',
			than: 'go-sdk',
			goal: 1.2,
		},
		...{ key: 'medianMs', better: 'less', plain: true },
	},
	{
		...{
			what: 'new connection, tcp, × as fast as grpc-js',
			one: 'connect',
			row: 'tcp',
			than: 'grpc-js',
			goal: 1.5,
		},
		...{ key: 'medianMs', better: 'less' },
	},
	rate('tcp', 1, 'grpc-go', 1.5),
	rate('tcp', 64, 'grpc-go', 3),
	slowest('quic', 64),
	slowest('quic', 512),
	slowest('tcp', 64),
	slowest('tcp', 512),
	memory('server', 'tcp', 'serverGrowth'),
	memory('client', 'tcp', 'clientGrowth'),
	memory('server', 'quic', 'serverGrowth'),
	memory('client', 'quic', 'clientGrowth'),
];

/**
 * The table in Markdown.
 *
 * @param {Run} run
 */
export function waitingReport({ groups, ...run }) {
	const rows = new Map(
		groups
			.flatMap(({ cases }) => cases)
			.flatMap(({ id, rows }) => rows.map((row) => [`${id} ${row.id}`, row])),
	);
	const lines = waits.flatMap((wait) => {
		const ratios = ratiosOf(wait, rows);
		if (ratios.length === 0) return [];
		const ratio = median(ratios);
		const isReached = wait.plain ? ratio <= wait.goal : ratio >= wait.goal;
		const range = `${short(Math.min(...ratios))} – ${short(Math.max(...ratios))}`;
		return [
			[
				wait.what,
				`${wait.plain ? '≤' : '≥'} ${wait.goal}`,
				short(ratio),
				range,
				isReached ? 'yes' : '**no**',
			],
		];
	});
	const { started, rounds, machine, notes } = run;
	const { cpu, cores, versions, loadBefore } = machine;
	const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
	const heading = `${started.slice(0, 10)}, ${run.quick ? 'QUICK run, ' : ''}${rounds} rounds; ${cpu}, ${cores} cores; ${programs.join(', ')}; load ${loadBefore.toFixed(2)} before.`;
	const table = markdownTable([['case', 'goal', 'measured', 'of the rounds', 'reached'], ...lines]);
	return [heading, ...notes.map((note) => `Note: ${note}.`), table].join('\n\n');
}

/**
 * The ratio of each round.
 *
 * @param {Wait} wait
 * @param {Map<string, import('./results.mjs').RowResult>} rows
 */
function ratiosOf({ one, row, key, than, better, plain }, rows) {
	const others = [than ?? []].flat().flatMap((id) => rows.get(`${one} ${id}`) ?? []);
	return (rows.get(`${one} ${row}`)?.rounds ?? []).flatMap((metrics, round) => {
		const own = metrics[key];
		if (own === undefined) return [];
		if (than === undefined) return [own + 1];
		const figures = others.flatMap(({ rounds }) => rounds[round]?.[key] ?? []);
		if (figures.length === 0) return [];
		const best = better === 'less' ? Math.min(...figures) : Math.max(...figures);
		return [better === 'less' && !plain ? best / own : own / best];
	});
}
