import type { ErrorInfo } from './generated/messages.ts';
import { OrchestraError } from './orchestra-error.ts';

/** The part of an error that crosses to the peer: everything but its cause and its stack. */
export function toErrorInfo(error: OrchestraError): ErrorInfo {
	const info: ErrorInfo = { code: error.code, message: error.message };
	if (error.retryable) info.retryable = true;
	if (error.details !== undefined) info.details = error.details;
	if (error.hint !== undefined) info.hint = error.hint;
	return info;
}

/** The error that a peer reported. Codes that are not ours pass; without one it is a `handler_error`. */
export function fromErrorInfo(info: ErrorInfo): OrchestraError {
	return new OrchestraError(
		info.code || 'handler_error',
		info.message || 'the peer reported an error without a message',
		{
			retryable: info.retryable,
			details: info.details,
			hint: info.hint || undefined,
		},
	);
}
