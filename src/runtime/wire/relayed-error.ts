import type { ErrorCode } from './error-code.ts';
import { type ErrorOptions, OrchestraError } from './orchestra-error.ts';

/** An error with the code that somebody else gave it, a peer, a plugin, a process: it may be none of ours. */
export function relayedError(code: string, message: string, options?: ErrorOptions): OrchestraError {
	return new OrchestraError(code as ErrorCode, message, options);
}
