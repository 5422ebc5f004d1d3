import { patienceMs } from './patience.ts';

/** Waits for something that nobody tells of, by asking every 10 ms. Fails after `timeoutMs`. */
export async function waitUntil(condition: () => boolean, timeoutMs = patienceMs): Promise<void> {
	const deadline = Date.now() + timeoutMs;
	while (!condition()) {
		if (Date.now() > deadline) throw new Error(`this never became true: ${condition}`);
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}
