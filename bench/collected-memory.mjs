// The resident memory of this process after a garbage collection, in bytes. On Node and on Deno.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** @returns {Promise<number>} */
export async function collectedMemory() {
	setFlagsFromString('--expose-gc');
	/** @type {(() => void) | undefined} */
	const gc = /** @type {any} */ (globalThis).gc ?? runInNewContext('globalThis.gc');
	// What a collection finalizes may be freed by the next one only.
	for (let i = 0; i < 3; i++) {
		gc?.();
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	return process.memoryUsage.rss();
}
