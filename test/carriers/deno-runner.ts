// Runs the compliance suite for one carrier without a test framework, and prints a line of JSON for each case:
//   deno run -A deno-runner.ts tcp [part of a case's name]
import { complianceCases } from './compliance.ts';
import { createHarness, type harnessNames } from './harnesses.ts';
import { within } from './within.ts';

/** What the runner says of a case. */
export interface CaseReport {
	readonly name: string;
	readonly skipped?: string;
	readonly error?: string;
}

const [name, part = ''] = process.argv.slice(2);
const harness = await createHarness(name as (typeof harnessNames)[number]);
for (const compliance of complianceCases) {
	if (!compliance.name.includes(part)) continue;
	const skipped = compliance.skip?.(harness);
	report(
		skipped
			? { name: compliance.name, skipped }
			: await within(compliance.run(harness), 'the case ends', 30_000).then(
					() => ({ name: compliance.name }),
					(error: Error) => ({ name: compliance.name, error: error.stack ?? String(error) }),
				),
	);
}
process.exit(0);

function report(line: CaseReport): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}
