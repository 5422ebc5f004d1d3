import type { HookEffects, HookInfo, SessionContext } from '../../../services/session-plugin-service.ts';
import type { JsonObject } from '../../../wire/json-value.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import type { PluginContext } from '../context.ts';
import { assertHandler } from '../handler-options.ts';

/** Milliseconds that a hook may take where its author does not say. */
export const defaultHookTimeoutMs = 5_000;

/** The hooks that the runtime and the host program fire. Plugins may fire hooks of other names: `ctx.fireHook`. */
export const hookNames = [
	'before_turn',
	'after_turn',
	'before_tool_call',
	'after_tool_call',
	'session_start',
	'idle',
	'checkpoint',
	'session_config',
	'turn_finalized',
	'turn_persisted',
	'session_restored',
	'session_config_changed',
] as const;

/** Other names of hooks, as other hosts have them. */
const aliases: Readonly<Record<string, string>> = {
	before_agent_start: 'before_turn',
	after_tool_result: 'after_tool_call',
};

/** Name of a hook here, whichever spelling it was given in. */
export function hookName(name: string): string {
	return aliases[name] ?? name;
}

/** Options of a hook. */
export interface HookOptions {
	/** Milliseconds that it may take; then it counts as failed. Default {@link defaultHookTimeoutMs}. */
	readonly timeoutMs?: number;
	/** Whether its failure fails the turn, the call or the start that it is about; else it is told and skipped. Default false. */
	readonly required?: boolean;
}

/** Context of a hook's handler, besides its data. */
export interface HookContext extends PluginContext {
	/** The session that the hook is about. */
	readonly sessionId: string;
	readonly session: SessionContext | undefined;
}

/** Handler of a hook: returns what it wants done, or nothing. */
export type HookHandler = (data: JsonObject, ctx: HookContext) => unknown;

/** A registered hook. */
export interface Hook extends HookInfo {
	readonly handler: (
		data: JsonObject,
		ctx: HookContext,
	) => HookEffects | undefined | PromiseLike<HookEffects | undefined>;
}

/** Makes a hook of what its author registers, with options before the handler or without. @throws OrchestraError `invalid_plugin` */
export function createHook(
	pluginId: string,
	name: string,
	options: HookOptions | HookHandler,
	handler?: HookHandler,
): Hook {
	const hears: unknown = typeof options === 'function' ? options : handler;
	const { timeoutMs = defaultHookTimeoutMs, required = false }: HookOptions =
		typeof options === 'function' ? {} : options;
	if (typeof name !== 'string' || !/^[a-z][a-z0-9_.-]{0,63}$/.test(name)) {
		throw new OrchestraError(
			'invalid_plugin',
			`plugin ${pluginId} cannot have a hook called ${JSON.stringify(name)}`,
			{
				hint: 'A name has 1 to 64 small letters, digits, "_", "-" or ".", and begins with a letter.',
			},
		);
	}
	assertHandler(hears, `hook ${name}`, pluginId);
	if (!(timeoutMs > 0 && timeoutMs <= 600_000)) {
		throw new OrchestraError(
			'invalid_plugin',
			`hook ${name} of plugin ${pluginId} cannot take ${timeoutMs} ms`,
			{
				hint: 'Its timeoutMs is above 0 and at most 600 000.',
			},
		);
	}
	return { name: hookName(name), timeoutMs, required, handler: hears as Hook['handler'] };
}
