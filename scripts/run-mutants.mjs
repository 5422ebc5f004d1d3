// Breaks the sources on purpose, one behaviour at a time, and says which breaks the tests do not notice:
// `npm run test:mutants [-- FOLDER…]`, with the names of files in test/mutants/ (default: all of them). `--seconds N` ends the run
// after that time, at the end of a break; `--resume` takes what earlier runs found out where neither the break, nor its file, nor the
// tests that decided have changed since. `--missed` tries only what was never noticed, and keeps what was found of the others, whatever has
// changed since. `--narrow` asks only the tests that the lists name, not the folder's others after them.
// `--check` only says which edits cannot be made any more, `--check-types` also which of them the compiler refuses. `--tables` only
// fills in the tables of test/mutants/README.md, as each run does in its end.
//
// Every break is an edit of one file in a copy of the project, and is taken back when its tests have run. First asked is the test that
// noticed it the last time. The score of each folder goes to test/mutants/score.json, who noticed what to noticed.json beside it; it
// exits 1 where a score is below 85 of 100, or where an edit cannot be made.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Baseline } from './mutants/baseline.mjs';
import { Found } from './mutants/found.mjs';
import { editFault, ProjectCopy } from './mutants/project-copy.mjs';
import { fillTables } from './mutants/readme.mjs';
import { TestRuns } from './mutants/test-runs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lists = join(root, 'test/mutants');
const scoreFile = join(lists, 'score.json');
const noticedFile = join(lists, 'noticed.json');
const readmeFile = join(lists, 'README.md');
const cache = join(root, 'node_modules/.cache/orchestra-mutants');

/** Of a folder's breaks, the share that has to be noticed. */
const enough = 0.85;

/**
 * @typedef {object} Mutant
 * @property {string} breaks what a user would notice: a sentence, and the mutant's name
 * @property {string} file below src/
 * @property {string} from text that is in it once
 * @property {string} to
 * @property {string[]} tests files or folders below test/, the nearest first
 * @property {string} [only] pattern of the names of the tests that are run
 * @property {string} [harmless] why nobody would notice; it is not run, and not counted
 */

