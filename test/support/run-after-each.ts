import { afterEach } from 'vitest';

/**
 * Runs what a case leaves for its end when the case is over, the last first.
 *
 * @param timeoutMs for all of it. Default: that of every hook
 * @returns leaves one more thing to be done
 */
export function runAfterEach(timeoutMs?: number): (work: () => unknown) => void {
	const left: (() => unknown)[] = [];
	afterEach(async () => {
		for (const work of left.splice(0).reverse()) await work();
	}, timeoutMs);
	return (work) => {
		left.push(work);
	};
}
