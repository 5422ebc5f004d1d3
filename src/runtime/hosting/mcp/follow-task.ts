import { setTimeout as sleep } from 'node:timers/promises';
import { type CallToolResult, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/client';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ToolContext } from '../../plugin/definition/context.ts';
import { inputRequired } from '../../plugin/definition/input-required.ts';
import type { ServerTask, TaskClient } from './task-client.ts';

/** Milliseconds between two questions: what a server wishes, within these. */
const defaultPollMs = 1_000;
const minPollMs = 50;
const maxPollMs = 10_000;

/** Milliseconds for an answer of a server about a task; one that says what came of it may wait for that. */
const answerMs = 30_000;
const resultMs = 24 * 60 * 60_000;

/** Prefix of the state of a call that asks: the task waits at the server for the answers. */
const statePrefix = 'mcp-task:';

/** The task that a call is about that is made anew with answers. */
export function awaitedTask({ requestState }: ToolContext): string | undefined {
	return requestState.startsWith(statePrefix) ? requestState.slice(statePrefix.length) : undefined;
}

/**
 * Waits for the end of a task. Its messages are the progress of the call; what it asks for is asked of the caller, who calls anew.
 *
 * @param meta what a request about a task says of this client
 */
export async function followTask(
	client: TaskClient,
	task: ServerTask,
	meta: Readonly<Record<string, unknown>> | undefined,
	ctx: ToolContext,
): Promise<CallToolResult> {
	const { taskId } = task;
	const params = { taskId, ...(meta ? { _meta: meta } : {}) };
	const ask = (method: string, timeout: number, signal: AbortSignal = ctx.signal) =>
		client.request({ method, params } as never, anything, { timeout, signal }) as Promise<unknown>;
	let last: string | undefined;
	let count = 0;
	try {
		for (let now = task; ; now = (await ask('tasks/get', answerMs)) as ServerTask) {
			const { status, statusMessage, error } = now;
			if (statusMessage && statusMessage !== last && count < 1_000) ctx.progress(++count, 0, statusMessage);
			last = statusMessage;
			// Until 2025-11-25 whoever waits for the result is asked, and the result is a question of its own.
			if (client.getProtocolEra() !== 'modern' && status !== 'working' && status !== 'submitted')
				return (await ask('tasks/result', resultMs)) as CallToolResult;
			if (status === 'completed') return now.result as CallToolResult;
			if (status === 'failed')
				throw new ProtocolError(
					error?.code ?? ProtocolErrorCode.InternalError,
					error?.message ?? 'it failed',
				);
			if (status === 'cancelled')
				throw new ProtocolError(ProtocolErrorCode.InternalError, statusMessage ?? 'it was cancelled');
			if (status === 'input_required') {
				throw inputRequired({
					inputRequests: now.inputRequests as never,
					requestState: statePrefix + taskId,
				});
			}
			const wish = now.pollIntervalMs ?? now.pollInterval ?? defaultPollMs;
			await sleep(Math.min(Math.max(wish, minPollMs), maxPollMs), undefined, { signal: ctx.signal });
		}
	} catch (error) {
		// Not by the signal of the call, which has ended.
		if (ctx.signal.aborted) void ask('tasks/cancel', answerMs, new AbortController().signal).catch(() => {});
		throw error;
	}
}

/** Gives a task the answers that it waits for. */
export async function answerTask(
	client: TaskClient,
	taskId: string,
	meta: Readonly<Record<string, unknown>>,
	ctx: ToolContext,
): Promise<ServerTask> {
	const params = { taskId, inputResponses: ctx.inputResponses, _meta: meta };
	const options = { timeout: answerMs, signal: ctx.signal };
	await client.request({ method: 'tasks/update', params }, anything, options);
	return { taskId, status: 'working', pollIntervalMs: minPollMs };
}

/** Schema for results that are judged where they are read. */
const anything: StandardSchemaV1<unknown, Record<string, unknown>> = {
	'~standard': {
		version: 1,
		vendor: 'orchestra',
		validate: (value) => ({ value: value as Record<string, unknown> }),
	},
};
