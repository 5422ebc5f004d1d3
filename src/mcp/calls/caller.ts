import type { TaskBook } from '../tasks/task-book.ts';
import type { CallContext } from './call-context.ts';

/** Who calls a tool over MCP. */
export interface Caller {
	readonly ctx: CallContext;
	/** Where a call is kept that takes long. */
	readonly tasks: TaskBook;
	/** What a client of 2025-11-25 says that wants a task at once. */
	readonly task?: { readonly ttl?: number | undefined } | undefined;
}
