import type { JsonObject } from '../../wire/json-value.ts';
import { ToolError } from '../../wire/orchestra-error.ts';

/** A question of a tool or a prompt for its caller, in the shapes of MCP: `elicitation/create`, `sampling/createMessage`, `roots/list`. */
export interface InputRequest {
	readonly method: string;
	readonly params?: JsonObject;
}

/** Options of {@link inputRequired}. */
export interface InputRequiredOptions {
	/** Questions, by keys of the author's own. The answers come back under the same keys. */
	readonly inputRequests: Readonly<Record<string, InputRequest>>;
	/** State that the next call gets back as `ctx.requestState`: whoever calls may read it, and could change it. Default: none. */
	readonly requestState?: string;
	/** Message for callers that cannot ask anybody. Default: what is asked for, by its keys. */
	readonly message?: string;
}

/**
 * Makes the error that a handler throws that needs answers first. Whoever can ask (an MCP client does) calls anew, with the same arguments and the
 * answers in `ctx.inputResponses`; for everybody else the call fails with `input_required`. Nothing waits meanwhile.
 *
 * @example
 * const answer = ctx.inputResponses.name as { content?: { name?: string } } | undefined;
 * if (!answer) throw inputRequired({ inputRequests: { name: { method: 'elicitation/create', params: { message: 'Who?', requestedSchema } } } });
 */
export function inputRequired({ inputRequests, requestState, message }: InputRequiredOptions): ToolError {
	const keys = Object.keys(inputRequests);
	return new ToolError('input_required', message ?? `answers are needed first: ${keys.join(', ')}`, {
		hint: 'Call it through a client that can ask, such as an MCP client.',
		details: {
			inputRequests: inputRequests as unknown as JsonObject,
			...(requestState === undefined ? {} : { requestState }),
		},
	});
}
