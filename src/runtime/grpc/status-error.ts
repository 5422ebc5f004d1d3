import { type ServiceError, status } from '@grpc/grpc-js';
import type { ErrorCode } from '../wire/error-code.ts';
import { OrchestraError, ToolError } from '../wire/orchestra-error.ts';

/** Our codes for the statuses of gRPC that mean the same. The others keep their own name: `not_found`, `already_exists`, … */
const ownCodes: Partial<Record<status, ErrorCode>> = {
	[status.CANCELLED]: 'cancelled',
	[status.UNKNOWN]: 'handler_error',
	[status.INVALID_ARGUMENT]: 'invalid_arguments',
	[status.DEADLINE_EXCEEDED]: 'deadline_exceeded',
	[status.PERMISSION_DENIED]: 'permission_denied',
	[status.UNIMPLEMENTED]: 'method_not_found',
	[status.INTERNAL]: 'handler_error',
	[status.UNAVAILABLE]: 'connection_lost',
};

/** Statuses after which the same call may succeed. */
const retryable = new Set([status.RESOURCE_EXHAUSTED, status.ABORTED]);

/** Characters of a peer's text that are kept. */
const maxTextLength = 16 * 1024;

/**
 * The failure of a gRPC call as one of ours. The status goes along in `details.grpcStatus`, by its name.
 *
 * @param subject who was asked for what: `KV.Get of plugin kv`
 * @param named whether the message begins with it. Default: the text of the peer stands alone
 */
export function statusError(error: unknown, subject: string, named = false): OrchestraError {
	if (error instanceof OrchestraError) return error;
	if (!isServiceError(error)) return OrchestraError.from(error, 'handler_error', `${subject} failed`);
	const name = status[error.code]?.toLowerCase() ?? `grpc_${error.code}`;
	const text = error.details.slice(0, maxTextLength);
	const details = { grpcStatus: name };
	if (/^(Received|Sent|Attempted to send) message larger than max/i.test(text)) {
		return new ToolError('message_too_large', `${subject}: ${text}`, { details });
	}
	return new ToolError(
		ownCodes[error.code] ?? name,
		named || text === '' ? `${subject} failed: ${text || name}` : text,
		{
			details,
			retryable: retryable.has(error.code),
		},
	);
}

/** The code of our errors by a status of gRPC, the other way round. */
const statuses: Readonly<Record<string, status>> = {
	cancelled: status.CANCELLED,
	invalid_arguments: status.INVALID_ARGUMENT,
	deadline_exceeded: status.DEADLINE_EXCEEDED,
	permission_denied: status.PERMISSION_DENIED,
	method_not_found: status.UNIMPLEMENTED,
	tool_not_found: status.UNIMPLEMENTED,
	overloaded: status.RESOURCE_EXHAUSTED,
	message_too_large: status.RESOURCE_EXHAUSTED,
	storage_not_found: status.NOT_FOUND,
	storage_conflict: status.ABORTED,
	shutting_down: status.UNAVAILABLE,
};

/** The status with which a handler's failure is told to a gRPC client: by the name of a status, or by what our code means. */
export function statusOf(error: unknown): { code: status; details: string } {
	const { code, message } = OrchestraError.from(error, 'handler_error');
	const named = status[code.toUpperCase() as keyof typeof status];
	return { code: statuses[code] ?? named ?? status.UNKNOWN, details: message };
}

function isServiceError(error: unknown): error is ServiceError {
	return error instanceof Error && typeof (error as Partial<ServiceError>).code === 'number';
}
