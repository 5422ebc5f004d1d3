import { OrchestraError, ToolError } from '../../wire/orchestra-error.ts';
import { isError, messageOf, textOf } from '../../wire/thrown-value.ts';

/**
 * What a handler threw, as its caller gets it: a ToolError (of whichever copy of this package) as what it says, anything else as
 * `handler_error` with its message only. Never throws, whatever it was that the handler threw.
 */
export function handlerFailure(thrown: unknown, subject: string): OrchestraError {
	if (isToolError(thrown)) {
		try {
			const { code, message, hint, details, retryable } = thrown;
			// A copy: what is a getter could throw the next time.
			return new ToolError(`${code}`, `${message}`, { hint, details, retryable, cause: thrown });
		} catch {
			// A part of it cannot be read.
		}
	}
	return new OrchestraError(
		'handler_error',
		messageOf(thrown, '') || `${subject} failed without saying why`,
		{
			cause: thrown,
		},
	);
}

/** Whether a handler meant to fail its call, as opposed to a defect in it. Never throws. */
export function isToolError(thrown: unknown): thrown is ToolError {
	return isError(thrown) && textOf(thrown, 'name') === ToolError.name && textOf(thrown, 'code') !== undefined;
}
