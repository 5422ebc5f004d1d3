import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import { toErrorInfo } from '../../wire/error-info.ts';
import type { PluginResponse, StreamStart } from '../../wire/generated/messages.ts';
import type { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Tool } from '../definition/tool.ts';
import { invalidArguments } from '../input/fault.ts';
import { CallContext } from './call-context.ts';
import { handlerFailure } from './handler-failure.ts';
import type { PluginState } from './plugin-state.ts';
import { enterTool, leaveTool } from './running-tool.ts';
import { streamChunk } from './stream-chunk.ts';
import { toolNotFound } from './tool-calls.ts';
import { invalidResult, toolResult } from './tool-result.ts';

/**
 * Answers `stream_start`. A unary tool is answered too: its result is one chunk of JSON.
 *
 * When nobody reads any more, the stream ends at once, whatever the handler is doing; its signal aborts and its iterator is
 * returned, and until it has ended it counts as active.
 */
export function startStream(state: PluginState, exchange: IncomingExchange, request: StreamStart): void {
	const name = request.toolName ?? '';
	const tool = state.tool(name, request.sessionId);
	const refusal = state.refusal(request.plugin) ?? (tool ? undefined : toolNotFound(state, name));
	const streamId = request.streamId || exchange.request.requestId || '';
	if (refusal || !tool) {
		exchange.finish(streamFailure(streamId, 0, refusal ?? toolNotFound(state, name)));
		return;
	}
	state.active.add(exchange);
	const stream = new ToolStreamCall(state, exchange, request, tool, streamId);
	void stream.run().finally(() => state.active.delete(exchange));
}

class ToolStreamCall {
	readonly #state: PluginState;
	readonly #exchange: IncomingExchange;
	readonly #request: StreamStart;
	readonly #tool: Tool;
	readonly #streamId: string;
	readonly #context: CallContext;
	#iterator: AsyncIterator<unknown> | undefined;
	#sent = 0;

	constructor(
		state: PluginState,
		exchange: IncomingExchange,
		request: StreamStart,
		tool: Tool,
		streamId: string,
	) {
		this.#state = state;
		this.#exchange = exchange;
		this.#request = request;
		this.#tool = tool;
		this.#streamId = streamId;
		this.#context = new CallContext(state, exchange, request);
	}

	/** Never rejects. */
	async run(): Promise<void> {
		this.#exchange.onCancel((reason) => this.#end(reason));
		try {
			const checked = await this.#tool.input.validate(this.#request.arguments ?? {});
			if (checked.faults) this.#end(invalidArguments(this.#tool.subject, checked.faults));
			if (this.#exchange.finished) return;
			const answer = await this.#run(() => this.#tool.handler(checked.value, this.#context));
			if (!this.#tool.streaming) await this.#send(toolResult(answer, this.#tool.subject));
			else await this.#pump(answer);
			this.#end(undefined);
		} catch (error) {
			this.#fail(error);
		}
	}

	async #pump(answer: unknown): Promise<void> {
		const iterator = toIterator(answer);
		if (!iterator) throw invalidResult(this.#tool.subject, 'something that is not async-iterable');
		this.#iterator = iterator;
		try {
			while (!this.#exchange.finished) {
				const { done, value } = await this.#run(() => iterator.next());
				if (done || this.#exchange.finished) break;
				await this.#send(value);
			}
		} catch (error) {
			// A generator that threw has ended already; one whose chunk cannot be sent has not.
			this.#return();
			throw error;
		}
		if (this.#exchange.finished) this.#return();
	}

	/** Runs code of the tool. */
	#run<T>(code: () => T): T {
		enterTool(this.#tool);
		try {
			return code();
		} finally {
			leaveTool();
		}
	}

	#send(value: unknown): Promise<void> | undefined {
		const chunk = streamChunk(value, this.#streamId, this.#sent, this.#tool.subject);
		this.#sent++;
		return this.#exchange.send({ streamChunk: chunk });
	}

	/** Ends the exchange: well, or with a reason. Later calls do nothing. */
	#end(reason: OrchestraError | undefined): void {
		if (this.#exchange.finished) return;
		this.#context.end();
		if (reason) {
			this.#exchange.finish(streamFailure(this.#streamId, this.#sent, reason));
			this.#return();
		} else {
			this.#exchange.finish({
				streamEnd: { streamId: this.#streamId, success: true, totalChunks: this.#sent },
			});
		}
	}

	#fail(thrown: unknown): void {
		this.#log(thrown);
		this.#end(handlerFailure(thrown, this.#tool.subject));
	}

	#log(thrown: unknown): void {
		const { request, cancelled } = this.#exchange;
		this.#state.logFailure(this.#tool.subject, thrown, cancelled, { tool: this.#tool.name, request });
	}

	/** Lets the generator run its finally blocks. One that is stuck in an await gets to them when that settles. */
	#return(): void {
		const iterator = this.#iterator;
		this.#iterator = undefined;
		if (!iterator) return;
		try {
			iterator.return?.(undefined).then(undefined, (error) => this.#log(error));
		} catch (error) {
			this.#log(error);
		}
	}
}

function toIterator(value: unknown): AsyncIterator<unknown> | undefined {
	if (typeof value !== 'object' || value === null) return undefined;
	const iterate = (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator];
	return typeof iterate === 'function' ? iterate.call(value) : undefined;
}

function streamFailure(streamId: string, totalChunks: number, error: OrchestraError): PluginResponse {
	const { code, message } = error;
	return {
		streamEnd: { streamId, success: false, errorCode: code, errorMessage: message, totalChunks },
		error: toErrorInfo(error),
	};
}
