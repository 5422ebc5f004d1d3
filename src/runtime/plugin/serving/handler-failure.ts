import type { JsonObject } from '../../wire/json-value.ts';
import { OrchestraError, ToolError } from '../../wire/orchestra-error.ts';
import { causesOf, isError, messageOf, textOf } from '../../wire/thrown-value.ts';

/**
 * Error of a handler for its caller: a ToolError (of whichever copy of this package) as it says, anything else as
 * `handler_error` with its message. What the causes say goes with either, as `causes` in the details; no stack does. Never throws, whatever it was that the handler threw.
 */
export function handlerFailure(thrown: unknown, subject: string): OrchestraError {
	if (isToolError(thrown)) {
		try {
			const { code, message, hint, details, retryable } = thrown;
			// A copy: what is a getter could throw the next time.
			return new ToolError(`${code}`, `${message}`, {
				hint,
				details: withCauses(details, thrown),
				retryable,
				cause: thrown,
			});
		} catch {
			// A part of it cannot be read.
		}
	}
	return new OrchestraError(
		'handler_error',
		messageOf(thrown, '') || `${subject} failed without saying why`,
		{
			details: withCauses(undefined, thrown),
			cause: thrown,
		},
	);
}

/** Details with what the causes say, unless they speak of causes themselves. */
function withCauses(details: JsonObject | undefined, thrown: unknown): JsonObject | undefined {
	const causes = causesOf(thrown);
	if (causes.length === 0 || (details != null && (typeof details !== 'object' || 'causes' in details))) {
		return details;
	}
	return { ...details, causes };
}

/** Whether a handler meant to fail its call, as opposed to a defect in it. Never throws. */
export function isToolError(thrown: unknown): thrown is ToolError {
	return isError(thrown) && textOf(thrown, 'name') === ToolError.name && textOf(thrown, 'code') !== undefined;
}
