// Runs the cases of sessions for one place without a test framework, and prints a line of JSON for each:
//   deno run -A deno-runner.ts tcp [part of a case's name]
import { within } from '../carriers/within.ts';
import { createHarness, type HarnessName } from './harness.ts';
import { sessionCases } from './session-cases.ts';

/** What the runner says of a case. */
export interface CaseReport {
	readonly name: string;
	readonly error?: string;
}

const [name, part = ''] = process.argv.slice(2);
const harness = await createHarness(name as HarnessName);
for (const { name: caseName, run } of sessionCases) {
	if (!caseName.includes(part)) continue;
	const failed = await within(run(harness), 'the case ends', 30_000).then(
		() => undefined,
		(error: Error) => error.stack ?? String(error),
	);
	await harness.endCase();
	process.stdout.write(
		`${JSON.stringify(failed ? { name: caseName, error: failed } : { name: caseName })}\n`,
	);
}
await harness.close();
process.exit(0);
