import { parseArgs } from 'node:util';

/** What `--help` prints. */
export const usage = `npm run bench -- [flags]

  --quick            few calls, short times, the same processes throughout: whether it works, not how fast it is
  --only A,B         only these rows: ours, in-process, fd, tcp, quic, cli, peers, grpc-js, connect, mcp, go-sdk, deno, …
  --case A,B         only cases whose names begin so: unary, unary-100B-c64, echo, stream, connect, spawn, cli, sessions, memory, slow-reader
  --rounds N         rounds, 1 to 50 (default 5, with --quick 2); memory and slow-reader take 2 at most
  --deno             ours on Deno too
  --json FILE        where the figures go (default bench/results/<time>.json)
  --markdown FILE    also rewrites the tables between the markers in FILE
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
			profile: { type: 'string' },
		},
	});
	if (values.help) return undefined;
	const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
	if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50) throw new Error('--rounds is 1 to 50');
	return {
		quick: values.quick,
		deno: values.deno,
		only: values.only.flatMap((names) => names.split(',')).filter(Boolean),
		cases: values.case.flatMap((names) => names.split(',')).filter(Boolean),
		rounds,
		json: values.json,
		markdown: values.markdown,
		profile: values.profile,
	};
}
