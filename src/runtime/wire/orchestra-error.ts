import type { ErrorCode } from './error-code.ts';
import type { JsonObject } from './json-value.ts';
import { messageOf } from './thrown-value.ts';

/** Facts that go with an {@link OrchestraError} besides its code and message. */
export interface ErrorOptions {
	/** One sentence: what the user can do about it. */
	hint?: string | undefined;
	/** Facts for programs: the path, the address, the faults. Never a secret. */
	details?: JsonObject | undefined;
	/** Whether the same call may succeed later, unchanged. Default false. */
	retryable?: boolean | undefined;
	/** The error underneath. */
	cause?: unknown;
}

/**
 * The error class of the runtime, for failures with a code of {@link errorCodes}: a plugin's own codes are for {@link ToolError}, and what
 * a peer answered is a {@link PeerError} with whatever code it has. `code` is what programs match on, `message` is one sentence that names what it is about,
 * `hint` says what to do. It survives every carrier in both directions ({@link OrchestraError.from} and the ErrorInfo message).
 */
export class OrchestraError extends Error {
	static override readonly name: string = 'OrchestraError';
	override readonly name: string = 'OrchestraError';
	/** An {@link ErrorCode}; of a ToolError or a PeerError also a code that a plugin chose. */
	readonly code: ErrorCode | (string & {});
	readonly hint: string | undefined;
	readonly details: JsonObject | undefined;
	readonly retryable: boolean;

	constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.code = code;
		this.hint = options.hint;
		this.details = options.details;
		this.retryable = options.retryable ?? false;
	}

	/** The error itself where it is one of ours already, else one with this code that has it as its cause. Never throws. */
	static from(error: unknown, code: ErrorCode, context?: string): OrchestraError {
		if (isOrchestraError(error)) return error;
		const text = messageOf(error);
		return new OrchestraError(code, context ? `${context}: ${text}` : text, { cause: error });
	}
}

/**
 * Error that a handler throws to fail its call with a code of its own. Anything else that it throws reaches the caller as
 * `handler_error` with the message. The messages of causes reach the caller too: no secret belongs there.
 *
 * @example throw new ToolError('city_unknown', `no city named ${city}`, { details: { city } });
 */
export class ToolError extends OrchestraError {
	static override readonly name = 'ToolError';
	override readonly name = 'ToolError';

	constructor(code: ErrorCode | (string & {}), message: string, options: ErrorOptions = {}) {
		super(code as ErrorCode, message, options);
	}
}

function isOrchestraError(error: unknown): error is OrchestraError {
	try {
		return error instanceof OrchestraError;
	} catch {
		return false; // A proxy that was revoked.
	}
}
