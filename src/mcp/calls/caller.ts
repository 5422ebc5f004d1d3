import type { TaskBook } from '../tasks/task-book.ts';
import type { CallContext } from './call-context.ts';

/** The MCP client that calls a tool. */
export interface Caller {
	readonly ctx: CallContext;
	/** Keeps calls that take long. */
	readonly tasks: TaskBook;
	/** Task options of a client of 2025-11-25 that wants a task at once. */
	readonly task?: { readonly ttl?: number | undefined } | undefined;
}
