import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { milliseconds } from '../harness/columns.mjs';
import { projectRoot } from '../harness/paths.mjs';
import { runForFigures } from '../processes/run-for-figures.mjs';
import { clientName } from '../workload.mjs';
import { programRow, toEmptyNode } from './starts.mjs';

/** @typedef {'node' | 'deno'} Runtime */

const executable = join(projectRoot, 'bin/orchestra.js');
const example = join(projectRoot, 'examples/weather');
const savePlugin = fileURLToPath(new URL('../save-plugin.mjs', import.meta.url));
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
	/** @type {import('./case.mjs').Case} */
	const saved = {
		id: 'dev',
		title: 'a plugin that is saved under `orchestra dev`: until a call is answered by what was saved',
		columns: [milliseconds],
		ratio: toEmptyNode,
		rows: [
			...emptyStarts,
			...runtimes.flatMap((runtime) =>
				[false, true].map((spawns) => ({
					id: `dev-${spawns ? 'spawned' : 'embedded'}-${runtime}`,
					title: `orchestra dev${runtime === 'deno' ? ' (Deno)' : ''}, ${spawns ? 'in a process of its own' : 'embedded'}`,
					baseline: `empty-${runtime}`,
					measure: () => {
						const command = commands.runtime(runtime, [executable]);
						const task = { certsDir, clientName, times: scale.spawns, spawns, command };
						return runForFigures(
							commands.runtime('node', [savePlugin, JSON.stringify(task)]),
							scale.deadlineMs,
						);
					},
				})),
			),
		],
	};
	return { id: 'cli', title: 'Start-up of the executable', warm: false, cases: [one, saved] };
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
