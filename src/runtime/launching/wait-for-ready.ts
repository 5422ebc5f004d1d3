import type { Address } from '../carrier/address.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { PluginProcess } from './plugin-process.ts';
import { dialableAddress, parseReadyLine } from './ready-line.ts';
import { settlesWithin } from './settles-within.ts';
import { notReadyFailure, type StartedCommand, startCancelled } from './start-failure.ts';

/** Milliseconds in which a plugin has to be ready, by the process contract. */
export const defaultReadyTimeoutMs = 10_000;

/** Milliseconds that the output of a process that has ended gets to arrive, for the report. */
const lastWordsMs = 250;

/** How long, and for whom. */
export interface ReadyOptions extends StartedCommand {
	/** The plugin's id, or the command where that is not known: for messages. */
	readonly name: string;
	readonly timeoutMs: number;
	/** Sees every line on stderr first; true where it was meant for the host. */
	readonly watch?: ((line: string) => boolean) | undefined;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for the READY line on stderr, which may come after any amount of other output. It ends no process: the caller does.
 *
 * @throws OrchestraError `start_failed`: it ended first, said nothing in time, or named no usable address; `cancelled`
 */
export async function waitForReady(process: PluginProcess, options: ReadyOptions): Promise<Address> {
	let readyOnStdout = false;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let onAbort: (() => void) | undefined;
	const outcome = await new Promise<{ address: Address } | { error: unknown } | 'ended' | 'late' | 'aborted'>(
		(resolve) => {
			process.watchLines((line, stream) => {
				if (stream === 'stderr' && options.watch?.(line)) return true;
				try {
					const address = parseReadyLine(line);
					if (!address) return false;
					if (stream === 'stderr') {
						resolve({ address });
						return true;
					}
					readyOnStdout = true;
				} catch (error) {
					if (stream === 'stderr') resolve({ error });
				}
				return false;
			});
			timer = setTimeout(() => resolve('late'), options.timeoutMs);
			process.exited.then(async () => {
				// What it wrote before it ended may still be in the pipe: its last words, for the report.
				await settlesWithin(process.gone, lastWordsMs);
				resolve('ended');
			});
			onAbort = () => resolve('aborted');
			if (options.signal?.aborted) resolve('aborted');
			else options.signal?.addEventListener('abort', onAbort, { once: true });
		},
	);
	process.watchLines(undefined);
	clearTimeout(timer);
	if (onAbort) options.signal?.removeEventListener('abort', onAbort);
	if (outcome === 'aborted') throw startCancelled(options.name, options.signal);
	if (typeof outcome === 'object' && 'address' in outcome) return dialableAddress(outcome.address);
	throw await notReadyFailure(
		{
			name: options.name,
			command: options.command,
			cwd: options.cwd,
			exit: process.exit,
			tail: process.outputTail,
			readyOnStdout,
			readyTimeoutMs: options.timeoutMs,
		},
		typeof outcome === 'object' ? OrchestraError.from(outcome.error, 'invalid_address') : undefined,
	);
}
