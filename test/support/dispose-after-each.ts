import { afterEach } from 'vitest';

/**
 * Disposes of what a case keeps when the case is over, the last first.
 *
 * @param timeoutMs for all of it. Default: that of every hook
 * @returns keeps a thing, and gives it back
 */
export function disposeAfterEach(timeoutMs?: number): <T extends AsyncDisposable>(thing: T) => T {
	const open: AsyncDisposable[] = [];
	afterEach(async () => {
		for (const thing of open.splice(0).reverse()) await thing[Symbol.asyncDispose]();
	}, timeoutMs);
	return (thing) => {
		open.push(thing);
		return thing;
	};
}
