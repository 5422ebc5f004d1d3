import { byteCases } from './cases/bytes.ts';
import { lifeCases } from './cases/lives.ts';
import type { ExecCase } from './harness.ts';

/** What terminal sessions promise, wherever the plugin and the client are. */
export const execCases: readonly ExecCase[] = [...lifeCases, ...byteCases];
