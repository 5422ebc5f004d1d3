/**
 * Does work with a signal that aborts on Ctrl-C and SIGTERM, so that it can leave things whole. A second one ends this process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const interrupt = new AbortController();
	const onSignal = () => {
		if (interrupt.signal.aborted) process.exit(130);
		interrupt.abort();
	};
	process.on('SIGINT', onSignal);
	process.on('SIGTERM', onSignal);
	try {
		return await work(interrupt.signal);
	} finally {
		process.off('SIGINT', onSignal);
		process.off('SIGTERM', onSignal);
	}
}
