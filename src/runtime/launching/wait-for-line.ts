import { settlesWithin } from '../platform/settles-within.ts';
import type { OutputStream } from './output-relay.ts';
import type { PluginProcess } from './plugin-process.ts';

/** Milliseconds that the output of a process that has ended gets to arrive, for the report. */
const lastWordsMs = 250;

/** The line that is waited for, and the time limit. */
export interface LineWait<T> {
	readonly timeoutMs: number;
	readonly signal?: AbortSignal | undefined;
	/**
	 * Sees every line; true where it was meant for the host and is no output.
	 *
	 * @param found ends the waiting, with what the line says
	 */
	readonly watch: (line: string, stream: OutputStream, found: (value: T) => void) => boolean;
}

/** Line of a process, or why there is none: it ended first, took too long, or nobody waits any more. */
export type LineOutcome<T> = { readonly found: T } | 'ended' | 'late' | 'aborted';

/** Waits for a line of a process that has just been started. It ends no process: the caller does. Never rejects. */
export async function waitForLine<T>(process: PluginProcess, wait: LineWait<T>): Promise<LineOutcome<T>> {
	const { timeoutMs, signal, watch } = wait;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let onAbort: () => void = () => {};
	const outcome = await new Promise<LineOutcome<T>>((resolve) => {
		process.watchLines((line, stream) => watch(line, stream, (found) => resolve({ found })));
		timer = setTimeout(() => resolve('late'), timeoutMs);
		process.exited.then(async () => {
			// Its last words may still be in the pipe: they are for the report.
			await settlesWithin(process.gone, lastWordsMs);
			resolve('ended');
		});
		onAbort = () => resolve('aborted');
		if (signal?.aborted) onAbort();
		else signal?.addEventListener('abort', onAbort, { once: true });
	});
	process.watchLines(undefined);
	clearTimeout(timer);
	signal?.removeEventListener('abort', onAbort);
	return outcome;
}
