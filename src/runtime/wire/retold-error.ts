import type { ErrorOptions, OrchestraError } from './orchestra-error.ts';
import { relayedError } from './relayed-error.ts';

/**
 * The same failure in other words, with the first error as its cause. Hint, details and whether it is worth a retry stay where
 * `changes` has nothing else.
 */
export function retoldError(error: OrchestraError, message: string, changes?: ErrorOptions): OrchestraError {
	const { code, hint, details, retryable } = error;
	return relayedError(code, message, { hint, details, retryable, cause: error, ...changes });
}
