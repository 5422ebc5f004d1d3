import { beforeAll, describe, test } from 'vitest';
import type { Harness } from '../carriers/harness.ts';
import { createHarness } from '../carriers/harnesses.ts';
import { carrierFaults } from './carrier-faults.ts';

describe.each(['tcp', 'quic'] as const)('faults over %s on Node', (name) => {
	let harness: Harness;

	beforeAll(async () => {
		harness = await createHarness(name);
	});

	for (const fault of carrierFaults) {
		if (fault.carriers.includes(name)) test(fault.name, () => fault.run(harness));
	}
});
