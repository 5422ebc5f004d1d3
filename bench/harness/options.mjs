import { parseArgs } from 'node:util';
import { waitingCases, waitingRows } from './waiting.mjs';

/** What `--help` prints. */
export const usage = `npm run bench -- [flags]

  --quick            few calls, short times, the same processes throughout: whether it works, not how fast it is
  --only A,B         only these rows: ours, in-process, fd, tcp, quic, cli, peers, grpc-js, grpc-go, connect, capnweb, mcp, go-sdk, deno, …
  --case A,B         only cases whose names begin so: unary, unary-100B-c64, echo, stream, connect, spawn, cli, sessions, memory, slow-reader
  --rounds N         rounds, 1 to 50 (default 5, with --quick 2); memory and slow-reader take 2 at most
  --deno             ours on Deno too
  --json FILE        where the figures go (default bench/results/<time>.json)
  --markdown FILE    also rewrites the tables between the markers in FILE
  --table waiting    only what the table of waits needs, in 4 rounds, and that table: it is what --markdown rewrites then
  --compare FILE     says which ratios are worse than those of the tables in FILE, such as docs/performance.md
  --profile DIR      writes a CPU profile of every Node process, named by peer, into DIR (slower: no figures)
`;

/**
 * @typedef {object} Options
 * @property {boolean} quick
 * @property {boolean} deno
 * @property {string[]} only
 * @property {string[]} cases
 * @property {number} rounds
 * @property {string=} json
 * @property {string=} markdown
 * @property {'waiting'=} table
 * @property {string=} compare
 * @property {string=} profile
 */

/**
 * @param {string[]} args
 * @returns {Options | undefined} undefined for --help
 */
export function parseOptions(args) {
	const { values } = parseArgs({
		args,
		options: {
			quick: { type: 'boolean', default: false },
			deno: { type: 'boolean', default: false },
			help: { type: 'boolean', short: 'h', default: false },
			only: { type: 'string', multiple: true, default: [] },
			case: { type: 'string', multiple: true, default: [] },
			rounds: { type: 'string' },
			json: { type: 'string' },
			markdown: { type: 'string' },
			table: { type: 'string' },
			compare: { type: 'string' },
			profile: { type: 'string' },
		},
	});
	if (values.help) return undefined;
	const { table } = values;
	if (table !== undefined && table !== 'waiting')
		throw new Error(`--table: there is no ${table}; there is waiting`);
	const list = (/** @type {string[]} */ given) => given.flatMap((names) => names.split(',')).filter(Boolean);
	const only = list(values.only);
	const cases = list(values.case);
	const rounds = Number(values.rounds ?? (values.quick ? 2 : table ? 4 : 5));
	if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50) throw new Error('--rounds is 1 to 50');
	return {
		quick: values.quick,
		deno: values.deno,
		only: table && only.length === 0 ? [...waitingRows] : only,
		cases: table && cases.length === 0 ? [...waitingCases] : cases,
		rounds,
		json: values.json,
		markdown: values.markdown,
		table,
		compare: values.compare,
		profile: values.profile,
	};
}
