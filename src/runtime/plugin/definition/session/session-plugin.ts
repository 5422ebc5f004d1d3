import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { SessionContext, SessionSnapshot } from '../../../services/session-plugin-service.ts';
import type { JsonObject, JsonValue } from '../../../wire/json-value.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import type { JsonSchemaToolOptions, StandardToolOptions, ToolHandler } from '../tool.ts';
import type { HookHandler, HookOptions } from './hook.ts';
import type { OperationHandler, OperationOptions } from './operation.ts';

/** Milliseconds that a `build` may take before it is told as slow. */
export const buildBudgetMs = 1;

/** Registers the parts of a session's plugin; only until `register` has returned. */
export interface SessionRegistrar {
	/** Adds a tool for this session only. @throws OrchestraError `duplicate_tool` */
	tool<S extends StandardSchemaV1>(
		name: string,
		options: StandardToolOptions<S>,
		handler: ToolHandler<StandardSchemaV1.InferOutput<S>>,
	): void;
	tool<Args = JsonObject>(name: string, options: JsonSchemaToolOptions, handler: ToolHandler<Args>): void;
	hook(name: string, handler: HookHandler): void;
	hook(name: string, options: HookOptions, handler: HookHandler): void;
	/** Claims to be the one plugin of the session for something, such as `compactor`: a session with two is not opened. */
	claim(slot: string): void;
	/** Reads. @throws OrchestraError `duplicate_operation` */
	query(name: string, options: OperationOptions, handler: OperationHandler): void;
	/** Changes something. */
	command(name: string, options: OperationOptions, handler: OperationHandler): void;
	/** Takes its time, and can be cancelled. */
	task(name: string, options: OperationOptions, handler: OperationHandler): void;
}

/** A plugin's part in one session. Every member is optional. */
export interface SessionPlugin {
	/** Registers what the session has. Synchronous. */
	register?(registrar: SessionRegistrar): void;
	/** Takes what {@link snapshot} gave, or undefined for a new session; before {@link ready}. */
	restore?(state: JsonValue | undefined, from: Omit<SessionSnapshot, 'state'> | undefined): unknown;
	/** The session begins. */
	ready?(): unknown;
	/** The version of what {@link snapshot} gives: one of another version is refused. Default `1`. */
	readonly version?: string;
	/** State to keep. The same revision as before says that nothing has changed. */
	snapshot?(): { revision: number; state: JsonValue } | PromiseLike<{ revision: number; state: JsonValue }>;
	/** The session is over. */
	dispose?(): unknown;
}

/** Makes a cheap plugin for each session, around whatever is expensive, which it holds itself. */
export interface SessionPluginFactory {
	/** Unique in its plugin. */
	readonly id: string;
	/**
	 * Makes the plugin of a session. It does no I/O, loads and waits for nothing: it is synchronous by type, a promise is an error, and
	 * above {@link buildBudgetMs} it is told as slow. For `session.parent === undefined` the session is a root.
	 */
	build(session: SessionContext): SessionPlugin;
	/** Contributions to the extensions of all sessions; asked once. */
	extensionContributions?(): readonly { readonly extension: string; readonly payload: JsonObject }[];
}

/** @throws OrchestraError `invalid_plugin` */
export function assertFactory(factory: SessionPluginFactory, pluginId: string): void {
	if (
		typeof factory?.build === 'function' &&
		typeof factory.id === 'string' &&
		/^[\w.-]{1,64}$/.test(factory.id)
	)
		return;
	throw new OrchestraError('invalid_plugin', `a session plugin of ${pluginId} has no id or no build`, {
		hint: 'A factory is { id, build(session) { return { … }; } }; its id has letters, digits, "_", "-" or ".".',
	});
}
