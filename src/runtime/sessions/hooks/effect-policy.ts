import type { HookEffects } from '../../services/session-plugin-service.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

type Effect = keyof HookEffects;

const everywhere: readonly Effect[] = ['sessions', 'events', 'trace', 'postPersist'];
const ofTurns: readonly Effect[] = [...everywhere, 'messages', 'systemPrompt', 'config'];

/** Effects that the hooks of each name may ask for. Those that are not here may ask for what a checkpoint may. */
const allowed: Readonly<Record<string, readonly Effect[]>> = {
	before_turn: [...ofTurns, 'abort'],
	checkpoint: [...ofTurns, 'abort'],
	after_turn: [...everywhere, 'messages'],
	before_tool_call: [...everywhere, 'abort', 'arguments', 'result'],
	after_tool_call: [...everywhere, 'abort', 'messages', 'result', 'appendResult'],
	session_start: ofTurns,
	idle: ['events', 'trace', 'rest'],
};

/** @throws OrchestraError `hook_failed` where a hook asks for what its kind may not */
export function assertAllowed(plugin: string, hook: string, effects: HookEffects): void {
	const may = allowed[hook] ?? allowed.checkpoint ?? [];
	const wrong = Object.keys(effects).filter((effect) => !may.includes(effect as Effect));
	if (wrong.length === 0) return;
	throw new OrchestraError(
		'hook_failed',
		`hook ${hook} of plugin ${plugin} may not ask for ${wrong.join(', ')}`,
		{
			hint: `It may ask for ${may.join(', ')}.`,
			details: { plugin, hook, effects: wrong },
		},
	);
}
