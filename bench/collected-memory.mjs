// The resident memory of this process after a garbage collection, in bytes. On Node and on Deno.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * @param {number} restMs how long nothing is done between two collections: V8 gives the room for new objects back in one before which it saw
 * little made for five seconds
 * @returns {Promise<number>}
 */
export async function collectedMemory(restMs) {
	setFlagsFromString('--expose-gc');
	/** @type {(() => void) | undefined} */
	const gc = /** @type {any} */ (globalThis).gc ?? runInNewContext('globalThis.gc');
	for (const ms of [restMs, 100, 100]) {
		gc?.();
		await new Promise((resolve) => setTimeout(resolve, ms));
	}
	// What a collection finalizes may be freed by the next one only.
	gc?.();
	return process.memoryUsage.rss();
}
