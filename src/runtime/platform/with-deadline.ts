/** Result of `run`, or a rejection with `expired()` when that takes longer than `ms`. A synchronous throw rejects too. */
export async function withDeadline<T>(
	ms: number,
	run: () => T | PromiseLike<T>,
	expired: () => Error,
): Promise<T> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const deadline = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(expired()), ms);
	});
	try {
		return await Promise.race([run(), deadline]);
	} finally {
		clearTimeout(timer);
	}
}
