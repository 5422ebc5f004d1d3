import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { isInputRequiredResult, PROTOCOL_VERSION_META_KEY, type Result } from '@modelcontextprotocol/server';
import { type PlainCall, plainCall } from './plain-call.ts';
import { QuickRequest } from './quick-request.ts';
import type { AnswerToolCall, Outcome, QuickServer } from './quick-server.ts';
import { SettledEra } from './settled-era.ts';

/**
 * Answers calls of 2026-07-28 over HTTP without a server of the SDK for each, where the SDK has served one of the same client before. As
 * on stdio, what asks the client for something, and what is refused, takes the SDK's way.
 */
export class QuickHttp {
	readonly era = new SettledEra();
	readonly #answer: AnswerToolCall;
	/** Outcomes of messages, until the server is made that answers them. */
	readonly #outcomes = new WeakMap<object, Outcome>();
	readonly #running = new Set<AbortController>();

	constructor(answer: AnswerToolCall) {
		this.#answer = answer;
	}

	/**
	 * Answers a call.
	 *
	 * @returns whether it is answered; otherwise the SDK has to, with what {@link prepare} tells its server
	 */
	async take(headers: IncomingHttpHeaders, message: unknown, response: ServerResponse): Promise<boolean> {
		const call = plainCall(message, this.era);
		if (!call || !fits(headers, call)) return false;
		const controller = new AbortController();
		const gone = () => controller.abort('the client has gone');
		response.once('close', gone);
		this.#running.add(controller);
		let outcome: Outcome;
		try {
			outcome = {
				result: await this.#answer(call.params, { mcpReq: new QuickRequest(call, controller.signal) }),
			};
		} catch (error) {
			outcome = { error };
		} finally {
			this.#running.delete(controller);
			response.off('close', gone);
		}
		if (response.destroyed) return true;
		if ('result' in outcome && !isInputRequiredResult(outcome.result)) {
			this.#send(call, outcome.result, response);
			return true;
		}
		this.#outcomes.set(message as object, outcome);
		return false;
	}

	/** Tells a server what the call came to that it is made for. */
	prepare(server: QuickServer, message: unknown): void {
		const outcome = this.#outcomes.get(message as object);
		if (outcome) server.expect((message as PlainCall).id, outcome);
	}

	close(): void {
		for (const controller of this.#running) controller.abort('the server stops');
	}

	#send({ id }: PlainCall, result: Result, response: ServerResponse): void {
		const text = JSON.stringify({ result: this.era.encode(result), jsonrpc: '2.0', id });
		response.writeHead(200, {
			'content-type': 'application/json',
			'content-length': Buffer.byteLength(text),
		});
		response.end(text);
	}
}

/** Whether the headers say what the call does, in the simplest way, and nothing is to be sent before its answer. */
function fits(headers: IncomingHttpHeaders, { params, meta, envelope }: PlainCall): boolean {
	return (
		envelope !== undefined &&
		meta?.progressToken === undefined &&
		headers['mcp-protocol-version'] === meta?.[PROTOCOL_VERSION_META_KEY] &&
		headers['mcp-method'] === 'tools/call' &&
		headers['mcp-name'] === params.name &&
		headers['mcp-session-id'] === undefined
	);
}
