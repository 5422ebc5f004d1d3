import { Client, type JSONRPCResponse } from '@modelcontextprotocol/client';

/** Key of the task in a result that {@link TaskClient} made of it. */
const taskKey = 'orchestra/task';

/** A server's task, in either revision. */
export interface ServerTask {
	readonly taskId: string;
	readonly status: string;
	readonly statusMessage?: string;
	readonly pollIntervalMs?: number;
	readonly pollInterval?: number;
	readonly result?: unknown;
	readonly error?: { readonly code?: number; readonly message?: string };
	readonly inputRequests?: unknown;
}

/** The client of the SDK, which takes an answer that is a task for a mistake of the server. */
export class TaskClient extends Client {
	protected override _onresponse(response: JSONRPCResponse): void {
		const { result } = response as { result?: Record<string, unknown> };
		const legacy = result?.content === undefined ? result?.task : undefined;
		const task = result?.resultType === 'task' ? result : legacy;
		if (isTask(task)) {
			// Marked as a failure, it is not held against the schema of the tool's results.
			const taken = { resultType: 'complete', content: [], isError: true, _meta: { [taskKey]: task } };
			super._onresponse({ ...response, result: taken } as unknown as JSONRPCResponse);
		} else super._onresponse(response);
	}
}

/** The task that a call was answered with; undefined where it was answered with a result. */
export function taskOf(result: {
	readonly _meta?: Readonly<Record<string, unknown>> | undefined;
}): ServerTask | undefined {
	const task = result._meta?.[taskKey];
	return isTask(task) ? task : undefined;
}

function isTask(value: unknown): value is ServerTask {
	if (typeof value !== 'object' || value === null) return false;
	const { taskId, status } = value as Record<string, unknown>;
	return typeof taskId === 'string' && typeof status === 'string';
}
