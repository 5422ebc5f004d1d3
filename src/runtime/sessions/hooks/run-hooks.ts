import type { HookEffects, HookInfo } from '../../services/session-plugin-service.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Participant } from '../participant.ts';
import { assertAllowed } from './effect-policy.ts';
import { OutcomeBuilder } from './outcome.ts';

/** Hooks that only tell: all of them run at once, and their failures are only told. */
const telling = new Set(['turn_finalized', 'turn_persisted', 'session_restored', 'session_config_changed']);

/** A hook of a plugin, as it is asked for. */
interface PlacedHook extends HookInfo {
	readonly participant: Participant;
	/** Whether it is the plugin's own, rather than the session's. */
	readonly own: boolean;
	readonly index: number;
}

/** Options of running hooks. */
export interface RunHooksOptions {
	/** The plugin that fires it, which does not hear it. */
	readonly sender?: string | undefined;
	readonly signal?: AbortSignal | undefined;
	/** The trace of what the hooks are about. Default: none. */
	readonly traceParent?: string | undefined;
	/** Called for each that fails and is skipped. */
	readonly onSkipped: (plugin: string, message: string) => void;
}

/** Whether there is any hook of a name. */
export function hasHook(participants: readonly Participant[], name: string): boolean {
	return participants.some(
		({ info, opened }) =>
			info.hooks.some((hook) => hook.name === name) || opened.hooks.some((hook) => hook.name === name),
	);
}

/**
 * Runs the hooks of a name: those of the plugins as such in the order of the plugins, then those of the session. A hook that fails, or
 * is late, is told and skipped; but one that is required fails the whole, and any before a tool call does. The first abort is the last hook.
 *
 * @throws OrchestraError `hook_failed`, `before_tool_call_failed`
 */
export async function runHooks(
	participants: readonly Participant[],
	session: string,
	name: string,
	data: JsonObject,
	{ sender, signal, traceParent, onSkipped }: RunHooksOptions,
): Promise<OutcomeBuilder> {
	const outcome = new OutcomeBuilder(name);
	const hooks = placedHooks(participants, name).filter(({ participant }) => participant.id !== sender);
	const run = async (hook: PlacedHook): Promise<void> => {
		const plugin = hook.participant.id;
		try {
			const told = outcome.config ? { ...data, config: outcome.config } : data;
			const effects = await ask(hook, session, told, { signal, traceParent });
			assertAllowed(plugin, name, effects);
			outcome.add(plugin, effects);
		} catch (error) {
			const failed = told(hook, error);
			if (name === 'before_tool_call') throw asFailure('before_tool_call_failed', hook, failed);
			if (hook.required) throw asFailure('hook_failed', hook, failed);
			outcome.skip({ plugin, hook: name, code: failed.code, message: failed.message });
			onSkipped(plugin, `hook ${name} was skipped in session ${session}: ${failed.message}`);
		}
	};
	if (telling.has(name)) await Promise.all(hooks.map(run));
	else {
		for (const hook of hooks) {
			await run(hook);
			if (outcome.aborted) break;
		}
	}
	return outcome;
}

function placedHooks(participants: readonly Participant[], name: string): PlacedHook[] {
	const place = (participant: Participant, hooks: readonly HookInfo[], own: boolean) =>
		hooks.flatMap((hook, index) => (hook.name === name ? { ...hook, participant, own, index } : []));
	return [
		...participants.flatMap((participant) => place(participant, participant.info.hooks, true)),
		...participants.flatMap((participant) => place(participant, participant.opened.hooks, false)),
	];
}

async function ask(
	{ participant, own, index, name, timeoutMs }: PlacedHook,
	session: string,
	data: JsonObject,
	options: Pick<RunHooksOptions, 'signal' | 'traceParent'>,
): Promise<HookEffects> {
	await participant.awake();
	return participant.client.hook({ session, own, index, name, data }, { timeoutMs, ...options });
}

function told({ participant, name, timeoutMs }: PlacedHook, error: unknown): OrchestraError {
	const known = OrchestraError.from(error, 'hook_failed');
	if (known.code !== 'deadline_exceeded') return known;
	const message = `hook ${name} of plugin ${participant.id} did not end within ${timeoutMs} ms`;
	return new OrchestraError('deadline_exceeded', message, { cause: error });
}

function asFailure(
	code: 'hook_failed' | 'before_tool_call_failed',
	{ participant, name }: PlacedHook,
	cause: OrchestraError,
): OrchestraError {
	return new OrchestraError(code, `hook ${name} of plugin ${participant.id} failed: ${cause.message}`, {
		details: { plugin: participant.id, hook: name, code: cause.code },
		hint: 'Correct the hook, or leave its plugin out of the session.',
		cause,
	});
}
