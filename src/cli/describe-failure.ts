import type { LogEntry } from '../runtime/plugin/definition/log.ts';
import { type AuthorPlace, authorPlace, authorStack } from '../toolchain/load/author-place.ts';
import { visible } from './visible-text.ts';

/** Place at which the last handler failed: the call's own error does not tell, since a stack does not cross to a peer. */
let lastPlace: AuthorPlace | undefined;

/** Place at which the handler failed whose error is about to be shown. */
export function lastFailurePlace(): AuthorPlace | undefined {
	return lastPlace;
}

/**
 * Shows the stack that a plugin logged of a handler's failure: what was thrown, the place in the author's own source, and with
 * `verbose` the whole stack. Undefined for an entry of another kind.
 */
export function describeFailure({ fields }: Pick<LogEntry, 'fields'>, verbose: boolean): string | undefined {
	const stack = fields?.error;
	if (typeof stack !== 'string' || Object.keys(fields ?? {}).length !== 1) return undefined;
	const frames = stack.search(/\n\s+at /);
	if (frames < 0) return undefined;
	const place = authorPlace(stack);
	lastPlace = place;
	const thrown = stack.slice(0, frames);
	const at = place ? `\n    at ${place.file}:${place.line}:${place.column}` : '';
	const frame = place?.frame ? `\n    ${place.frame.replaceAll('\n', '\n    ')}` : '';
	return visible(`${thrown}${verbose ? authorStack(stack.slice(frames)) : at}${frame}`);
}

/** A line that the process of a plugin logged, by its parts; undefined for any other line. */
export function readFailureLine(line: string): { message: string; fields: { error: string } } | undefined {
	const found = /^ERROR (.*?) (\{"error":.*\})$/.exec(line);
	if (!found) return undefined;
	try {
		const fields = JSON.parse(found[2] ?? '') as { error: string };
		return { message: found[1] ?? '', fields };
	} catch {
		return undefined;
	}
}
