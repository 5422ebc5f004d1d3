import { patienceMs } from '../support/patience.ts';

/** Waits until something that has to be asked for is true. */
export async function waitUntilAsync(condition: () => Promise<boolean>): Promise<void> {
	const deadline = Date.now() + patienceMs;
	while (!(await condition())) {
		if (Date.now() > deadline) throw new Error('this never became true');
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}
