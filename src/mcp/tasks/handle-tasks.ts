import {
	ProtocolError,
	ProtocolErrorCode,
	type Server,
	type ServerContext,
} from '@modelcontextprotocol/server';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { takePage } from '../listing/page.ts';
import type { CallTask } from './call-task.ts';
import type { TaskBook } from './task-book.ts';
import { detailedTask, legacyTask } from './task-shapes.ts';
import { assertTakesTasks, relatedTask } from './tasks-extension.ts';

/** Answers what 2026-07-28 asks of tasks: `tasks/get`, `tasks/update`, `tasks/cancel`. */
export function handleTasks(server: Server, tasks: TaskBook): void {
	const handle = (method: string, answer: (task: CallTask, ctx: ServerContext) => Record<string, unknown>) =>
		server.setRequestHandler(method, { params: anyParams }, (params, ctx) => {
			assertTakesTasks(ctx);
			return answer(find(tasks, params), ctx);
		});
	handle('tasks/get', detailedTask);
	handle('tasks/update', (task, { mcpReq }) => {
		task.answer((mcpReq.inputResponses ?? {}) as JsonObject);
		return {};
	});
	handle('tasks/cancel', (task) => {
		task.cancel('cancelled by its client');
		return {};
	});
}

/** Answers what 2025-11-25 asks of tasks: `tasks/get`, `tasks/result`, `tasks/list`, `tasks/cancel`. */
export function handleLegacyTasks(server: Server, tasks: TaskBook): void {
	const handle = (
		method: string,
		answer: (
			params: TaskParams,
			ctx: ServerContext,
		) => Record<string, unknown> | Promise<Record<string, unknown>>,
	) => server.setRequestHandler(method, { params: anyParams }, answer);
	handle('tasks/get', (params) => legacyTask(find(tasks, params)));
	handle('tasks/list', ({ cursor }) => {
		const page = takePage(tasks.all(), ({ id }) => id, typeof cursor === 'string' ? cursor : undefined);
		const { items, nextCursor } = page;
		return { tasks: items.map(legacyTask), ...(nextCursor === undefined ? {} : { nextCursor }) };
	});
	handle('tasks/cancel', (params) => {
		const task = find(tasks, params);
		if (task.hasEnded) {
			const text = `task ${task.id} has ended already: ${task.status}`;
			throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
		}
		task.cancel('cancelled by its client');
		return legacyTask(task);
	});
	handle('tasks/result', async (params, ctx) => {
		const task = find(tasks, params);
		await ended(task, ctx);
		const { result, error, id, status } = task;
		if (error) throw new ProtocolError(error.code, error.message, error.data);
		if (!result) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `task ${id} has ended: ${status}`);
		return { ...result, _meta: { ...result._meta, [relatedTask]: { taskId: id } } };
	});
}

/** Parameters of a request about tasks. */
interface TaskParams {
	readonly taskId?: unknown;
	readonly cursor?: unknown;
}

/** Each handler judges its parameters itself: an id that is none is a task that is not there. */
const anyParams: StandardSchemaV1<TaskParams, TaskParams> = {
	'~standard': { version: 1, vendor: 'orchestra', validate: (value) => ({ value: value as TaskParams }) },
};

function find(tasks: TaskBook, { taskId }: TaskParams): CallTask {
	const task = typeof taskId === 'string' ? tasks.get(taskId) : undefined;
	if (task) return task;
	const text = 'there is no such task: it was never made here, or its time is over';
	throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
}

/** Waits for the end of a task; what its tool asks for meanwhile, the client that waits is asked. */
async function ended(task: CallTask, ctx: ServerContext): Promise<void> {
	const gone = new Promise<void>((resolve) => {
		ctx.mcpReq.signal.addEventListener('abort', () => resolve(), { once: true });
	});
	while (!task.hasEnded && !ctx.mcpReq.signal.aborted) {
		const changed = task.changed();
		for (const [key, { method, params }] of Object.entries(task.takeInputRequests())) {
			const asked = { method, params: { ...params, _meta: { [relatedTask]: { taskId: task.id } } } };
			ctx.mcpReq.send(asked as never).then(
				(response) => task.answer({ [key]: response as unknown as JsonObject }),
				(error: Error) => task.fail({ code: ProtocolErrorCode.InternalError, message: error.message }),
			);
		}
		await Promise.race([changed, gone]);
	}
}
