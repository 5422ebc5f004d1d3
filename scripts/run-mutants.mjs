// Breaks the sources on purpose, one behaviour at a time, and says which breaks the tests nearest to them do not notice:
// `npm run test:mutants [-- FOLDER…]`, with the names of files in test/mutants/ (default: all of them). `--seconds N` ends the run
// after that time, at the end of a break; `--resume` takes what earlier runs found out where neither the break, nor its file, nor its
// tests have changed since. `--check` only says which edits do not apply any more.
//
// Every break is an edit of one file in a copy of the project, which is type-checked, so that it could have been a mistake of ours,
// and taken back when its tests have run. The score of each folder goes to test/mutants/score.json; it exits 1 where one is below
// 85 of 100, or where an edit does not apply any more.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lists = join(root, 'test/mutants');
const scoreFile = join(lists, 'score.json');
const foundFolder = join(root, 'node_modules/.cache/orchestra-mutants');

/** Of a folder's breaks, the share that has to be noticed. */
const enough = 0.85;

/** Milliseconds for the tests of one break. One that makes them hang was noticed. */
const testTimeoutMs = 120_000;

/** What the tests need of the project. */
const parts = [
	'bench',
	'bin',
	'dist',
	'docs',
	'examples',
	'oclif.manifest.json',
	'package.json',
	'proto',
	'README.md',
	'scripts',
	'src',
	'templates',
	'test',
	'tsconfig.build.json',
	'tsconfig.json',
	'vitest.config.ts',
];

/**
 * @typedef {object} Mutant
 * @property {string} breaks what a user would notice: a sentence, and the mutant's name
 * @property {string} file below src/
 * @property {string} from text that is in it once
 * @property {string} to
 * @property {string[]} tests files below test/, the nearest first
 * @property {string} [only] pattern of the names of the tests that are run
 * @property {string} [harmless] why nobody would notice; it is not run, and not counted
 */

function say(line) {
	process.stdout.write(`${line}\n`);
}

function run(cwd, program, args, timeout) {
	return spawnSync(process.execPath, [join(cwd, program), ...args], {
		cwd,
		encoding: 'utf8',
		timeout,
		maxBuffer: 64 * 1024 * 1024,
	});
}

/** A copy of the project in which files can be broken. */
function copyProject() {
	const copy = realpathSync(mkdtempSync(join(tmpdir(), 'orchestra-mutants-')));
	for (const part of parts) {
		const from = join(root, part);
		if (existsSync(from)) cpSync(from, join(copy, part), { recursive: true, preserveTimestamps: true });
	}
	symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
	// An edit may leave something unused.
	const settings = join(copy, 'tsconfig.json');
	writeFileSync(settings, readFileSync(settings, 'utf8').replace(/("noUnused\w+"): true/g, '$1: false'));
	return copy;
}

/** What there is to say against an edit; undefined where it can be made. */
function editFault({ from, to }, source) {
	const count = source.split(from).length - 1;
	if (count === 0) return 'its text is not in the file any more';
	if (count > 1) return `its text is in the file ${count} times`;
	return from === to ? 'it changes nothing' : undefined;
}

/** The files of a test, or of a folder of tests. */
function testFiles(copy, test) {
	const path = join(copy, 'test', test);
	if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
	return readdirSync(path, { recursive: true })
		.map((name) => join(path, name))
		.filter((file) => statSync(file).isFile())
		.sort();
}

/** Tells whether a break is still the one that an earlier run tried. */
function keyOf(copy, mutant) {
	const hash = createHash('sha256').update(JSON.stringify(mutant));
	const tests = mutant.tests.flatMap((test) => testFiles(copy, test));
	for (const file of [join(copy, 'src', mutant.file), ...tests]) {
		hash.update(existsSync(file) ? readFileSync(file) : 'absent');
	}
	return hash.digest('hex');
}

/** What runs found out about the breaks of a folder, by their keys. */
class Found {
	#copy;
	#file;
	#results = {};

