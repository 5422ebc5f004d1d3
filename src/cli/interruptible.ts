import { exitOnNextSignal, nextSignal } from './next-signal.ts';

/**
 * Does work with a signal that aborts on Ctrl-C and SIGTERM, so that it can leave things whole. A second one ends this process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const first = nextSignal('SIGINT', 'SIGTERM');
	let second: Disposable | undefined;
	first.aborted.addEventListener('abort', () => {
		second = exitOnNextSignal();
	});
	try {
		return await work(first.aborted);
	} finally {
		first[Symbol.dispose]();
		second?.[Symbol.dispose]();
	}
}
