// Runs the cases of sessions for one place without a test framework, and prints a line of JSON for each:
//   deno run -A deno-runner.ts tcp [part of a case's name]
import { runCases } from '../support/case-report.ts';
import { createHarness, type HarnessName } from './harness.ts';
import { sessionCases } from './session-cases.ts';

const [name, part = ''] = process.argv.slice(2);
await runCases(sessionCases, await createHarness(name as HarnessName), part);
