// Runs the cases of terminal sessions for one place without a test framework, and prints a line of JSON for each:
//   deno run -A deno-runner.ts tcp [part of a case's name]
import { runCases } from '../support/case-report.ts';
import { execCases } from './exec-cases.ts';
import { createHarness, type HarnessName } from './harness.ts';

const [name, part = ''] = process.argv.slice(2);
await runCases(execCases, await createHarness(name as HarnessName), part);
