import { callCases } from './cases/calls.ts';
import { hookCases } from './cases/hooks.ts';
import { lifeCases } from './cases/lives.ts';
import { partCases } from './cases/parts.ts';
import { processCases } from './cases/processes.ts';
import type { SessionCase } from './harness.ts';

/** What sessions promise, wherever the plugins and the client are. */
export const sessionCases: readonly SessionCase[] = [
	...lifeCases,
	...partCases,
	...hookCases,
	...callCases,
	...processCases,
];
