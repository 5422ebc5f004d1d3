import { logDocument, logLine } from '../runtime/plugin/definition/log-document.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { lastFailurePlace } from './describe-failure.ts';
import { exitCodeOf } from './exit-code.ts';
import { errorStyle } from './style.ts';
import { systemFailure } from './system-failure.ts';
import { visible, visibleLine } from './visible-text.ts';

function normalise(error: unknown): OrchestraError {
	const refused = systemFailure(error);
	if (refused) return refused;
	if (error instanceof OrchestraError) return error;
	// @inquirer throws this when a prompt is left with Ctrl-C.
	if (error instanceof Error && error.name === 'ExitPromptError') {
		return new OrchestraError('cancelled', 'nothing was done', { cause: error });
	}
	return OrchestraError.from(error, 'internal');
}

/** An error as the document that `--json` prints, and its exit code. */
export function describeError(caught: unknown): { readonly document: unknown; readonly exitCode: number } {
	const error = normalise(caught);
	const { code, message, hint } = error;
	const retryable = error.retryable || undefined;
	const place = code === 'handler_error' ? lastFailurePlace() : undefined;
	const details = place ? { ...error.details, ...place } : error.details;
	return { document: { error: { code, message, hint, retryable, details } }, exitCode: exitCodeOf(error) };
}

/**
 * Prints an error to stderr: a sentence and a hint.
 *
 * @returns the exit code that goes with it.
 */
export function reportError(caught: unknown): number {
	const error = normalise(caught);
	const lines = [`${errorStyle.red.bold('error')} ${visible(error.message)}`];
	for (const cause of causesIn(error)) lines.push(`  because ${visibleLine(cause)}`);
	if (error.hint) lines.push(`${errorStyle.dim('→')} ${visible(error.hint)}`);
	const stack = error.details?.stack;
	if (wantsStack() && typeof stack === 'string' && stack !== '') lines.push(errorStyle.dim(visible(stack)));
	if (error.code === 'internal') {
		lines.push(
			errorStyle.dim(error.cause instanceof Error ? (error.cause.stack ?? '') : (error.stack ?? '')),
		);
	}
	process.stderr.write(`${lines.join('\n')}\n`);
	return exitCodeOf(error);
}

/** Writes an error as a line of a log that is JSON. @returns the exit code that goes with it */
export function logError(caught: unknown): number {
	const { code, message, hint, details } = normalise(caught);
	const fields = { ...(hint ? { hint } : {}), ...(details ? { details } : {}) };
	const entry = { level: 'error', plugin: '', message, code, fields } as const;
	process.stderr.write(`${logLine(logDocument(entry))}\n`);
	return describeError(caught).exitCode;
}

/** Messages of the causes of a handler's failure; a peer may send any number of anything. */
function causesIn({ details }: OrchestraError): string[] {
	const causes = details?.causes;
	return Array.isArray(causes) ? causes.filter((cause) => typeof cause === 'string').slice(0, 5) : [];
}

/** Whether the command line asks for everything. */
function wantsStack(): boolean {
	return process.argv.includes('-v') || process.argv.includes('--verbose');
}
