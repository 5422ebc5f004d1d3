import type { JsonObject } from '../wire/json-value.ts';
import { OrchestraError, ToolError } from '../wire/orchestra-error.ts';

/** The error of an implementation for something that is not there. Code `not_found`, in process and over the wire. */
export function notFound(message: string, details?: JsonObject): ToolError {
	return new ToolError('not_found', message, { details });
}

/** The error of an implementation for something that is there already. Code `conflict`, in process and over the wire. */
export function conflict(message: string, details?: JsonObject): ToolError {
	return new ToolError('conflict', message, { details });
}

/** Whether an error, of whichever side, says that something is not there. */
export function isNotFound(error: unknown): error is OrchestraError {
	return error instanceof OrchestraError && error.code === 'not_found';
}

/** Whether an error, of whichever side, says that something is there already. */
export function isConflict(error: unknown): error is OrchestraError {
	return error instanceof OrchestraError && error.code === 'conflict';
}
