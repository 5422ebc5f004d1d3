/**
 * Outcome of a promise, or a rejection as soon as the signal aborts. The promise itself goes on, unheard.
 *
 * @param why makes the error of an abort
 */
export async function untilAborted<T>(
	promise: Promise<T>,
	signal: AbortSignal,
	why: (signal: AbortSignal) => unknown,
): Promise<T> {
	if (signal.aborted) throw why(signal);
	let onAbort: () => void = () => {};
	const aborted = new Promise<never>((_, reject) => {
		onAbort = () => reject(why(signal));
		signal.addEventListener('abort', onAbort, { once: true });
	});
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener('abort', onAbort);
	}
}
