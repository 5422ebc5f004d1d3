import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import type { InputValue, ToolCallOptions } from '../../client/call-options.ts';
import { inputValue } from '../../client/tool-input.ts';
import type { StreamStart, ToolRequest } from '../../wire/generated/messages.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import type { ToolContext } from '../definition/context.ts';
import type { LogOrigin } from '../definition/log.ts';
import { HandlerContext, type HandlerOwner } from './handler-context.ts';
import { inputResponsesOf } from './input-responses.ts';
import { OutputSender } from './output-sender.ts';
import { ProgressReporter } from './progress-reporter.ts';

/** The context of one tool call. */
export class CallContext extends HandlerContext implements ToolContext {
	readonly #exchange: IncomingExchange;
	readonly #request: ToolRequest | StreamStart;
	#progress: ProgressReporter | undefined;
	#input: AsyncIterable<InputValue> | undefined;
	#output: OutputSender | undefined;

	constructor(owner: HandlerOwner, exchange: IncomingExchange, request: ToolRequest | StreamStart) {
		super(owner, exchange, request);
		this.#exchange = exchange;
		this.#request = request;
	}

	get toolName(): string {
		return this.#request.toolName ?? '';
	}

	get deadline(): number | undefined {
		return this.#exchange.deadline;
	}

	get requestId(): string {
		return this.#exchange.request.requestId ?? '';
	}

	get sessionId(): string {
		return this.#request.sessionId ?? '';
	}

	get callerPlugin(): string {
		return this.#request.callerPlugin ?? '';
	}

	get fencingToken(): number | undefined {
		return this.#exchange.request.cluster?.token || undefined;
	}

	get provider(): string {
		return this.#request.provider ?? '';
	}

	get inputResponses(): JsonObject {
		return inputResponsesOf(this.#request as ToolRequest);
	}

	get requestState(): string {
		return (this.#request as ToolRequest).requestState ?? '';
	}

	get input(): AsyncIterable<InputValue> {
		this.#input ??= this.#readInput();
		return this.#input;
	}

	get progress(): ToolContext['progress'] {
		return (progress, total, message) => {
			if (!this.#exchange.request.acceptsProgress) return;
			this.#progress ??= new ProgressReporter(this.#exchange);
			this.#progress.report(progress, total, message);
		};
	}

	get output(): ToolContext['output'] {
		return (text) => {
			if (!this.#exchange.request.acceptsOutput) return undefined;
			this.#output ??= new OutputSender(this.#exchange);
			return this.#output.send(text);
		};
	}

	/** The handler has ended: sends output and progress that still wait. */
	end(): void {
		this.#output?.end();
		this.#progress?.end();
	}

	async *#readInput(): AsyncGenerator<InputValue, void> {
		for await (const message of this.#exchange.input ?? []) yield inputValue(message, this.toolName);
	}

	protected override origin(): LogOrigin {
		return {
			plugin: this.pluginId,
			tool: this.toolName,
			requestId: this.requestId,
			traceParent: this.traceParent || undefined,
		};
	}

	protected override inherited(): ToolCallOptions {
		const { deadline } = this;
		return {
			sessionId: this.sessionId || undefined,
			via: [...(this.#request.via ?? []), this.toolName],
			// A sub-call whose deadline has passed fails at once, in the ordinary way.
			timeoutMs: deadline === undefined ? undefined : Math.max(0, deadline - Date.now()),
		};
	}
}
