// Runs test files of a copy of the project, one after another, for scripts/mutants/test-runs.mjs: starting Vitest for each of them would
// take longer than most of them do. It is told `{ file, changed, names?, bail, testTimeoutMs }`, and answers `{ tests, errors }`.
import { createVitest } from 'vitest/node';

const [folder = '.'] = process.argv.slice(2);
const vitest = await createVitest(
	'test',
	{ root: folder, watch: false, reporters: [{}], globalSetup: [], passWithNoTests: true },
	{},
);
await vitest.standalone();

async function run({ file, changed, names, bail, testTimeoutMs }) {
	for (const path of changed) vitest.invalidateFile(path);
	// What failed in the file before would end this one at once.
	vitest.state.idMap.clear();
	vitest.state.filesMap.clear();
	vitest.clearSpecificationsCache();
	for (const { config } of vitest.projects) {
		config.bail = bail ? 1 : 0;
		config.testTimeout = testTimeoutMs;
		// Less than the tests have otherwise: most breaks that hang do so for ever.
		config.hookTimeout = Math.max(60_000, testTimeoutMs);
	}
	if (names) vitest.setGlobalTestNamePattern(new RegExp(names));
	else vitest.resetGlobalTestNamePattern();
	const specifications = await vitest.globTestSpecifications([file]);
	const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications, false);
	const tests = [];
	const errors = unhandledErrors.map((error) => stackOf(error));
	for (const module of testModules) {
		errors.push(...module.errors().map((error) => error.stack ?? error.message));
		for (const suite of module.children.allSuites()) {
			errors.push(...suite.errors().map((error) => error.stack ?? error.message));
		}
		for (const test of module.children.allTests()) {
			const { state, errors: failures = [] } = test.result();
			const message = failures.map((failure) => failure.message).join('\n');
			tests.push({ name: test.fullName, state, message, ms: Math.round(test.diagnostic()?.duration ?? 0) });
		}
	}
	return { tests, errors };
}

/** Tells the process that started this one. */
function send(message) {
	process.send?.(message);
}

/** What an error says, with its stack where it has one. */
function stackOf(error) {
	return String(error?.stack ?? error);
}

process.on('message', async (/** @type {any} */ request) => {
	send(await run(request).catch((error) => ({ tests: [], errors: [stackOf(error)] })));
});
process.on('disconnect', () => process.exit());
send('ready');
