import type { Address } from '../carrier/address.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { PluginProcess } from './plugin-process.ts';
import { dialableAddress, parseReadyLine } from './ready-line.ts';
import { notReadyFailure, type StartedCommand, startCancelled } from './start-failure.ts';
import { waitForLine } from './wait-for-line.ts';

/** Milliseconds in which a plugin has to be ready, by the process contract. */
export const defaultReadyTimeoutMs = 10_000;

/** Time limit and signal of the wait. */
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
	const { name, command, cwd, timeoutMs, signal } = options;
	let readyOnStdout = false;
	const outcome = await waitForLine<Address | { readonly error: unknown }>(process, {
		timeoutMs,
		signal,
		watch(line, stream, found) {
			if (stream === 'stderr' && options.watch?.(line)) return true;
			try {
				const address = parseReadyLine(line);
				if (!address) return false;
				if (stream === 'stderr') {
					found(address);
					return true;
				}
				readyOnStdout = true;
			} catch (error) {
				if (stream === 'stderr') found({ error });
			}
			return false;
		},
	});
	if (outcome === 'aborted') throw startCancelled(name, signal);
	const found = typeof outcome === 'object' ? outcome.found : undefined;
	if (found && !('error' in found)) return dialableAddress(found);
	const { exit, outputTail: tail } = process;
	throw await notReadyFailure(
		{ name, command, cwd, exit, tail, readyOnStdout, readyTimeoutMs: timeoutMs },
		found && OrchestraError.from(found.error, 'invalid_address'),
	);
}
