import {
	type Implementation,
	isInputRequiredResult,
	type JSONRPCRequest,
	type RequestId,
	type Result,
	Server,
	type ServerContext,
	type ServerOptions,
} from '@modelcontextprotocol/server';
import { isObject } from '../../runtime/wire/json-value.ts';
import type { CallContext } from '../calls/call-context.ts';
import { plainCall } from './plain-call.ts';
import { QuickRequest } from './quick-request.ts';
import { SettledEra } from './settled-era.ts';
import type { WireEnd } from './stdio-wire.ts';
import { type ToolCallParams, toolCallParams } from './tool-call-params.ts';

export type AnswerToolCall = (params: ToolCallParams, ctx: CallContext) => Promise<Result>;

/** Outcome of a call that the SDK has to answer: it asks the client for something, or was refused. */
export type Outcome = { readonly result: Result } | { readonly error: unknown };

/**
 * The server of the SDK, which checks each call of a tool several times against its schemas, with less of that: what a call brings is
 * judged here, and results are made of checked parts. It also has no way to answer a call with a task of 2025-11-25.
 *
 * On a connection, calls after the first are taken past the SDK's dispatch as well ({@link take}). What asks the client for something, and
 * what is refused, takes the SDK's way, which knows how.
 */
export class QuickServer extends Server {
	readonly #era: SettledEra;
	#answer: AnswerToolCall | undefined;
	/** Outcomes of calls of the quick way, until the SDK's way answers them. */
	readonly #outcomes = new Map<RequestId, Outcome>();
	readonly #running = new Map<RequestId, AbortController>();

	/** @param era what is known of clients, where that outlives this server */
	constructor(info: Implementation, options: ServerOptions, era = new SettledEra()) {
		super(info, options);
		this.#era = era;
	}

	/** Says what answers `tools/call`. */
	answerToolCalls(answer: AnswerToolCall): void {
		this.#answer = answer;
		this.setRequestHandler('tools/call', async ({ params }, ctx) => {
			const outcome = this.#outcomes.get(ctx.mcpReq.id);
			this.#outcomes.delete(ctx.mcpReq.id);
			if (!outcome) return (await answer(params as ToolCallParams, ctx)) as never;
			if ('error' in outcome) throw outcome.error;
			return outcome.result as never;
		});
	}

	/** Keeps the outcome of the call with that id, which is to come on the SDK's way. */
	expect(id: RequestId, outcome: Outcome): void {
		this.#outcomes.set(id, outcome);
	}

	/** Takes a plain call of a tool, or the cancel of one, past the SDK. */
	take(message: unknown, wire: WireEnd): boolean {
		if (isObject(message) && message.method === 'notifications/cancelled')
			return this.#cancel(message.params);
		const call = this.#answer && plainCall(message, this.#era);
		if (!this.#answer || !call || this.#running.has(call.id)) return false;
		const controller = new AbortController();
		this.#running.set(call.id, controller);
		const mcpReq = new QuickRequest(call, controller.signal, this);
		void this.#run(call.id, this.#answer(call.params, { mcpReq }), controller.signal, (outcome) => {
			if (!outcome) return;
			if ('result' in outcome && !isInputRequiredResult(outcome.result)) {
				wire.answer({ result: this.#era.encode(outcome.result), jsonrpc: '2.0', id: call.id });
				return;
			}
			this.expect(call.id, outcome);
			wire.pass(message as object);
		});
		return true;
	}

	/** Gives undefined where the call was cancelled: nobody waits for its answer. */
	async #run(
		id: RequestId,
		running: Promise<Result>,
		signal: AbortSignal,
		end: (outcome: Outcome | undefined) => void,
	): Promise<void> {
		let outcome: Outcome;
		try {
			outcome = { result: await running };
		} catch (error) {
			outcome = { error };
		}
		this.#running.delete(id);
		end(signal.aborted ? undefined : outcome);
	}

	/** @returns whether that call was taken */
	#cancel(params: unknown): boolean {
		const { requestId, reason } = isObject(params) ? params : {};
		const controller = this.#running.get(requestId as RequestId);
		controller?.abort(reason);
		return controller !== undefined;
	}

	protected override _onclose(): void {
		super._onclose();
		for (const controller of this.#running.values()) controller.abort('the connection has been closed');
		this.#outcomes.clear();
	}

	protected override _wrapHandler(
		method: string,
		handler: (request: JSONRPCRequest, ctx: ServerContext) => Promise<Result>,
	): (request: JSONRPCRequest, ctx: ServerContext) => Promise<Result> {
		const wrapped = super._wrapHandler(method, handler);
		if (method !== 'tools/call') return wrapped;
		return async (request, ctx) => {
			const { id } = ctx.mcpReq;
			const params = toolCallParams(request.params);
			// A state that went through the client is opened on the SDK's way.
			const isForSdk = this.#outcomes.has(id) || ctx.mcpReq.requestState() !== undefined;
			if (!this.#answer || !params || isForSdk) return wrapped(request, ctx);
			this.#era.learn(ctx.mcpReq.envelope, this.#encode);
			const result = await this.#answer(params, ctx);
			if (!isInputRequiredResult(result)) return result;
			this.expect(id, { result });
			return wrapped(request, ctx);
		};
	}

	readonly #encode = (result: Result): unknown =>
		this._wireCodec().encodeResult('tools/call', result, this._outboundServerInfo());
}
