import { runAfterEach } from './run-after-each.ts';

/**
 * Disposes of what a case keeps when the case is over, the last first.
 *
 * @param timeoutMs for all of it. Default: that of every hook
 * @returns keeps a thing, and gives it back
 */
export function disposeAfterEach(timeoutMs?: number): <T extends AsyncDisposable>(thing: T) => T {
	const afterwards = runAfterEach(timeoutMs);
	return (thing) => {
		afterwards(() => thing[Symbol.asyncDispose]());
		return thing;
	};
}
