import { OrchestraError, ToolError } from '../../wire/orchestra-error.ts';

/**
 * What a handler threw, as its caller gets it: a ToolError (of whichever copy of this package) as it is, anything else as
 * `handler_error` with its message only.
 */
export function handlerFailure(thrown: unknown, subject: string): OrchestraError {
	if (isToolError(thrown)) return thrown;
	const text = thrown instanceof Error ? thrown.message || thrown.name : thrownText(thrown);
	return new OrchestraError('handler_error', text || `${subject} failed without saying why`, {
		cause: thrown,
	});
}

/** Whether a handler meant to fail its call, as opposed to a defect in it. */
export function isToolError(thrown: unknown): thrown is ToolError {
	if (thrown instanceof ToolError) return true;
	return (
		thrown instanceof Error &&
		thrown.name === ToolError.name &&
		typeof (thrown as ToolError).code === 'string'
	);
}

/** Anything that was thrown, as a text: an error with its stack. Never throws. */
export function thrownText(thrown: unknown): string {
	try {
		return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
	} catch {
		return '';
	}
}
