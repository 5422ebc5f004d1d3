// Runs the faults of one carrier without a test framework, and prints a line of JSON for each:
//   deno run -A deno-runner.ts tcp [part of a name]
import { createHarness } from '../carriers/harnesses.ts';
import { within } from '../carriers/within.ts';
import { carrierFaults } from './carrier-faults.ts';
import type { FaultCarrier } from './fault-case.ts';

const [carrier, part = ''] = process.argv.slice(2) as [FaultCarrier, string?];
const harness = await createHarness(carrier);
for (const fault of carrierFaults) {
	if (!fault.carriers.includes(carrier) || !fault.name.includes(part)) continue;
	const error = await within(fault.run(harness), 'the case ends', 150_000).then(
		() => undefined,
		(reason: Error) => reason.stack ?? String(reason),
	);
	process.stdout.write(`${JSON.stringify({ name: fault.name, error })}\n`);
}
process.exit(0);
