import { inputRequired, ProtocolError, ProtocolErrorCode, type Result } from '@modelcontextprotocol/server';
import { settlesWithin } from '../../runtime/platform/settles-within.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import type { NamedTool } from '../listing/listing.ts';
import type { McpFront } from '../mcp-front.ts';
import type { CallTaskOptions } from '../tasks/call-task.ts';
import { missingCapability } from '../tasks/missing-capability.ts';
import { taskTtlMs } from '../tasks/task-book.ts';
import { createdTask, legacyTask } from '../tasks/task-shapes.ts';
import { clientCapabilities, takesTasks } from '../tasks/tasks-extension.ts';
import type { Caller } from './caller.ts';
import { ProgressNotices } from './progress-notices.ts';
import { runTool } from './run-tool.ts';
import type { ToolOutcome } from './tool-outcome.ts';
import { traceParentIn } from './trace-parent-in.ts';

/** Milliseconds after which a call becomes a task, where its client takes tasks: most calls end before. */
const taskAfterMs = 500;

/** Milliseconds that a client may ask a task to be kept, at least. */
const minTtlMs = 1_000;

/**
 * Calls a tool for an MCP client. Never rejects for what the tool answers.
 *
 * Where the client takes tasks, a call that is not over soon goes on as one; a client of 2025-11-25 says for each call whether it
 * wants one.
 */
export async function callTool(
	front: McpFront,
	named: NamedTool,
	args: JsonObject,
	caller: Caller,
): Promise<Result> {
	const { ctx, tasks, task: asked } = caller;
	const capabilities = clientCapabilities(ctx);
	const mayBeTask = asked !== undefined || (takesTasks(capabilities) && !tasks.isFull);
	if (!mayBeTask) return answer(front, named, await firstRun(front, named, args, caller));
	if (asked && tasks.isFull) {
		const text = 'there are too many tasks; wait for others to end, or call it without one';
		throw new ProtocolError(ProtocolErrorCode.InternalError, text, { code: 'overloaded' });
	}
	const ttlMs = asked?.ttl === undefined ? taskTtlMs : Math.min(Math.max(asked.ttl, minTtlMs), taskTtlMs);
	const controller = new AbortController();
	const cancel = () => controller.abort(ctx.mcpReq.signal.reason);
	ctx.mcpReq.signal.addEventListener('abort', cancel);
	const progress = new ProgressNotices(ctx, true);
	const run = { signal: controller.signal, timeoutMs: ttlMs };
	const first = firstRun(front, named, args, caller, { ...run, progress });
	if (!asked && (await settlesWithin(first, taskAfterMs))) return answer(front, named, await first);
	const task = tasks.add({
		controller,
		first,
		again: (answers) => runTool(front, named, args, { ...run, ...answers, progress, onLog: () => {} }),
		ttlMs,
		refuse: refusal(capabilities),
	});
	// Others have taken the room meanwhile.
	if (!task) return answer(front, named, await first);
	// The call goes on now when its request ends.
	ctx.mcpReq.signal.removeEventListener('abort', cancel);
	progress.turnTo((message) => task.report(message), asked !== undefined);
	return asked ? { task: legacyTask(task) } : createdTask(task);
}

type RunOptions = Pick<Parameters<typeof runTool>[3], 'signal' | 'timeoutMs' | 'progress'>;

function firstRun(
	front: McpFront,
	named: NamedTool,
	args: JsonObject,
	{ ctx }: Caller,
	{ signal, timeoutMs, progress }: RunOptions = {
		signal: ctx.mcpReq.signal,
		progress: new ProgressNotices(ctx),
	},
): Promise<ToolOutcome> {
	const { inputResponses, _meta: meta } = ctx.mcpReq;
	return runTool(front, named, args, {
		signal,
		timeoutMs,
		progress,
		inputResponses: inputResponses as JsonObject | undefined,
		requestState: front.readState(ctx, stateOf(named)),
		traceParent: traceParentIn(meta),
		onLog({ level, message, fields, plugin }) {
			const data = fields ? { message, ...fields } : message;
			void ctx.mcpReq.log(level === 'warn' ? 'warning' : level, data, plugin).catch(() => {});
		},
	});
}

/** Subject under which the state of a tool's question is sealed. */
function stateOf({ tool }: NamedTool): string {
	return `tool ${tool.plugin ?? ''} ${tool.name}`;
}

async function answer(front: McpFront, named: NamedTool, { result, asked }: ToolOutcome): Promise<Result> {
	return result ?? inputRequired(await front.sealInputs(stateOf(named), asked));
}

/** Refusal of questions that the client of a task cannot answer. One of 2025-11-25 is asked when it waits for the result, and answers then that it cannot. */
function refusal(capabilities: ReturnType<typeof clientCapabilities>): CallTaskOptions['refuse'] {
	return (request) => {
		try {
			const missing = missingCapability(
				request,
				capabilities ?? { elicitation: {}, sampling: {}, roots: {} },
			);
			if (!missing) return undefined;
			const message = `the tool asks for ${request.method}, which this client has not said that it can answer`;
			return { code: -32_021, message, data: { requiredCapabilities: missing } };
		} catch (error) {
			return { code: ProtocolErrorCode.InternalError, message: (error as Error).message };
		}
	};
}
