import { describe } from 'vitest';
import { testOnDeno } from '../support/deno-cases.ts';
import { execCases } from './exec-cases.ts';
import { harnessNames } from './harness.ts';

describe.each(harnessNames)('%s on Deno', (name) => {
	testOnDeno(new URL('./deno-runner.ts', import.meta.url), name, execCases);
});
