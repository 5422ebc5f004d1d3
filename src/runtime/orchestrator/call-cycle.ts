import { OrchestraError } from '../wire/orchestra-error.ts';

/** Calls of tools within each other, at most. A tool may call itself with less to do; nothing useful goes deeper than this. */
const maxDepth = 32;

/** The error of a call that tools have made within each other for too long; undefined where it may go on. */
export function callCycle(via: readonly string[], toolName: string): OrchestraError | undefined {
	if (via.length < maxDepth) return undefined;
	const last = via.lastIndexOf(toolName);
	const circle = last < 0 ? via.slice(-3) : via.slice(last);
	return new OrchestraError(
		'call_cycle',
		`${via.length} tools have called each other: ${[...circle, toolName].join(' → ')}`,
		{ hint: 'Let one of them answer without calling the next.', details: { via: [...via], tool: toolName } },
	);
}
