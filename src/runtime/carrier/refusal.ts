import type { OrchestraError } from '../wire/orchestra-error.ts';

/** Codes of failures that pass by themselves: who is asked has gone, or is not there yet. */
const passing = new Set<string>([
	'unreachable',
	'deadline_exceeded',
	'connection_lost',
	'connection_closed',
	'overloaded',
	'shutting_down',
]);

/**
 * Whether the failure of an attempt to connect is somebody's decision, which the next attempt will meet again: a certificate that
 * one side does not take, a peer that is not who it has to be, a registration that is refused.
 */
export function isRefusal(error: OrchestraError): boolean {
	return !error.retryable && !passing.has(error.code);
}
