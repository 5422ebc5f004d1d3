import { Errors } from '@oclif/core';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { exitCodeOf, exitCodes } from './exit-code.ts';
import { lastFailurePlace } from './handler-failure.ts';
import { errorStyle } from './style.ts';
import { visible } from './visible-text.ts';

/** oclif's own errors (a bad flag, an unknown command) as ours. */
function fromOclif(error: Errors.CLIError): OrchestraError {
	// oclif appends its help hint and lists to the message: the first line is the sentence.
	const [first = error.message] = error.message.split('\n');
	const rest = error.message
		.split('\n')
		.slice(1)
		.filter((line) => line.trim() !== '' && !line.startsWith('See more help'));
	const message = rest.length > 0 ? `${first}\n${rest.join('\n')}` : first;
	return new OrchestraError('usage', message, {
		hint: 'Add --help to see how the command is used.',
		cause: error,
	});
}

function normalise(error: unknown): OrchestraError {
	if (error instanceof OrchestraError) return error;
	if (error instanceof Errors.CLIError) return fromOclif(error);
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
	const place = code === 'handler_error' ? lastFailurePlace() : undefined;
	const details = place ? { ...error.details, ...place } : error.details;
	return { document: { error: { code, message, hint, details } }, exitCode: exitCodeOf(error) };
}

/**
 * Prints an error to stderr: a sentence and a hint.
 *
 * @returns the exit code that goes with it.
 */
export function reportError(caught: unknown): number {
	if (caught instanceof Errors.ExitError) return caught.oclif.exit ?? exitCodes.ok;
	const error = normalise(caught);
	const lines = [`${errorStyle.red.bold('error')} ${visible(error.message)}`];
	if (error.hint) lines.push(`${errorStyle.dim('→')} ${visible(error.hint)}`);
	if (error.code === 'internal') {
		lines.push(
			errorStyle.dim(error.cause instanceof Error ? (error.cause.stack ?? '') : (error.stack ?? '')),
		);
	}
	process.stderr.write(`${lines.join('\n')}\n`);
	return exitCodeOf(error);
}
