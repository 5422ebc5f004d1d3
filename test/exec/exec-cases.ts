import { byteCases } from './cases/bytes.ts';
import { endCases } from './cases/ends.ts';
import { lifeCases } from './cases/lives.ts';
import { refusalCases } from './cases/refusals.ts';
import type { ExecCase } from './harness.ts';

/** What terminal sessions promise, wherever the plugin and the client are. */
export const execCases: readonly ExecCase[] = [...lifeCases, ...byteCases, ...endCases, ...refusalCases];
