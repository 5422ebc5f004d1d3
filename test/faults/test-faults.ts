import { beforeAll, describe, test } from 'vitest';
import type { Harness } from '../carriers/harness.ts';
import { createHarness } from '../carriers/harnesses.ts';
import type { FaultCase } from './fault-case.ts';

/** Makes tests of faults, on each carrier where they make sense. */
export function testFaults(faults: readonly FaultCase[]): void {
	describe.each(['tcp', 'quic'] as const)('%s', (carrier) => {
		let harness: Harness;

		beforeAll(async () => {
			harness = await createHarness(carrier);
		});

		for (const fault of faults) {
			if (fault.carriers.includes(carrier)) test(fault.name, () => fault.run(harness));
		}
	});
}
