// Runs the cases of terminal sessions for one place without a test framework, and prints a line of JSON for each:
//   deno run -A deno-runner.ts tcp [part of a case's name]
import { printReport, reportOf } from '../support/case-report.ts';
import { execCases } from './exec-cases.ts';
import { createHarness, type HarnessName } from './harness.ts';

const [name, part = ''] = process.argv.slice(2);
const harness = await createHarness(name as HarnessName);
for (const { name: caseName, run } of execCases) {
	if (!caseName.includes(part)) continue;
	const report = await reportOf(caseName, run(harness));
	await harness.endCase();
	printReport(report);
}
await harness.close();
process.exit(0);
