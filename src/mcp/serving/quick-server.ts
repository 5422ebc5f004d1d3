import {
	isInputRequiredResult,
	type JSONRPCRequest,
	type RequestId,
	type Result,
	Server,
	type ServerContext,
} from '@modelcontextprotocol/server';
import { isObject, type JsonObject } from '../../runtime/wire/json-value.ts';
import type { CallContext } from '../calls/call-context.ts';
import { KnownEnvelope } from './known-envelope.ts';
import { QuickRequest } from './quick-request.ts';
import type { WireEnd } from './stdio-wire.ts';
import { type ToolCallParams, toolCallParams } from './tool-call-params.ts';

type AnswerToolCall = (params: ToolCallParams, ctx: CallContext) => Promise<Result>;

/** What a call came to that the SDK has to answer: it asks the client for something, or was refused. */
type Outcome = { readonly result: Result } | { readonly error: unknown };

/** A call that {@link QuickServer.take} may take. */
interface PlainCall extends JsonObject {
	readonly id: RequestId;
	readonly params: JsonObject;
}

/**
 * The server of the SDK, which checks each call of a tool several times against its schemas, with less of that: what a call brings is
 * judged here, and results are made of checked parts. It also has no way to answer a call with a task of 2025-11-25.
 *
 * On a connection, calls after the first are taken past the SDK's dispatch as well ({@link take}). What asks the client for something, and
 * what is refused, takes the SDK's way, which knows how.
 */
export class QuickServer extends Server {
	#answer: AnswerToolCall | undefined;
	/** What calls of the quick way came to, until the SDK's way answers them. */
	readonly #outcomes = new Map<RequestId, Outcome>();
	readonly #running = new Map<RequestId, AbortController>();
	readonly #envelope = new KnownEnvelope();
	/** Whether the SDK has served a call: which era the connection speaks is settled then. */
	#isSettled = false;

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

	/** Takes a plain call of a tool, or the cancel of one, past the SDK. */
	take(message: unknown, wire: WireEnd): boolean {
		if (!isObject(message) || message.jsonrpc !== '2.0') return false;
		if (message.method === 'notifications/cancelled') return this.#cancel(message.params);
		if (!this.#isSettled || !this.#answer || !isPlainCall(message) || this.#running.has(message.id))
			return false;
		const params = toolCallParams(message.params);
		const { _meta: meta } = message.params;
		if (!params || !(meta === undefined || isMeta(meta))) return false;
		const envelope = this.#envelope.find(meta);
		if (envelope === 'unknown') return false;
		const controller = new AbortController();
		this.#running.set(message.id, controller);
		const ctx = { mcpReq: new QuickRequest(this, controller.signal, meta, envelope) };
		void this.#run(message, this.#answer(params, ctx), controller, wire);
		return true;
	}

	async #run(
		{ id, ...message }: PlainCall,
		running: Promise<Result>,
		controller: AbortController,
		wire: WireEnd,
	): Promise<void> {
		let outcome: Outcome;
		try {
			const result = await running;
			if (!isInputRequiredResult(result)) {
				this.#running.delete(id);
				// Nobody waits for the answer of what was cancelled.
				if (controller.signal.aborted) return;
				const encoded = this._wireCodec().encodeResult('tools/call', result, this._outboundServerInfo());
				wire.answer({ result: encoded, jsonrpc: '2.0', id });
				return;
			}
			outcome = { result };
		} catch (error) {
			outcome = { error };
		}
		this.#running.delete(id);
		if (controller.signal.aborted) return;
		this.#outcomes.set(id, outcome);
		wire.pass({ id, ...message });
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
			this.#isSettled = true;
			this.#envelope.learn(ctx.mcpReq.envelope);
			const params = toolCallParams(request.params);
			const isKnown = this.#outcomes.has(ctx.mcpReq.id);
			// A state that went through the client is opened on the SDK's way.
			if (!this.#answer || !params || isKnown || ctx.mcpReq.requestState() !== undefined)
				return wrapped(request, ctx);
			const result = await this.#answer(params, ctx);
			if (!isInputRequiredResult(result)) return result;
			this.#outcomes.set(ctx.mcpReq.id, { result });
			return wrapped(request, ctx);
		};
	}
}

/** Whether a message is a call of a tool with nothing that the SDK has to look at. */
function isPlainCall(message: JsonObject): message is PlainCall {
	const { id, method, params } = message;
	if (method !== 'tools/call' || !(typeof id === 'string' || Number.isSafeInteger(id))) return false;
	if (!isObject(params) || 'requestState' in params || 'inputResponses' in params) return false;
	return Object.keys(message).length === 4;
}

function isMeta(meta: unknown): meta is JsonObject {
	if (!isObject(meta)) return false;
	const { progressToken: token } = meta;
	return token === undefined || typeof token === 'string' || Number.isSafeInteger(token);
}
