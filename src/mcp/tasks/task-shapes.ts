import type { CallTask } from './call-task.ts';

/** Milliseconds between two questions of a client, as we advise. */
const pollMs = 1_000;

/** Answer of a call that became a task, in 2026-07-28. */
export function createdTask(task: CallTask): Record<string, unknown> {
	return { resultType: 'task', ...common(task), ttlMs: task.ttlMs, pollIntervalMs: pollMs };
}

/** A task with all that is known of it, in 2026-07-28. */
export function detailedTask(task: CallTask): Record<string, unknown> {
	const { status, result, error, inputRequests, ttlMs } = task;
	return {
		...common(task),
		ttlMs,
		pollIntervalMs: pollMs,
		...(status === 'completed' ? { result } : {}),
		...(status === 'failed' ? { error } : {}),
		...(status === 'input_required' ? { inputRequests } : {}),
	};
}

/** A task in 2025-11-25, where one whose tool failed has failed itself. */
export function legacyTask(task: CallTask): Record<string, unknown> {
	const failed = task.status === 'completed' && task.result?.isError === true;
	return {
		...common(task),
		...(failed ? { status: 'failed' } : {}),
		ttl: task.ttlMs,
		pollInterval: pollMs,
	};
}

function common({ id, status, message, createdAt, updatedAt }: CallTask): Record<string, unknown> {
	return {
		taskId: id,
		status,
		...(message ? { statusMessage: message } : {}),
		createdAt: createdAt.toISOString(),
		lastUpdatedAt: updatedAt.toISOString(),
	};
}
