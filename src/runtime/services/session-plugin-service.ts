import type { JsonObject, JsonValue } from '../wire/json-value.ts';
import { defineService, unary } from './service-definition.ts';

/** Facts that a plugin gets about the session that it works for. */
export interface SessionContext {
	readonly id: string;
	/** A folder that exists. */
	readonly workingDirectory: string;
	/** Command behind which commands of the session are run (a sandbox, say), with the working directory filled in; empty for none. */
	readonly commandPrefix: readonly string[];
	/** Empty for none. */
	readonly project: string;
	/** Options that the opener passed for this plugin. */
	readonly options: JsonObject;
	/** The session that this one is part of; undefined for a root session. */
	readonly parent?: string | undefined;
	/** Contributions of factories, by extension, in the order of the factories. */
	readonly extensions: Readonly<Record<string, readonly JsonObject[]>>;
}

/** A message that a hook adds to a turn. */
export interface TurnMessage {
	readonly role: 'user' | 'system' | 'assistant';
	readonly content: string;
}

/** Work of the host program after it has stored the outcome of a call or a turn. */
export type PostPersistAction =
	| { readonly kind: 'info_message'; readonly session?: string; readonly text: string }
	| { readonly kind: 'stop_loop'; readonly reason: string };

/** Effects that a hook wants. Every member is optional; docs/sessions.md says which hook may ask for which. */
export interface HookEffects {
	/** Ends the turn, or refuses the tool call; the first hook that does so wins, and no later hook runs. */
	readonly abort?: { readonly code: string; readonly message: string };
	/** Added to the turn; of the hooks before it only `user` and `system` are kept. */
	readonly messages?: readonly TurnMessage[];
	/** The system prompt; the last hook wins. */
	readonly systemPrompt?: string;
	/** `before_tool_call`: the arguments to call the tool with. They are checked against its schema afterwards. */
	readonly arguments?: JsonObject;
	/** `before_tool_call`: the result, and the tool does not run. `after_tool_call`: the result in place of the tool's. */
	readonly result?: JsonObject;
	/** `after_tool_call`: text that follows the result, in its field `appended`. */
	readonly appendResult?: string;
	/** Sessions that the host program is to open. */
	readonly sessions?: readonly JsonObject[];
	/** Events that are published in the name of the plugin. */
	readonly events?: readonly { readonly topic: string; readonly payload?: JsonObject }[];
	/** Entries for the trace; a name becomes `plugin.<id>.<name>`. */
	readonly trace?: readonly { readonly name: string; readonly data?: JsonObject }[];
	readonly postPersist?: readonly PostPersistAction[];
	/** `session_config`: the configuration in place of that in the data; the next hook sees it. */
	readonly config?: JsonObject;
	/** `idle`: the plugin has no need to live; it comes back, restored, when it is needed. */
	readonly rest?: boolean;
}

/** A hook that a plugin listens to. */
export interface HookInfo {
	readonly name: string;
	/** Milliseconds that it may take. */
	readonly timeoutMs: number;
	/** Whether its failure fails what it is about. */
	readonly required: boolean;
}

/** Whether an operation is of a session. */
export type SessionParameter = 'required' | 'optional' | 'forbidden';

/** A typed operation of a plugin beside its tools. */
export interface OperationInfo {
	readonly kind: 'query' | 'command' | 'task';
	readonly name: string;
	readonly description: string;
	readonly session: SessionParameter;
	/** The JSON Schema of its arguments. */
	readonly inputSchema: JsonObject;
}

/** Parts of a plugin for sessions as a whole. */
export interface SessionPluginInfo {
	readonly hooks: readonly HookInfo[];
	readonly operations: readonly OperationInfo[];
	readonly factories: readonly string[];
	readonly extensions: readonly { readonly extension: string; readonly payload: JsonObject }[];
}

/** State of a factory's plugin that outlives a restart, with the version of whoever wrote it. */
export interface SessionSnapshot {
	readonly factory: string;
	readonly version: string;
	readonly revision: number;
	readonly state: JsonValue;
}

/** Parts of a plugin for one session, once it was built. */
export interface OpenedSession {
	readonly tools: readonly { readonly name: string; readonly description: string }[];
	readonly hooks: readonly HookInfo[];
	readonly operations: readonly OperationInfo[];
	/** Roles that only one plugin of the session may have. */
	readonly claims: readonly { readonly name: string }[];
	/** Milliseconds that each factory's `build` took. */
	readonly builds: Readonly<Record<string, number>>;
}

/** Requests of a session's host to a plugin. Nobody else may make them. */
export const sessionPluginService = defineService('orchestra.session_plugin', 1, {
	describe: unary<JsonObject, SessionPluginInfo & JsonObject>(),
	/** Builds, registers, restores, and lets it be ready, in this order. Fails with `session_exists`, `session_failed`, `snapshot_mismatch`. */
	open: unary<{ context: SessionContext; snapshots?: readonly SessionSnapshot[] }, OpenedSession>(),
	/** Disposes; does nothing for a session that it does not have. */
	close: unary<{ session: string }, JsonObject>(),
	/** Runs one hook: the plugin's own where `own` is set, else the session's. `index` is that of its list. */
	hook: unary<
		{ session: string; own: boolean; index: number; name: string; data: JsonObject },
		HookEffects
	>(),
	snapshot: unary<{ session: string }, { snapshots: readonly SessionSnapshot[] }>(),
	operation: unary<{ session: string; name: string; arguments: JsonObject }, { result: JsonValue }>(),
});