	constructor(copy, folder) {
		this.#copy = copy;
		this.#file = join(foundFolder, `${folder}.json`);
		if (resumes && existsSync(this.#file)) this.#results = JSON.parse(readFileSync(this.#file, 'utf8'));
	}

	get(mutant) {
		return this.#results[keyOf(this.#copy, mutant)];
	}

	add(mutant, result) {
		this.#results[keyOf(this.#copy, mutant)] = result;
		mkdirSync(foundFolder, { recursive: true });
		writeFileSync(this.#file, JSON.stringify(this.#results));
	}
}

function runTests(copy, { tests, only }) {
	const files = tests.map((test) => `test/${test}`);
	const absent = files.find((file) => !existsSync(join(copy, file)));
	if (absent) return { fault: `there is no ${absent}` };
	const named = only ? ['-t', only] : [];
	const args = ['run', '--bail=1', '--reporter=json', '--no-color', ...named, ...files];
	const { status, signal, stdout, stderr } = run(copy, 'node_modules/vitest/vitest.mjs', args, testTimeoutMs);
	if (signal) return { noticed: true, by: 'they did not end' };
	const text = stdout.slice(stdout.indexOf('{"numTotalTestSuites"'));
	let report;
	try {
		report = JSON.parse(text.slice(0, text.lastIndexOf('}') + 1));
	} catch {
		return { fault: `its tests did not run: ${(stderr || stdout).slice(-400)}` };
	}
	if (report.numPassedTests + report.numFailedTests === 0) {
		const [message = 'no test of that name'] = report.testResults
			.map(({ message }) => message)
			.filter(Boolean);
		return { fault: `its tests did not run: ${message.slice(0, 400)}` };
	}
	if (status === 0) return { noticed: false };
	const failed = report.testResults.flatMap(({ assertionResults }) =>
		assertionResults.filter(({ status }) => status === 'failed'),
	);
	return { noticed: true, by: failed[0]?.fullName ?? 'an error outside of the tests' };
}

/** Breaks the copy, runs the tests, and mends it. */
function tryMutant(copy, mutant) {
	const file = join(copy, 'src', mutant.file);
	if (!existsSync(file)) return { fault: 'its file is gone' };
	const source = readFileSync(file, 'utf8');
	const fault = editFault(mutant, source);
	if (fault) return { fault };
	writeFileSync(
		file,
		source.replace(mutant.from, () => mutant.to),
	);
	try {
		// Some tests run the executable, and the build checks the types.
		const built = run(copy, 'scripts/build.mjs', []);
		if (built.status !== 0) return { fault: `it cannot be built: ${built.stdout}${built.stderr}` };
		return runTests(copy, mutant);
	} finally {
		writeFileSync(file, source);
	}
}

async function tryFolder(copy, folder) {
	const { default: mutants } = await import(pathToFileURL(join(lists, `${folder}.mjs`)).href);
	const harmless = [];
	const missed = [];
	const faults = [];
	const found = new Found(copy, folder);
	let noticed = 0;
	let tried = 0;
	let untried = 0;
	for (const mutant of /** @type {Mutant[]} */ (mutants)) {
		const { breaks } = mutant;
		if (mutant.harmless) {
			harmless.push({ change: breaks, why: mutant.harmless });
			continue;
		}
		if (pattern && !breaks.includes(pattern)) continue;
		const before = found.get(mutant);
		if (before) {
			tried++;
			if (before.noticed) noticed++;
			else missed.push(breaks);
			if (!before.noticed) say(`  ✘ ${breaks} (before)`);
			continue;
		}
		if (performance.now() >= endsAt) {
			untried++;
			continue;
		}
		const begin = performance.now();
		const result = tryMutant(copy, mutant);
		const time = `${((performance.now() - begin) / 1000).toFixed(1)} s`;
		if (result.fault) {
			faults.push(breaks);
			say(`  ? ${breaks}: ${result.fault}`);
			continue;
		}
		found.add(mutant, result);
		tried++;
		if (result.noticed) noticed++;
		else missed.push(breaks);
		say(result.noticed ? `  ✔ ${breaks} (${time}): ${result.by}` : `  ✘ ${breaks} (${time})`);
	}
	return { tried, noticed, ...(untried > 0 ? { untried } : {}), missed, harmless, faults };
}

/** The value of an option, taken out of the words; undefined where it was not given. */
function option(name) {
	const at = words.indexOf(name);
	return at === -1 ? undefined : words.splice(at, 2)[1];
}

/** Whether a switch was given; it is taken out of the words. */
function isSet(name) {
	const at = words.indexOf(name);
	return at !== -1 && words.splice(at, 1).length === 1;
}

/** The edits of a list that cannot be made in the sources as they are. */
async function faultsOf(folder) {
	const { default: mutants } = await import(pathToFileURL(join(lists, `${folder}.mjs`)).href);
	return mutants.flatMap((mutant) => {
		const file = join(root, 'src', mutant.file);
		const fault = existsSync(file) ? editFault(mutant, readFileSync(file, 'utf8')) : 'its file is gone';
		const absent = mutant.tests.find((test) => !existsSync(join(root, 'test', test)));
		const why = fault ?? (absent && `there is no test/${absent}`);
		return why ? [`  ? ${mutant.breaks}: ${why}`] : [];
	});
}

const words = process.argv.slice(2);
/** `--only TEXT`: only the breaks with that text in their sentence; no score is written then. */
const pattern = option('--only');
const endsAt = performance.now() + 1000 * Number(option('--seconds') ?? Number.POSITIVE_INFINITY);
const resumes = isSet('--resume');
const checksOnly = isSet('--check');
const all = readdirSync(lists)
	.filter((name) => name.endsWith('.mjs'))
	.map((name) => basename(name, '.mjs'));
const folders = words.length > 0 ? words : all;
let isEnough = true;

async function tryAll(copy) {
	const built = run(copy, 'scripts/build.mjs', ['--if-stale']);
	if (built.status !== 0) throw new Error(`the copy cannot be built:\n${built.stdout}${built.stderr}`);
	for (const folder of folders) {
		say(folder);
		const { faults, ...score } = await tryFolder(copy, folder);
		const share = score.noticed / Math.max(1, score.tried);
		say(`  ${score.noticed} of ${score.tried} noticed`);
		if (score.untried) say(`  the time is over with ${score.untried} to go: --resume tries them`);
		if (faults.length > 0 || score.untried || share < enough) isEnough = false;
		if (pattern) continue;
		const scores = existsSync(scoreFile) ? JSON.parse(readFileSync(scoreFile, 'utf8')) : {};
		scores[folder] = score;
		const sorted = Object.fromEntries(Object.entries(scores).sort(([a], [b]) => (a < b ? -1 : 1)));
		writeFileSync(scoreFile, `${JSON.stringify(sorted, null, '\t')}\n`);
	}
}

if (checksOnly) {
	for (const folder of folders) {
		const faults = await faultsOf(folder);
		say([folder, ...faults].join('\n'));
		if (faults.length > 0) isEnough = false;
	}
} else {
	const copy = copyProject();
	try {
		await tryAll(copy);
	} finally {
		rmSync(copy, { recursive: true, force: true });
	}
}
process.exitCode = isEnough ? 0 : 1;