function say(line) {
	process.stdout.write(`${line}\n`);
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

/** @returns {Promise<Mutant[]>} */
async function mutantsOf(folder) {
	return (await import(pathToFileURL(join(lists, `${folder}.mjs`)).href)).default;
}

/** The tests of the folder that a break is in. */
function suiteOf(copy, folder, mutant) {
	const suites = { carrier: 'carriers', toolchain: dirname(mutant.file) };
	return copy.testFiles(suites[folder] ?? folder) ?? [];
}

/** The runs of the tests that a break has to face, and what they come to. */
class Trial {
	#copy;
	#runs;
	#baseline;

	constructor(copy, runs, baseline) {
		this.#copy = copy;
		this.#runs = runs;
		this.#baseline = baseline;
	}

	/** Runs further tests in a new Vitest. */
	beginAnew() {
		this.#runs.close();
	}

	/** Runs a test file while a break is made. */
	async #run(file, mutant, options) {
		const broken = this.#copy.break(mutant);
		this.#runs.changed(broken.file);
		try {
			if (this.#copy.needsBuild(file)) broken.build();
			return await this.#runs.run(file, options);
		} finally {
			broken.mend();
			this.#runs.changed(broken.file);
		}
	}

	/** The test in a file that notices a break, if one does. @returns {Promise<{ ran?: boolean, test?: string, fault?: string }>} */
	async #ask(file, mutant, names) {
		const timeoutMs = this.#baseline.timeoutMs(file, names);
		let { passed, failed } = await this.#run(file, mutant, { names, timeoutMs });
		if (failed.length === 0) return { ran: passed.length > 0 };
		if (!(await this.#baseline.of(file, failed[0].name, names))) {
			say(`  ! ${file}: "${failed[0].name}" does not pass on the sources as they are`);
			({ passed, failed } = await this.#run(file, mutant, { names, timeoutMs, bail: false }));
		}
		let usual;
		let failure;
		for (failure of failed) {
			usual = await this.#baseline.of(file, failure.name, names);
			if (usual) break;
		}
		if (!failure || !usual) return { ran: true };
		const { name, late } = failure;
		if (!late) return { ran: true, test: name };
		// It may be the machine that was late: what fails twice was noticed.
		const patience = {
			timeoutMs: 2 * this.#baseline.timeoutMs(file, names),
			testTimeoutMs: Math.max(12_000, 4 * usual.ms),
		};
		const again = await this.#run(file, mutant, { names: name ? exactly(name) : names, ...patience });
		const found = again.passed.length + again.failed.length > 0;
		return { ran: true, test: found ? again.failed[0]?.name : name };
	}

	/** Who notices a break, if any of some files does. `fault` says why that cannot be told. */
	async ask(mutant, files, names) {
		let ran = false;
		for (const file of files) {
			/** @type {{ ran?: boolean, test?: string, fault?: string }} */
			const answer = await this.#ask(file, mutant, names).catch((error) => ({ fault: error.message }));
			if (answer.fault) return answer;
			ran ||= answer.ran ?? false;
			if (answer.test !== undefined)
				return { noticed: true, by: { file, test: answer.test || 'all of them' } };
		}
		return ran ? { noticed: false } : { fault: 'no test of that name' };
	}
}

/** A pattern of the name of one test, as Vitest looks for it: without what it shows between the suites. */
function exactly(name) {
	return `^${name.replaceAll(' > ', ' ').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
}

async function tryMutant(copy, trial, baseline, folder, mutant, before) {
	const named = mutant.tests.map((test) => copy.testFiles(test));
	if (named.includes(undefined))
		return { fault: `there is no test/${mutant.tests[named.indexOf(undefined)]}` };
	if (before && existsSync(copy.path(before.file))) {
		const result = await trial.ask(
			mutant,
			[before.file],
			before.test === 'all of them' ? undefined : exactly(before.test),
		);
		if (result.noticed) return result;
	}
	const near = [...new Set(named.flat())];
	let result = await trial.ask(mutant, near, mutant.only);
	if (!result.noticed && !result.fault && near.every((file) => baseline.ms(file) < 10_000)) {
		// What Vitest keeps of a file may be of before: one that begins anew keeps nothing.
		trial.beginAnew();
		result = await trial.ask(mutant, near, mutant.only);
	}
	if (result.noticed || result.fault || narrow) return result;
	const others = suiteOf(copy, folder, mutant).filter((file) => mutant.only || !near.includes(file));
	others.sort((a, b) => baseline.ms(a) - baseline.ms(b));
	const wide = others.length > 0 ? await trial.ask(mutant, others) : result;
	return wide.fault ? result : wide;
}

async function tryFolder(copy, trial, baseline, folder) {
	const harmless = [];
	const missed = [];
	const faults = [];
	const noticedBy = {};
	const found = new Found(copy, join(cache, `${folder}.json`));
	const noticedBefore = readJson(noticedFile)[folder] ?? {};
	const missedBefore = readJson(scoreFile)[folder]?.missed ?? [];
	let noticed = 0;
	let tried = 0;
	let untried = 0;
	const count = (mutant, result) => {
		tried++;
		if (result.noticed) {
			noticed++;
			noticedBy[mutant.breaks] = result.by;
		} else missed.push(mutant.breaks);
	};
	for (const mutant of await mutantsOf(folder)) {
		const { breaks } = mutant;
		if (mutant.harmless) {
			harmless.push({ change: breaks, why: mutant.harmless });
			continue;
		}
		if (pattern && !breaks.includes(pattern)) continue;
		if (missedOnly && noticedBefore[breaks]) {
			count(mutant, { noticed: true, by: noticedBefore[breaks] });
			continue;
		}
		const files = mutant.tests.flatMap((test) => copy.testFiles(test) ?? []);
		// Those that were asked in vain: a run that asks others finds it out anew.
		const suite = [...new Set([...files, ...(narrow ? [] : suiteOf(copy, folder, mutant))])];
		const before = resumes && existsSync(copy.path(join('src', mutant.file))) && found.get(mutant, suite);
		if (before) {
			count(mutant, before);
			if (!before.noticed) say(`  ✘ ${breaks} (before)`);
			continue;
		}
		if (performance.now() >= endsAt) {
			if (missedOnly && missedBefore.includes(breaks)) count(mutant, { noticed: false });
			else untried++;
			if (noticedBefore[breaks]) noticedBy[breaks] = noticedBefore[breaks];
			continue;
		}
		const begin = performance.now();
		const result = await tryMutant(copy, trial, baseline, folder, mutant, noticedBefore[breaks]);
		const time = `${((performance.now() - begin) / 1000).toFixed(1)} s`;
		if (result.fault) {
			faults.push(breaks);
			say(`  ? ${breaks}: ${result.fault}`);
			continue;
		}
		found.add(mutant, suite, result);
		count(mutant, result);
		const { by } = result;
		say(by ? `  ✔ ${breaks} (${time}): ${basename(by.file)} > ${by.test}` : `  ✘ ${breaks} (${time})`);
	}
	return {
		score: { tried, noticed, ...(untried > 0 ? { untried } : {}), missed, harmless },
		faults,
		noticedBy,
	};
}

function readJson(file) {
	return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

/** Writes what was found about a folder beside what is there about others. */
function writeEntry(file, folder, value) {
	const entries = Object.entries({ ...readJson(file), [folder]: value });
	const sorted = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
	writeFileSync(file, `${JSON.stringify(sorted, null, '\t')}\n`);
}

function filledReadme() {
	return fillTables(readFileSync(readmeFile, 'utf8'), readJson(scoreFile), readJson(noticedFile));
}

async function tryAll(copy, runs) {
	const baseline = new Baseline(copy, runs, join(cache, 'baseline.json'));
	const trial = new Trial(copy, runs, baseline);
	for (const folder of folders) {
		say(folder);
		const { score, faults, noticedBy } = await tryFolder(copy, trial, baseline, folder);
		const share = score.noticed / Math.max(1, score.tried);
		say(`  ${score.noticed} of ${score.tried} noticed`);
		if (score.untried) say(`  the time is over with ${score.untried} to go: --resume tries them`);
		if (faults.length > 0 || score.untried || share < enough) isEnough = false;
		if (pattern) continue;
		writeEntry(scoreFile, folder, score);
		writeEntry(noticedFile, folder, noticedBy);
		writeFileSync(readmeFile, filledReadme());
	}
}

/** The edits of a list that cannot be made in the sources as they are. */
async function faultsOf(folder) {
	return (await mutantsOf(folder)).flatMap((mutant) => {
		const file = join(root, 'src', mutant.file);
		const fault = existsSync(file) ? editFault(mutant, readFileSync(file, 'utf8')) : 'its file is gone';
		const absent = mutant.tests.find((test) => !existsSync(join(root, 'test', test)));
		const why = fault ?? (absent && `there is no test/${absent}`);
		return why ? [{ mutant, why }] : [];
	});
}

/** What the compiler says against edits, which are in different files: lines of its report. */
function typeFaults(copy, mutants) {
	const broken = mutants.map((mutant) => copy.break(mutant));
	try {
		const args = [copy.path('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--noEmit'];
		const { stdout } = spawnSync(process.execPath, args, { cwd: copy.folder, encoding: 'utf8' });
		return stdout.split('\n').filter((line) => line.includes('error TS'));
	} finally {
		for (const each of broken) each.mend();
	}
}

/** The edits that the compiler would have refused: they could not have been mistakes of ours. Many are looked at in one go. */
function refusedEdits(copy, mutants) {
	const refused = [];
	let left = mutants;
	while (left.length > 0) {
		const files = new Set();
		const round = left.filter(({ file }) => !files.has(file) && files.add(file));
		left = left.filter((mutant) => !round.includes(mutant));
		if (typeFaults(copy, round).length === 0) continue;
		const halves = [round];
		for (const half of halves) {
			const faults = typeFaults(copy, half);
			if (faults.length === 0) continue;
			if (half.length === 1) refused.push({ mutant: half[0], why: `it is refused: ${faults[0]}` });
			else halves.push(half.slice(0, half.length >> 1), half.slice(half.length >> 1));
		}
	}
	return refused;
}

/** Says which edits cannot be made; with a copy of the project, also what the compiler says against the others. */
async function check(copy) {
	const faults = new Map();
	const good = [];
	for (const folder of folders) {
		const mutants = await mutantsOf(folder);
		for (const { mutant, why } of await faultsOf(folder)) faults.set(mutant, why);
		good.push(...mutants.filter((mutant) => !faults.has(mutant)));
	}
	const refused = copy ? refusedEdits(copy, good) : [];
	for (const { mutant, why } of refused) faults.set(mutant, why);
	for (const [{ file, breaks }, why] of faults) say(`? ${file}: ${breaks}: ${why}`);
	const isFilled = filledReadme() === readFileSync(readmeFile, 'utf8');
	if (!isFilled) say('? test/mutants/README.md: its tables are not what was found; --tables fills them in');
	say(`${good.length} edits, ${faults.size} that cannot be made`);
	if (faults.size > 0 || !isFilled) isEnough = false;
}

const words = process.argv.slice(2);
/** `--only TEXT`: only the breaks with that text in their sentence; no score is written then. */
const pattern = option('--only');
const endsAt = performance.now() + 1000 * Number(option('--seconds') ?? Number.POSITIVE_INFINITY);
const resumes = isSet('--resume');
const missedOnly = isSet('--missed');
const narrow = isSet('--narrow');
const checksOnly = isSet('--check');
const checksTypes = isSet('--check-types');
const fillsTables = isSet('--tables');
const all = readdirSync(lists)
	.filter((name) => name.endsWith('.mjs'))
	.map((name) => basename(name, '.mjs'));
const folders = words.length > 0 ? words : all;
let isEnough = true;

async function runInCopy() {
	const copy = new ProjectCopy(root);
	const runs = new TestRuns(copy.folder);
	for (const signal of ['SIGINT', 'SIGTERM']) {
		process.once(signal, () => {
			// First who writes into the copy.
			runs.close();
			copy.remove();
			process.exit(130);
		});
	}
	try {
		if (checksTypes) await check(copy);
		else await tryAll(copy, runs);
	} finally {
		runs.close();
		copy.remove();
	}
}

if (fillsTables) writeFileSync(readmeFile, filledReadme());
else if (checksOnly) await check();
else await runInCopy();
process.exitCode = isEnough ? 0 : 1;
