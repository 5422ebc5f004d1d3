// Runs the compliance suite for one carrier without a test framework, and prints a line of JSON for each case:
//   deno run -A deno-runner.ts tcp [part of a case's name]
import { printReport, reportOf } from '../support/case-report.ts';
import { LeftBehindWatch } from '../support/left-behind-watch.ts';
import { complianceCases } from './compliance.ts';
import { createHarness, type harnessNames } from './harnesses.ts';

const [name, part = ''] = process.argv.slice(2);
const watch = new LeftBehindWatch();
watch.start();
const harness = await createHarness(name as (typeof harnessNames)[number]);
for (const compliance of complianceCases) {
	if (!compliance.name.includes(part)) continue;
	const skipped = compliance.skip?.(harness);
	if (skipped) printReport({ name: compliance.name, skipped });
	else {
		watch.beginCase();
		printReport(await reportOf(compliance.name, compliance.run(harness), () => watch.endCase()));
	}
}
process.exit(0);
