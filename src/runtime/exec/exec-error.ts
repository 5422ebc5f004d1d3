import type { StreamError } from '../services/exec-service.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { messageOf } from '../wire/thrown-value.ts';

/** Facts of an {@link ExecError} besides its title. */
export interface ExecErrorOptions {
	/** Cause of the failure, for a person. Default: the message of `cause`, else the title. */
	readonly message?: string;
	/** Action that the person can take. */
	readonly suggestion?: string;
	/** Whether the same may succeed later. Default false. */
	readonly retryable?: boolean;
	/** Commands that are worth a try instead. */
	readonly retryCommands?: readonly string[];
	readonly cause?: unknown;
}

/**
 * Error with which a handler ends a session, in parts that a client can show: a title, a message, a suggestion, commands to try.
 *
 * @example throw new ExecError('No shell', { suggestion: 'Try another one.', retryCommands: ['sh'] });
 */
export class ExecError extends OrchestraError {
	static override readonly name = 'ExecError';
	override readonly name = 'ExecError';
	readonly title: string;
	readonly retryCommands: readonly string[];

	constructor(title: string, options: ExecErrorOptions = {}) {
		const { cause, suggestion: hint, retryable } = options;
		const message = options.message ?? (cause === undefined ? title : messageOf(cause));
		super('terminal_error', message, { hint, retryable, cause });
		this.title = title;
		this.retryCommands = [...(options.retryCommands ?? [])];
	}
}

/** Failure as a client is told of it: an {@link ExecError} as it is, anything else as a session that ended unexpectedly. */
export function streamError(thrown: unknown): StreamError {
	// By its parts: the plugin may have another copy of this package.
	const error = thrown as Partial<ExecError> | undefined;
	if (typeof error?.title === 'string') {
		const { title, message = title, hint, retryable = false, retryCommands = [] } = error;
		return {
			title,
			message,
			suggestion: hint ?? '',
			retryable,
			...(retryCommands.length > 0 ? { retryCommands } : {}),
		};
	}
	return {
		title: 'Session failed',
		message: messageOf(thrown),
		suggestion: 'The exec session terminated unexpectedly.',
		retryable: true,
	};
}

/** @returns `session_not_found` */
export function sessionNotFound(id: string): OrchestraError {
	return new OrchestraError('session_not_found', `session ${id}: session not found`, {
		hint: 'It has ended, or is somebody else’s. `orchestra exec --list` shows yours.',
	});
}

/** @returns `terminal_error` */
export function terminalError(id: string, thrown: unknown): OrchestraError {
	return new OrchestraError('terminal_error', `session ${id}: terminal error: ${messageOf(thrown)}`, {
		cause: thrown,
		hint: thrown instanceof OrchestraError ? thrown.hint : undefined,
		details: { error: { ...streamError(thrown) } as never },
	});
}
