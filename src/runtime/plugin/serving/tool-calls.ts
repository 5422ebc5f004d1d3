import { errorResponse } from '../../carrier/error-response.ts';
import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import type { ToolRequest } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Tool } from '../definition/tool.ts';
import { invalidArguments } from '../input/fault.ts';
import type { InputResult } from '../input/input-schema.ts';
import { CallContext } from './call-context.ts';
import { handlerFailure } from './handler-failure.ts';
import { isThenable } from './is-thenable.ts';
import type { PluginState } from './plugin-state.ts';
import { enterTool, leaveTool } from './running-tool.ts';
import { toolResult } from './tool-result.ts';

// The hot path. A call whose schema and handler answer at once is answered at once: no promise, no timer, no signal.

/** The error of a call of a tool that the plugin does not have. */
export function toolNotFound(state: PluginState, name: string): OrchestraError {
	const known = [...state.plugin.tools.keys()];
	return new OrchestraError('tool_not_found', `plugin ${state.id} has no tool ${JSON.stringify(name)}`, {
		hint: known.length === 0 ? 'It has no tools.' : `It has ${known.slice(0, 20).join(', ')}.`,
	});
}

/** Answers `tool_call`. */
export function callTool(state: PluginState, exchange: IncomingExchange, request: ToolRequest): void {
	const name = request.toolName ?? '';
	const tool = state.tool(name, request.sessionId);
	const refusal = state.refusal(request.plugin) ?? (tool ? undefined : toolNotFound(state, name));
	if (refusal || !tool) {
		exchange.finish(errorResponse(exchange.request, refusal ?? toolNotFound(state, name)));
		return;
	}
	if (tool.streaming) {
		exchange.finish(errorResponse(exchange.request, toolIsStreaming(tool)));
		return;
	}
	let checked: InputResult | Promise<InputResult>;
	let waits: boolean;
	// A pattern in a schema can block as well as a handler can.
	enterTool(tool);
	try {
		checked = tool.input.validate(request.arguments ?? {});
		waits = isThenable(checked);
	} catch (error) {
		unchecked(state, exchange, tool, error);
		return;
	} finally {
		leaveTool();
	}
	if (!waits) {
		invoke(state, exchange, request, tool, checked as InputResult);
		return;
	}
	state.active.add(exchange);
	adopt(checked).then(
		(result) => {
			state.active.delete(exchange);
			invoke(state, exchange, request, tool, result);
		},
		(error) => {
			state.active.delete(exchange);
			unchecked(state, exchange, tool, error);
		},
	);
}

/** The arguments could not be checked: the schema itself is wrong, or its own code threw. */
function unchecked(state: PluginState, exchange: IncomingExchange, tool: Tool, thrown: unknown): void {
	if (tool.input.problem && thrown === tool.input.problem) {
		exchange.finish(errorResponse(exchange.request, tool.input.problem));
	} else failed(state, exchange, tool, thrown);
}

function invoke(
	state: PluginState,
	exchange: IncomingExchange,
	request: ToolRequest,
	tool: Tool,
	checked: InputResult,
): void {
	if (checked.faults) {
		exchange.finish(errorResponse(exchange.request, invalidArguments(tool.subject, checked.faults)));
		return;
	}
	const context = new CallContext(state, exchange, request);
	let value: unknown;
	let waits: boolean;
	enterTool(tool);
	try {
		value = tool.handler(checked.value, context);
		// Within: what it returned may have a getter for `then` that throws.
		waits = isThenable(value);
	} catch (error) {
		context.end();
		failed(state, exchange, tool, error);
		return;
	} finally {
		leaveTool();
	}
	if (!waits) {
		context.end();
		succeeded(state, exchange, tool, value);
		return;
	}
	state.active.add(exchange);
	adopt(value).then(
		(result) => {
			state.active.delete(exchange);
			context.end();
			succeeded(state, exchange, tool, result);
		},
		(error) => {
			state.active.delete(exchange);
			context.end();
			failed(state, exchange, tool, error);
		},
	);
}

function succeeded(state: PluginState, exchange: IncomingExchange, tool: Tool, value: unknown): void {
	if (exchange.cancelled) {
		exchange.finish(errorResponse(exchange.request, exchange.cancelled));
		return;
	}
	try {
		exchange.finish({ toolCall: { success: true, result: toolResult(value, tool.subject) } });
	} catch (error) {
		failed(state, exchange, tool, error);
	}
}

function failed(state: PluginState, exchange: IncomingExchange, tool: Tool, thrown: unknown): void {
	state.logFailure(tool.subject, thrown, exchange.cancelled, { tool: tool.name, request: exchange.request });
	exchange.finish(
		errorResponse(exchange.request, exchange.cancelled ?? handlerFailure(thrown, tool.subject)),
	);
}

function toolIsStreaming(tool: Tool): OrchestraError {
	return new OrchestraError(
		'tool_is_streaming',
		`${tool.subject} answers with a stream and cannot be called for one result`,
		{
			hint: 'Start it as a stream: client.streamTool(), or stream_start on the wire. `orchestra call` does so by itself.',
		},
	);
}

/** A promise of what a value comes to. Never throws, as Promise.resolve does where the value cannot be read. */
function adopt<T>(value: T | PromiseLike<T>): Promise<T> {
	return new Promise((resolve) => resolve(value));
}
