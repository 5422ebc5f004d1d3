import type { ExchangeHandler } from '../../carrier/carrier.ts';
import { errorResponse } from '../../carrier/error-response.ts';
import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import type { PluginResponse } from '../../wire/generated/messages.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { relayedError } from '../../wire/relayed-error.ts';
import type { OutcomeBuilder } from '../hooks/outcome.ts';
import { HookedExchange } from './hooked-exchange.ts';

/** Services that a call needs of its session. */
export interface CallOwner {
	readonly route: ExchangeHandler;
	/** The plugin that has the tool for this session, ready to serve; undefined where it is not the session's. */
	provider(tool: string): Promise<string | undefined>;
	/** Runs the hooks around tools; undefined where there are none. @throws OrchestraError `before_tool_call_failed`, `hook_failed` */
	hooks(
		name: 'before_tool_call' | 'after_tool_call',
		data: JsonObject,
		traceParent: string,
	): Promise<OutcomeBuilder | undefined>;
}

/** One call within a session, with the hooks around it. It ends exactly once, whoever ends it. */
export class SessionCall {
	readonly exchange: IncomingExchange;
	readonly #owner: CallOwner;
	#inner: HookedExchange | undefined;

	constructor(exchange: IncomingExchange, owner: CallOwner) {
		this.exchange = exchange;
		this.#owner = owner;
	}

	/** Never rejects. */
	async run(): Promise<void> {
		const { exchange } = this;
		exchange.onCancel((reason) => this.cancel(reason));
		try {
			await this.#run();
		} catch (error) {
			exchange.finish(errorResponse(exchange.request, OrchestraError.from(error, 'internal')));
		}
	}

	/** Ends it: the handler's signal aborts, and the caller has its answer at once. */
	cancel(reason: OrchestraError): void {
		this.exchange.finish(errorResponse(this.exchange.request, reason));
		this.#inner?.cancel(reason);
	}

	async #run(): Promise<void> {
		const { exchange } = this;
		const { request } = exchange;
		const call = request.toolCall ?? request.streamStart ?? {};
		const tool = call.toolName ?? '';
		const before = await this.#owner.hooks(
			'before_tool_call',
			{
				tool,
				arguments: call.arguments ?? {},
				call: request.requestId ?? '',
			},
			call.traceParent ?? '',
		);
		if (exchange.finished) return;
		if (before?.aborted) {
			const { plugin, code, message } = before.aborted;
			throw relayedError(code, message, { details: { plugin } });
		}
		if (before?.arguments) call.arguments = before.arguments;
		const began = performance.now();
		if (before?.result && request.toolCall) {
			await this.#after({ toolCall: { success: true, result: before.result } }, began);
			return;
		}
		const provider = await this.#owner.provider(tool);
		if (exchange.finished) return;
		if (provider) call.plugin = provider;
		this.#inner = new HookedExchange(exchange, (response) => void this.#after(response, began));
		this.#owner.route(this.#inner);
	}

	/** Never rejects. */
	async #after(response: PluginResponse, began: number): Promise<void> {
		const { exchange } = this;
		const { toolCall } = response;
		if (exchange.finished) return;
		const call = exchange.request.toolCall ?? exchange.request.streamStart ?? {};
		try {
			const after = await this.#owner.hooks(
				'after_tool_call',
				{
					tool: call.toolName ?? '',
					arguments: call.arguments ?? {},
					call: exchange.request.requestId ?? '',
					result: toolCall?.result ?? {},
					content: typeof toolCall?.result?.text === 'string' ? toolCall.result.text : '',
					is_error: response.error !== undefined || toolCall?.success === false,
					error: toolCall?.errorCode ?? response.error?.code ?? '',
					duration_ms: performance.now() - began,
				},
				call.traceParent ?? '',
			);
			if (after && toolCall?.success) {
				const result = after.result ?? toolCall.result ?? {};
				const appended = after.appended.length > 0 ? { appended: [...after.appended] } : {};
				toolCall.result = { ...result, ...appended };
			}
			exchange.finish(response);
		} catch (error) {
			exchange.finish(errorResponse(exchange.request, OrchestraError.from(error, 'internal')));
		}
	}
}
