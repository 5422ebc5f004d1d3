import { settlesWithin } from '../platform/settles-within.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { endedEarlyError } from './ended-error.ts';
import type { PluginProcess } from './plugin-process.ts';
import { startCancelled } from './start-failure.ts';

/** Milliseconds in which the system reports the end of a process whose connection broke; a busy one needs hundreds. */
const exitNoticeMs = 1_000;

/** Codes that the end of a process has at the other end of its connection. */
const brokenCodes = new Set<string>(['connection_lost', 'unreachable', 'handshake_failed']);

/** Outcome of a step of a start; where it took too long, the error says which. */
export async function inTime<T>(step: Promise<T>, what: string, timeoutMs: number): Promise<T> {
	try {
		return await step;
	} catch (error) {
		if (!(error instanceof OrchestraError) || error.code !== 'deadline_exceeded') throw error;
		throw new OrchestraError('deadline_exceeded', `${what} within ${timeoutMs} ms`, {
			hint: 'Allow more time, or find out what it waits for.',
			retryable: true,
			cause: error,
		});
	}
}

/** Runs a step that ends early when the process does, or when the caller wants no more. */
export async function untilExit<T>(
	process: PluginProcess,
	name: string,
	outer: AbortSignal | undefined,
	step: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	const controller = new AbortController();
	let over = false;
	process.exited.then((status) => {
		if (over) return;
		controller.abort(endedEarlyError(name, status, process.outputTail));
	});
	const onAbort = () => controller.abort(startCancelled(name, outer));
	if (outer?.aborted) onAbort();
	else outer?.addEventListener('abort', onAbort, { once: true });
	try {
		return await step(controller.signal);
	} catch (error) {
		// The connection may notice the end of the process first; what the process says of it is worth more.
		if (error instanceof OrchestraError && brokenCodes.has(error.code)) {
			await settlesWithin(process.exited, exitNoticeMs);
		}
		throw controller.signal.aborted ? controller.signal.reason : error;
	} finally {
		over = true;
		outer?.removeEventListener('abort', onAbort);
	}
}
