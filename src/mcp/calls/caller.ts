import type { ServerContext } from '@modelcontextprotocol/server';
import type { TaskBook } from '../tasks/task-book.ts';

/** The MCP client that calls a tool. */
export interface Caller {
	readonly ctx: ServerContext;
	/** Keeps calls that take long. */
	readonly tasks: TaskBook;
	/** Task options of a client of 2025-11-25 that wants a task at once. */
	readonly task?: { readonly ttl?: number | undefined } | undefined;
}
