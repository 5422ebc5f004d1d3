import type { Reporter, TestModule } from 'vitest/node';
import { readMaySkip } from './may-skip.ts';

/**
 * Closes a run with one plain line, `N passed, N failed, N skipped`, after the names of what was skipped and, last, of what failed
 * with the first line of why: the end of a log is what is kept of it. Where the variable
 * `MAY_SKIP` names a list of tests, a test that was skipped and is not on it fails the run: what a machine lacks then shows.
 */
export default class SummaryReporter implements Reporter {
	onTestRunEnd(modules: readonly TestModule[]): void {
		let passed = 0;
		let failed = 0;
		const failures: string[] = [];
		const note = (name: string, why: string) => failures.push(`failed: ${name}: ${why.split('\n', 1)[0]}\n`);
		const skipped: string[] = [];
		for (const module of modules) {
			if (module.errors().length > 0) {
				failed += 1;
				note(module.relativeModuleId, module.errors()[0]?.message ?? '');
			}
			for (const test of module.children.allTests()) {
				const { state, errors } = test.result();
				if (state === 'passed') passed += 1;
				else if (state === 'failed') {
					failed += 1;
					note(`${module.relativeModuleId} > ${test.fullName}`, errors?.[0]?.message ?? '');
				} else skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
			}
		}
		const list = process.env.MAY_SKIP;
		const maySkip = list ? readMaySkip(list) : () => true;
		const names = skipped
			.map((name) => `${maySkip(name) ? 'skipped' : 'may not be skipped'}: ${name}\n`)
			.join('');
		process.stdout.write(
			`\n${names}${failures.join('')}${passed} passed, ${failed} failed, ${skipped.length} skipped\n`,
		);
		const missing = skipped.filter((name) => !maySkip(name)).length;
		if (missing === 0) return;
		process.stdout.write(`${missing} skipped that ${list} does not list\n`);
		process.exitCode = 1;
	}
}
