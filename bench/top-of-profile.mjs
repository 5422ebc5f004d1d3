// Where the time of CPU profiles went: `node bench/top-of-profile.mjs FILE.cpuprofile …`, for what --profile writes.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const shown = 25;

/**
 * @typedef {object} Profile
 * @property {{ id: number, callFrame: { functionName: string, url: string, lineNumber: number } }[]} nodes
 * @property {number[]} samples
 * @property {number[]} timeDeltas microseconds
 */

/** @param {Profile['nodes'][number]['callFrame']} frame */
function place({ functionName, url, lineNumber }) {
	const file = url.startsWith('file:') ? fileURLToPath(url).split('/').slice(-3).join('/') : url;
	return `${functionName || '(anonymous)'}${file ? `  ${file}:${lineNumber + 1}` : ''}`;
}

/** @param {string} file */
function print(file) {
	/** @type {Profile} */
	const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8'));
	const places = new Map(nodes.map(({ id, callFrame }) => [id, place(callFrame)]));
	/** @type {Map<string, number>} */
	const self = new Map();
	let busy = 0;
	samples.forEach((id, i) => {
		const name = places.get(id) ?? '?';
		if (name === '(idle)') return;
		const spent = timeDeltas[i] ?? 0;
		busy += spent;
		self.set(name, (self.get(name) ?? 0) + spent);
	});
	const most = [...self].sort(([, a], [, b]) => b - a).slice(0, shown);
	process.stdout.write(`\n${basename(file)}: ${(busy / 1e6).toFixed(2)} s of work, by self time\n`);
	for (const [name, spent] of most)
		process.stdout.write(`${((spent / busy) * 100).toFixed(1).padStart(6)} %  ${name}\n`);
}

for (const file of process.argv.slice(2)) print(file);
