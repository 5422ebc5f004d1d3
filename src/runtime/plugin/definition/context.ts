import type { InputValue, ToolCallOptions, ToolStreamOptions } from '../../client/call-options.ts';
import type { ToolChunk } from '../../client/chunk-queue.ts';
import type { StorageClient } from '../../client/storage-client.ts';
import type { HookOutcome } from '../../services/sessions-service.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import type { Log } from './log.ts';
import type { PluginEvent } from './plugin-event.ts';
import type { RunningSubscribeOptions } from './subscribe-options.ts';

/** Facts that go with an event besides its topic and payload. */
export interface PublishOptions {
	/** Kind of the event within its topic. Default: none. */
	readonly eventType?: string | undefined;
}

/** Handler of events, which come one at a time and in order. An error that it throws is logged. */
export type EventHandler = (event: PluginEvent, ctx: PluginContext) => unknown;

/** Ends a subscription; safe to call twice. Resolves when the host knows, and rejects where it cannot be told. */
export interface Unsubscribe {
	(): Promise<void>;
	/** Id for {@link PluginContext.unsubscribe}. */
	readonly id: string;
}

/** Context that every handler of a plugin gets. Its methods need no `this`: `({ log, callTool }) => …` works. */
export interface PluginContext {
	readonly pluginId: string;
	/** Aborts when nobody waits for this handler any more, or when the plugin stops. Its reason is an {@link OrchestraError}. */
	readonly signal: AbortSignal;
	readonly log: Log;
	/**
	 * W3C trace context of what this handler works on, as in a `traceparent` header; empty for none. What it calls, stores and publishes
	 * through this context belongs to that trace; for other requests, pass it on.
	 */
	readonly traceParent: string;
	/**
	 * Calls a tool of any plugin, as part of this call: its trace, session, deadline and cancellation are passed on where
	 * `options` say nothing else. Rejects with the tool's own error, `tool_not_found`, `no_orchestrator`, …
	 */
	callTool(name: string, args?: JsonObject, options?: ToolCallOptions): Promise<JsonObject>;
	/** Reads a streaming tool of any plugin, as part of this call. */
	streamTool(name: string, args?: JsonObject, options?: ToolStreamOptions): AsyncIterable<ToolChunk>;
	/** Client of the host's storage plugins. */
	readonly storage: StorageClient;
	/** Tells every subscriber of a topic. Resolves when the host has taken the event, not when it was heard. */
	publish(topic: string, payload?: JsonObject, options?: PublishOptions): Promise<void>;
	/**
	 * Listens for the events of a topic, or of a pattern of topics, from now on and until it is ended or the plugin stops: a call that
	 * subscribes may end meanwhile. Resolves when the host has taken the subscription. Events that pass while a plugin in a process of
	 * its own has no connection to its orchestrator are not heard.
	 *
	 * @example const stop = await ctx.subscribe('weather.*', { filters: { city: 'Oslo' } }, ({ payload }) => …);
	 * @returns what ends it
	 * @throws OrchestraError `invalid_topic`, `overloaded`, `no_orchestrator`, `shutting_down`; `routing_error` where the orchestrator
	 * does not host this plugin
	 */
	subscribe(topic: string, handler: EventHandler): Promise<Unsubscribe>;
	subscribe(topic: string, options: RunningSubscribeOptions, handler: EventHandler): Promise<Unsubscribe>;
	/**
	 * Fires a hook of a name of the plugin's own in a session: by default the one that this handler works for. The other plugins hear it,
	 * this one does not. Resolves with what they want done.
	 *
	 * @throws OrchestraError `session_not_found`, `permission_denied`, `hook_failed`, `overloaded`, `no_orchestrator`
	 */
	fireHook(name: string, data?: JsonObject, options?: { readonly session?: string }): Promise<HookOutcome>;
	/** Ends a subscription of {@link subscribe} by its id. Does nothing where there is none of that id. */
	unsubscribe(id: string): Promise<void>;
}

/** Context of a handler that may ask its caller for something first; see `inputRequired`. */
export interface AnsweredContext {
	/** Answers of the caller, by the keys under which it was asked; empty at the first call. They come from the caller, and are not checked. */
	readonly inputResponses: JsonObject;
	/** State that this handler gave along when it asked; empty for none. */
	readonly requestState: string;
}

/** Context of a prompt's handler. */
export interface PromptContext extends PluginContext, AnsweredContext {}

/** Context of a tool's handler. Of a streaming tool nothing is ever answered. */
export interface ToolContext extends PluginContext, AnsweredContext {
	readonly toolName: string;
	/** When the caller stops waiting, in milliseconds of Date.now(); undefined where it did not say. */
	readonly deadline: number | undefined;
	readonly requestId: string;
	/** The session that the call belongs to; empty for none. */
	readonly sessionId: string;
	/** The plugin that calls, as it says itself; empty for none. */
	readonly callerPlugin: string;
	/**
	 * The token of the plugin's lease, where a cluster runs it once (`singleton`). It grows with each change of the node that runs it: a
	 * store that refuses what comes with a smaller one than it has seen is safe from a node that stood still. Undefined elsewhere.
	 */
	readonly fencingToken: number | undefined;
	/** The AI provider that the caller asked for; empty for none. */
	readonly provider: string;
	/**
	 * Messages that the caller sends while a streaming tool runs, for one reader: bytes, strings or JSON values, as they were sent; it ends when
	 * the caller has said its last. Empty where the caller sends nothing. The caller may begin when this is first read, and waits
	 * where it is 256 KiB ahead. The loop throws when nobody waits for the tool any more.
	 *
	 * @example for await (const line of ctx.input) yield String(line).toUpperCase();
	 */
	readonly input: AsyncIterable<InputValue>;
	/**
	 * Reports the progress of the call. `total` 0 or absent: not known. May be called as often as wanted: the caller hears about 20
	 * a second, the latest always, and nothing where it did not ask.
	 */
	progress(progress: number, total?: number, message?: string): void;
	/**
	 * Puts out text before the result: the caller hears all of it, in order and before the result; nothing where it did not ask. Where
	 * the caller is behind it returns a promise: wait for it. Who does not wait loses what is more than 1 MiB behind, and the caller
	 * is told how much. Nothing is sent after the result. The promise never rejects; it settles early when the call is cancelled.
	 *
	 * @example for await (const line of lines) await ctx.output(line);
	 */
	output(text: string): Promise<void> | undefined;
}
