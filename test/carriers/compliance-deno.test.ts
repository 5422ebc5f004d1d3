import { describe } from 'vitest';
import { testOnDeno } from '../support/deno-cases.ts';
import { complianceCases } from './compliance.ts';
import { harnessNames } from './harnesses.ts';

describe.each(harnessNames)('%s on Deno', (name) => {
	testOnDeno(new URL('./deno-runner.ts', import.meta.url), name, complianceCases);
});
