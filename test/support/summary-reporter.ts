import type { Reporter, TestModule } from 'vitest/node';

/** Closes a run with one plain line, `N passed, N failed, N skipped`, after the names of what was skipped. */
export default class SummaryReporter implements Reporter {
	onTestRunEnd(modules: readonly TestModule[]): void {
		let passed = 0;
		let failed = 0;
		const skipped: string[] = [];
		for (const module of modules) {
			if (module.errors().length > 0) failed += 1;
			for (const test of module.children.allTests()) {
				const { state } = test.result();
				if (state === 'passed') passed += 1;
				else if (state === 'failed') failed += 1;
				else skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
			}
		}
		const names = skipped.map((name) => `skipped: ${name}\n`).join('');
		process.stdout.write(`\n${names}${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
	}
}
