import type { ExchangeTiming } from '../carrier/exchange-timing.ts';
import type { Progress } from '../wire/generated/messages.ts';
import type { JsonObject } from '../wire/json-value.ts';

/** Called with the progress that a tool reports; `total` 0: not known. */
export type ProgressListener = (progress: Required<Omit<Progress, 'output'>>) => void;

/** Options of one request. */
export interface CallOptions {
	/**
	 * Milliseconds for the whole exchange, then `deadline_exceeded`; `Infinity` for none. Default: the client's, which is
	 * 60 s where its maker said nothing.
	 */
	readonly timeoutMs?: number | undefined;
	/** Aborting it cancels: the peer is told, and the call rejects with `cancelled`. */
	readonly signal?: AbortSignal | undefined;
	/** Filled in with where the time goes, once; see `phasesOf`. Default: nothing is measured. */
	readonly timing?: ExchangeTiming | undefined;
	/**
	 * W3C trace context that the call belongs to, as in a `traceparent` header; of calls of tools, prompts, storage and of what is published.
	 * Default: the client's.
	 */
	readonly traceParent?: string | undefined;
}

/** Answers for a call that failed with `input_required`, to make it anew. */
export interface AnsweredOptions extends CallOptions {
	/** Answers, by the keys of `details.inputRequests`. Default: none. */
	readonly inputResponses?: JsonObject | undefined;
	/** State that came along in `details.requestState`. */
	readonly requestState?: string | undefined;
}

/** Options of a call of a tool. */
export interface ToolCallOptions extends AnsweredOptions {
	/** The session that the call belongs to; what it means is the plugin's business. */
	readonly sessionId?: string | undefined;
	/** AI provider to which an orchestrator routes the call. */
	readonly provider?: string | undefined;
	/** The plugin that has to answer, where an orchestrator has several (an extension: a core peer ignores it). */
	readonly plugin?: string | undefined;
	/** The tools whose calls led to this one, the first of them first. Filled in for calls that a handler makes. */
	readonly via?: readonly string[] | undefined;
	/** Called with the progress that the tool reports. Where it throws, the call is cancelled and rejects with `cancelled`. */
	readonly onProgress?: ProgressListener | undefined;
	/**
	 * Called with the tool's output before its result, in order, each text once. Where it throws, the call is cancelled and rejects with
	 * `cancelled`. Default: the tool's output goes nowhere.
	 */
	readonly onOutput?: ((text: string) => void) | undefined;
}

/** Options of a call of a streaming tool. Its `timeoutMs` is for the whole stream; `Infinity` lets it live as long as the connection. */
export interface ToolStreamOptions extends ToolCallOptions {
	/** Bytes of chunks that may be under way before the reader takes them. Default 256 KiB. */
	readonly windowBytes?: number | undefined;
	/**
	 * Input that the tool reads from `ctx.input`: bytes, strings, or JSON values. It is read as fast as the tool takes it, and let go when the
	 * stream ends. Where it throws, the stream is cancelled. A core peer is never sent any. Default: nothing.
	 */
	readonly input?: AsyncIterable<InputValue> | undefined;
}

/** A message to a streaming tool that runs. */
export type InputValue = Uint8Array | string | JsonObject | readonly unknown[] | number | boolean | null;

/** Options of a client. */
export interface ClientOptions {
	/** The plugin in whose name tools are called and events published. Default: none. */
	readonly callerPlugin?: string | undefined;
	/** W3C trace context of the calls that say none; each is a part of its own of that trace. Default: none. */
	readonly traceParent?: string | undefined;
	/** Milliseconds for every call that does not say; `Infinity` for none. Default 60 s. */
	readonly timeoutMs?: number | undefined;
}

/** Options of a request to shut down. */
export interface ShutdownOptions extends CallOptions {
	/** Seconds that the peer may take for it, as it is told. Default 5. */
	readonly timeoutSeconds?: number | undefined;
}

/** An event to publish. */
export interface PublishedEvent {
	topic: string;
	eventType: string;
	payload?: JsonObject;
}

/** A subscription to events: topics and options. */
export interface SubscriptionRequest {
	/** Chosen by the subscriber; what `unsubscribe` takes. */
	id: string;
	topic: string;
	/** Fields that the payload must have with these values. Default: none. */
	filters?: Readonly<Record<string, string>>;
	/** Events of the past to be delivered first, of each topic (an extension: a core peer ignores it). Default 0. */
	replay?: number;
}
