import type { CallKind } from '../../wire/call-facts.ts';

/** A call, as far as it is known when it begins. Texts that a peer chose are cut at 256 characters. */
export interface ObservedCall {
	/** Id for `cancel` and `payload`. Unique as long as the server runs. */
	readonly id: string;
	readonly call: CallKind;
	/** The tool, prompt, path or method. */
	readonly name: string;
	/** The id of the plugin that serves it; empty where none does: it was refused, or there is no such tool. */
	readonly plugin: string;
	/** The AI provider that was asked for; empty where none was. */
	readonly provider: string;
	/** Caller, by certificate; a plugin by its id. Empty for a caller without a certificate. */
	readonly caller: string;
	/** The trace that its caller says it belongs to (W3C trace context); empty where it says none. */
	readonly traceParent: string;
	/** When it came, in milliseconds since 1970. */
	readonly startedAt: number;
}

/** End of a call. `cancelled`: its caller gave up, went away, or an operator cancelled it. A deadline that passed is an `error`. */
export type CallOutcome = 'ok' | 'error' | 'cancelled';

/** Event about a call, which `watch` tells where it is asked to. Every `call_started` is followed by one `call_ended`, unless events were missed. */
export type CallEvent =
	/** The calls under way when the watch began, or when events were missed. */
	| { readonly kind: 'calls'; readonly calls: readonly ObservedCall[] }
	/** Told when the call was routed, or refused. */
	| { readonly kind: 'call_started'; readonly call: ObservedCall }
	/** A stream has sent more chunks: so many in all. Told once a second at most for each call. */
	| { readonly kind: 'call_progress'; readonly id: string; readonly chunks: number }
	| {
			readonly kind: 'call_ended';
			readonly id: string;
			/** In milliseconds since 1970. */
			readonly endedAt: number;
			/** Milliseconds from its coming to its last answer, with fractions. */
			readonly latencyMs: number;
			readonly outcome: CallOutcome;
			/** The stable code of what went wrong; empty where nothing did. */
			readonly code: string;
			/** Message of its error, without secrets among the arguments, cut at 1,024 characters; empty for none. */
			readonly message: string;
			/** Chunks that a stream has sent; 0 for other calls. */
			readonly chunks: number;
	  };

/** A value as JSON text. */
export interface KeptValue {
	/** Secrets stand as `"***"`. Where the value was cut the text ends in the middle, and is no JSON. */
	readonly text: string;
	/** Whether the value was longer than 64 KiB as text, or too large to look through for secrets. */
	readonly truncated: boolean;
}

/** Arguments and result of a call. */
export interface CallPayload {
	/**
	 * Left out where they are not kept: nobody watched with `payloads` when the call came, later calls needed the room, or there is no
	 * schema that says what is secret in them. Only calls of tools and prompts have them.
	 */
	readonly arguments?: KeptValue | undefined;
	/** Left out where it is not kept, has not come, or is an error. Chunks of a stream are never kept. */
	readonly result?: KeptValue | undefined;
}
