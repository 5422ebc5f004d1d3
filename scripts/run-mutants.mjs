// Breaks the sources on purpose, one behaviour at a time, and says which breaks the tests nearest to them do not notice:
// `npm run test:mutants [-- FOLDER…]`, with the names of files in test/mutants/ (default: all of them).
//
// Every break is an edit of one file in a copy of the project, which is type-checked, so that it could have been a mistake of ours,
// and taken back when its tests have run. The score of each folder goes to test/mutants/score.json; it exits 1 where one is below
// 85 of 100, or where an edit does not apply any more.
import { spawnSync } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lists = join(root, 'test/mutants');
const scoreFile = join(lists, 'score.json');

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
 * @property {boolean} [built] whether these tests run the executable
 * @property {string} [harmless] why nobody would notice; it is not run, and not counted
 */

function say(line) {
	process.stdout.write(`${line}\n`);
}

function run(cwd, program, args, timeout) {
	return spawnSync(process.execPath, [join(cwd, program), ...args], { cwd, encoding: 'utf8', timeout });
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
		if (mutant.built) {
			const built = run(copy, 'scripts/build.mjs', []);
			if (built.status !== 0) return { fault: `it cannot be built: ${built.stdout}${built.stderr}` };
		} else {
			const args = [
				'-p',
				'tsconfig.build.json',
				'--noEmit',
				'--emitDeclarationOnly',
				'false',
				'--incremental',
				'--tsBuildInfoFile',
				'types.tsbuildinfo',
			];
			const checked = run(copy, 'node_modules/typescript/bin/tsc', args);
			if (checked.status !== 0) return { fault: `its types are wrong: ${checked.stdout}` };
			// So that the tests do not build what they do not run.
			const now = new Date();
			utimesSync(join(copy, 'oclif.manifest.json'), now, now);
		}
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
	let noticed = 0;
	let tried = 0;
	let wasBuilt = false;
	for (const mutant of /** @type {Mutant[]} */ (mutants)) {
		const { breaks } = mutant;
		if (mutant.harmless) {
			harmless.push({ change: breaks, why: mutant.harmless });
			continue;
		}
		if (pattern && !breaks.includes(pattern)) continue;
		if (wasBuilt && !mutant.built) run(copy, 'scripts/build.mjs', []);
		wasBuilt = mutant.built ?? false;
		const begin = performance.now();
		const result = tryMutant(copy, mutant);
		const time = `${((performance.now() - begin) / 1000).toFixed(1)} s`;
		if (result.fault) {
			faults.push(breaks);
			say(`  ? ${breaks}: ${result.fault}`);
			continue;
		}
		tried++;
		if (result.noticed) noticed++;
		else missed.push(breaks);
		say(result.noticed ? `  ✔ ${breaks} (${time}): ${result.by}` : `  ✘ ${breaks} (${time})`);
	}
	if (wasBuilt) run(copy, 'scripts/build.mjs', []);
	return { tried, noticed, missed, harmless, faults };
}

/** `--only TEXT`: only the breaks with that text in their sentence; no score is written then. */
const words = process.argv.slice(2);
const onlyAt = words.indexOf('--only');
const [, pattern] = onlyAt === -1 ? [] : words.splice(onlyAt, 2);
const all = readdirSync(lists)
	.filter((name) => name.endsWith('.mjs'))
	.map((name) => basename(name, '.mjs'));
const folders = words.length > 0 ? words : all;
const copy = copyProject();
let isEnough = true;
try {
	const built = run(copy, 'scripts/build.mjs', ['--if-stale']);
	if (built.status !== 0) throw new Error(`the copy cannot be built:\n${built.stdout}${built.stderr}`);
	for (const folder of folders) {
		say(folder);
		const { faults, ...score } = await tryFolder(copy, folder);
		const share = score.noticed / Math.max(1, score.tried);
		say(`  ${score.noticed} of ${score.tried} noticed`);
		if (faults.length > 0 || share < enough) isEnough = false;
		if (pattern) continue;
		const scores = existsSync(scoreFile) ? JSON.parse(readFileSync(scoreFile, 'utf8')) : {};
		scores[folder] = score;
		const sorted = Object.fromEntries(Object.entries(scores).sort(([a], [b]) => (a < b ? -1 : 1)));
		writeFileSync(scoreFile, `${JSON.stringify(sorted, null, 2)}\n`);
	}
} finally {
	rmSync(copy, { recursive: true, force: true });
}
process.exitCode = isEnough ? 0 : 1;
