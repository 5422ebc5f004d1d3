import { createHarness as createSessionHarness } from '../sessions/harness.ts';

export { type HarnessName, harnessNames } from '../sessions/harness.ts';

export const createHarness = createSessionHarness;
export type Harness = Awaited<ReturnType<typeof createSessionHarness>>;

/** One requirement of terminal sessions, as a test that needs no framework. Its name begins with its row. */
export interface ExecCase {
	readonly name: string;
	run(harness: Harness): Promise<void>;
}
