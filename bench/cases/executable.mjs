import { join } from 'node:path';
import { milliseconds } from '../harness/columns.mjs';
import { projectRoot } from '../harness/paths.mjs';
import { programRow, toEmptyNode } from './starts.mjs';

/** @typedef {'node' | 'deno'} Runtime */

const executable = join(projectRoot, 'bin/orchestra.js');
const example = join(projectRoot, 'examples/weather');
const question = ['forecast', 'city=Oslo', 'days=3'];

/**
 * The start-up of the executable. Each figure is a whole run, from the start of the process to its end.
 *
 * @param {import('../harness/commands.mjs').Commands} commands
 * @param {import('../harness/scale.mjs').Scale} scale
 * @param {Runtime[]} runtimes
 * @param {import('./case.mjs').Row[]} emptyStarts
 * @param {{ certsDir: string, servedAddress: () => Promise<string> }} served
 * @returns {import('./case.mjs').Group}
 */
export function executableStarts(commands, scale, runtimes, emptyStarts, { certsDir, servedAddress }) {
	const rows = runtimes.flatMap((runtime) => {
		const name = runtime === 'node' ? 'orchestra' : 'orchestra (Deno)';
		const baseline = `empty-${runtime}`;
		const run = (/** @type {string[]} */ ...args) => commands.runtime(runtime, [executable, ...args]);
		return [
			programRow(`version-${runtime}`, `${name} --version`, scale, () => run('--version'), baseline),
			programRow(
				`call-embedded-${runtime}`,
				`${name} call, embedded`,
				scale,
				() => run('call', example, ...question),
				baseline,
			),
			programRow(
				`call-served-${runtime}`,
				`${name} call, of a running server (tcp)`,
				scale,
				async () => run('call', await servedAddress(), ...question, '--certs-dir', certsDir),
				baseline,
			),
		];
	});
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'cli',
		title: 'whole runs of the executable',
		columns: [milliseconds],
		ratio: toEmptyNode,
		rows: [...emptyStarts, ...rows],
	};
	return { id: 'cli', title: 'Start-up of the executable', warm: false, cases: [one] };
}

/** The command that serves the example, for `call`. */
export function serveCommand(
	/** @type {import('../harness/commands.mjs').Commands} */ commands,
	/** @type {string} */ certsDir,
) {
	return commands.runtime('node', [
		executable,
		'serve',
		example,
		'--listen',
		'tcp://127.0.0.1:0',
		'--json',
		'--certs-dir',
		certsDir,
	]);
}
