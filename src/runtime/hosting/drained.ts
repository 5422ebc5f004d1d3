import type { IncomingExchange } from '../carrier/incoming-exchange.ts';

/** Something whose end can be waited for. */
interface Ending {
	readonly exchange: Pick<IncomingExchange, 'finished' | 'onEnd'>;
}

/** Resolves when the calls have ended, when the time is up, or when `over` settles. */
export async function drained(
	calls: readonly Ending[],
	timeoutMs: number,
	over?: Promise<unknown>,
): Promise<void> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<void>((resolve) => {
		if (Number.isFinite(timeoutMs)) timer = setTimeout(resolve, Math.max(0, timeoutMs));
	});
	const ends = calls.map(
		({ exchange }) =>
			new Promise<void>((resolve) => {
				if (exchange.finished) resolve();
				else exchange.onEnd(() => resolve());
			}),
	);
	await Promise.race([Promise.all(ends), late, ...(over ? [over] : [])]);
	clearTimeout(timer);
}
