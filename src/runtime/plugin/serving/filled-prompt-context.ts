import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import type { PromptGetRequest } from '../../wire/generated/messages.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import type { PromptContext } from '../definition/context.ts';
import { HandlerContext, type HandlerOwner } from './handler-context.ts';
import { inputResponsesOf } from './input-responses.ts';

/** The context of a prompt that is filled in. */
export class FilledPromptContext extends HandlerContext implements PromptContext {
	readonly #request: PromptGetRequest;

	constructor(owner: HandlerOwner, exchange: IncomingExchange, request: PromptGetRequest) {
		super(owner, exchange, exchange.request);
		this.#request = request;
	}

	get inputResponses(): JsonObject {
		return inputResponsesOf(this.#request);
	}

	get requestState(): string {
		return this.#request.requestState ?? '';
	}
}
