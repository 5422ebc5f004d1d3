import { OrchestraError } from '../../wire/orchestra-error.ts';

const ofOneExchange = new Set<string>(['not_json', 'nesting_too_deep', 'overloaded']);

/**
 * A message that is whole but has a value that JavaScript cannot hold (a NaN in a Struct of the Go side, say), or that takes more memory than there is: it fails its own
 * exchange and not the connection. Undefined where the error is anything else, or does not tell which exchange it is about.
 */
export function unreadableValue(error: unknown): { error: OrchestraError; requestId: string } | undefined {
	if (!(error instanceof OrchestraError)) return undefined;
	if (!ofOneExchange.has(error.code)) return undefined;
	const { requestId } = error.details ?? {};
	return typeof requestId === 'string' ? { error, requestId } : undefined;
}
