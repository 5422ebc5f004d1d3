import type { JsonObject, JsonValue } from '../wire/json-value.ts';
import { defineService, serverStream, unary } from './service-definition.ts';
import type {
	HookInfo,
	OperationInfo,
	PostPersistAction,
	SessionSnapshot,
	TurnMessage,
} from './session-plugin-service.ts';

/** Options of opening a session. */
export interface OpenSession {
	/** 1 to 64 letters, digits, `.`, `_` or `-`. Default: one is made. */
	readonly id?: string;
	readonly workingDirectory?: string;
	/** Command behind which the plugins run commands of the session; `{cwd}` in it is the working directory. Default: none. */
	readonly commandPrefix?: readonly string[];
	readonly project?: string;
	/** Options for each plugin, by its id. */
	readonly options?: Readonly<Record<string, JsonObject>>;
	readonly parent?: string;
	/** The plugins that take part, by id; their order is that of builds and hooks. Default: all, in the order in which they were added. */
	readonly plugins?: readonly string[];
	/** Result of {@link sessionsService} `snapshot`, by plugin. */
	readonly snapshots?: Readonly<Record<string, readonly SessionSnapshot[]>>;
}

/** A session as it stands. */
export interface SessionInfo {
	readonly id: string;
	readonly parent: string;
	readonly workingDirectory: string;
	readonly project: string;
	readonly plugins: readonly string[];
	readonly tools: readonly { readonly name: string; readonly description: string; readonly plugin: string }[];
	readonly hooks: readonly (HookInfo & { readonly plugin: string })[];
	readonly operations: readonly (OperationInfo & { readonly plugin: string })[];
	/** Milliseconds that each `build` took, by `plugin/factory`. */
	readonly builds: Readonly<Record<string, number>>;
	/** Calls under way. */
	readonly calls: readonly string[];
	/** Remarks: a folder that is not there, a slow build, a registration that has changed. */
	readonly warnings: readonly string[];
}

/** Parts of a plugin for sessions, and how long its builds took since the orchestrator started. */
export interface SessionPluginReport {
	readonly plugin: string;
	/** Hooks of the plugin as such; those of its parts are in {@link SessionInfo}. */
	readonly hooks: readonly HookInfo[];
	readonly operations: readonly OperationInfo[];
	readonly factories: readonly BuildTimes[];
}

/** Durations of a factory's `build`. */
export interface BuildTimes {
	readonly id: string;
	/** Number of calls, and of those that took longer than they may. */
	readonly builds: number;
	readonly slow: number;
	/** Milliseconds. */
	readonly slowestMs: number;
}

/** A hook that failed and was skipped. */
export interface SkippedHook {
	readonly plugin: string;
	readonly hook: string;
	readonly code: string;
	readonly message: string;
}

/** Effects of the hooks of one kind: the host program applies them, and confirms. */
export interface HookOutcome {
	/** In the order of the hooks, each with its plugin. */
	readonly messages: readonly (TurnMessage & { readonly plugin: string })[];
	readonly systemPrompt?: string;
	readonly abort?: { readonly plugin: string; readonly code: string; readonly message: string };
	readonly sessions: readonly { readonly plugin: string; readonly session: JsonObject }[];
	readonly trace: readonly { readonly name: string; readonly data: JsonObject }[];
	readonly config?: JsonObject;
	readonly skipped: readonly SkippedHook[];
	/** Number of actions that `confirm` gives. */
	readonly postPersist: number;
}

/**
 * The sessions of an orchestrator. A session belongs to whoever opened it, by certificate: nobody else may use it, but the plugins that
 * take part may call tools in it and fire hooks. Tools are called as ever, with the session's id.
 */
export const sessionsService = defineService('orchestra.sessions', 1, {
	/** Fails with `session_exists`, `session_failed`, `session_not_found` (the parent), `overloaded`. */
	open: unary<OpenSession, SessionInfo>(),
	/** Cancels its calls, closes its children, disposes its plugins. Fails with `session_not_found`. */
	close: unary<{ session: string }, JsonObject>(),
	list: unary<JsonObject, { sessions: readonly SessionInfo[] }>(),
	describe: unary<{ session: string }, SessionInfo>(),
	/** Parts of the plugins for sessions, whether one is open or not; for every caller. */
	plugins: unary<JsonObject, { plugins: readonly SessionPluginReport[] }>(),
	/** Cancels a call of the session by the id of its request; false where there is none, or it has ended. */
	cancel: unary<{ session: string; call: string }, { cancelled: boolean }>(),
	/** Runs the hooks of a name: `before_turn`, `after_turn`, `checkpoint`, or a custom one. */
	fire: unary<{ session: string; hook: string; data?: JsonObject }, HookOutcome>(),
	/** The host program has stored what it was given: what is to be done then, in order, once. */
	confirm: unary<{ session: string }, { actions: readonly (PostPersistAction & { plugin: string })[] }>(),
	/** Runs a query, command or task. Fails with `operation_not_found`, `invalid_arguments`, or the operation's own code. */
	operate: unary<
		{ session?: string; plugin?: string; name: string; arguments?: JsonObject },
		{ result: JsonValue }
	>(),
	/** State that the plugins keep, by plugin; those whose revision has not changed since `since` are left out. */
	snapshot: unary<
		{ session: string; since?: Readonly<Record<string, readonly SessionSnapshot[]>> },
		{ snapshots: Readonly<Record<string, readonly SessionSnapshot[]>> }
	>(),
	/** Counts as a subscriber: the session is not idle while it is read. */
	attach: serverStream<{ session: string }, { closed: boolean }>(),
});
