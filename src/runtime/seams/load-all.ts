/**
 * Loads several seams at the same time: all or none. Where one fails, those that were loaded are closed before it rejects, with the
 * error of the first in the order of the list.
 */
export async function loadAll<T extends readonly AsyncDisposable[]>(
	loads: {
		readonly [Index in keyof T]: () => Promise<T[Index]>;
	},
): Promise<T> {
	const settled = await Promise.allSettled(loads.map((load) => load()));
	const failed = settled.find((result) => result.status === 'rejected');
	const loaded = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
	if (!failed) return loaded as unknown as T;
	await closeAll(loaded);
	throw failed.reason;
}

/** Closes seams one after the other, in the order of the list. Never rejects. */
export async function closeAll(seams: readonly AsyncDisposable[]): Promise<void> {
	for (const seam of seams) {
		try {
			await seam[Symbol.asyncDispose]();
		} catch {
			// The others are closed all the same.
		}
	}
}
