import { formatExit } from '../../platform/exit-status.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { explainExecutable } from '../explain-executable.ts';
import type { PluginProcess } from '../plugin-process.ts';
import { startCancelled } from '../start-failure.ts';
import { waitForLine } from '../wait-for-line.ts';
import type { GoPluginSettings } from './go-plugin-settings.ts';
import { type Handshake, parseHandshake } from './handshake-line.ts';

/** Lines that a plugin may print before its handshake. */
const maxLinesBefore = 1_000;

/** Time limit and signal of the wait. */
export interface HandshakeOptions {
	/** The plugin, for messages. */
	readonly name: string;
	readonly command: string;
	readonly timeoutMs: number;
	readonly settings: GoPluginSettings;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for the handshake line on stdout; other lines may come before it. It ends no process: the caller does.
 *
 * @throws OrchestraError `start_failed`: it ended first, said nothing in time, too much, or what cannot be used; `cancelled`
 */
export async function waitForHandshake(
	process: PluginProcess,
	options: HandshakeOptions,
): Promise<Handshake> {
	const { name, settings, signal, timeoutMs } = options;
	let before = 0;
	const outcome = await waitForLine<string | undefined>(process, {
		timeoutMs,
		signal,
		watch(line, stream, found) {
			if (stream === 'stderr') return false;
			if (/^\d+\|/.test(line)) {
				found(line);
				return true;
			}
			if (++before > maxLinesBefore) found(undefined);
			return false;
		},
	});
	if (outcome === 'aborted') throw startCancelled(name, signal);
	const line = typeof outcome === 'object' ? outcome.found : undefined;
	if (line !== undefined) return parseHandshake(line, name, settings.versions);
	throw await noHandshake(process, options, typeof outcome === 'object' ? 'flood' : outcome);
}

async function noHandshake(
	process: PluginProcess,
	{ name, command, timeoutMs, settings }: HandshakeOptions,
	outcome: 'ended' | 'late' | 'flood',
): Promise<OrchestraError> {
	const { exit, outputTail } = process;
	const output = outputTail.join('\n');
	const details = {
		command,
		output: [...outputTail],
		...(exit ? { exitCode: exit.code, signal: exit.signal } : {}),
	};
	const said = output === '' ? 'It printed nothing.' : `Its last output:\n${output}`;
	if (/This binary is a plugin/.test(output)) {
		const text = `${name} is a go-plugin, but wants another cookie than ${settings.cookie.key}=${settings.cookie.value}`;
		const hint = `Give the one of its host: --cookie KEY=VALUE. ${said}`;
		return new OrchestraError('start_failed', text, { hint, details });
	}
	const explanation = exit ? await explainExecutable(command) : undefined;
	const message = {
		ended: `${name} ended before its handshake (${exit ? formatExit(exit) : 'unknown'})`,
		late: `${name} said no handshake within ${timeoutMs} ms`,
		flood: `${name} printed ${maxLinesBefore} lines, and none is the handshake of a go-plugin`,
	}[outcome];
	return new OrchestraError('start_failed', message, {
		hint: [explanation ?? 'Is it a go-plugin?', said].join(' '),
		details,
		retryable: outcome !== 'flood' && explanation === undefined,
	});
}
