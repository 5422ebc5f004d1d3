import type { HookEffects, PostPersistAction } from '../../services/session-plugin-service.ts';
import type { HookOutcome, SkippedHook } from '../../services/sessions-service.ts';
import type { JsonObject } from '../../wire/json-value.ts';

/** Gathers what the hooks of one kind want done. */
export class OutcomeBuilder {
	readonly #hook: string;
	readonly #outcome = {
		messages: [] as HookOutcome['messages'][number][],
		sessions: [] as HookOutcome['sessions'][number][],
		trace: [] as HookOutcome['trace'][number][],
		skipped: [] as SkippedHook[],
	};
	readonly actions: (PostPersistAction & { plugin: string })[] = [];
	#systemPrompt: string | undefined;
	#abort: HookOutcome['abort'];
	#arguments: JsonObject | undefined;
	#result: JsonObject | undefined;
	#config: JsonObject | undefined;
	#appended: string[] = [];
	readonly resting: string[] = [];
	readonly events: { plugin: string; topic: string; payload: JsonObject | undefined }[] = [];

	constructor(hook: string) {
		this.#hook = hook;
	}

	/** Whether no further hook is to run. */
	get aborted(): HookOutcome['abort'] {
		return this.#abort;
	}

	get arguments(): JsonObject | undefined {
		return this.#arguments;
	}

	get result(): JsonObject | undefined {
		return this.#result;
	}

	get config(): JsonObject | undefined {
		return this.#config;
	}

	get appended(): readonly string[] {
		return this.#appended;
	}

	add(plugin: string, effects: HookEffects): void {
		const before = this.#hook === 'before_turn' || this.#hook === 'checkpoint';
		for (const { role, content } of effects.messages ?? []) {
			if (before && role === 'assistant') continue;
			this.#outcome.messages.push({ plugin, role, content });
		}
		if (effects.systemPrompt !== undefined) this.#systemPrompt = effects.systemPrompt;
		if (effects.arguments) this.#arguments = effects.arguments;
		if (effects.result) this.#result = effects.result;
		if (effects.config) this.#config = effects.config;
		if (effects.appendResult) this.#appended.push(effects.appendResult);
		for (const session of effects.sessions ?? []) this.#outcome.sessions.push({ plugin, session });
		for (const { name, data = {} } of effects.trace ?? [])
			this.#outcome.trace.push({ name: `plugin.${plugin}.${name}`, data });
		for (const action of effects.postPersist ?? []) this.actions.push({ ...action, plugin });
		for (const { topic, payload } of effects.events ?? []) this.events.push({ plugin, topic, payload });
		if (effects.rest) this.resting.push(plugin);
		if (effects.abort && !this.#abort) this.#abort = { plugin, ...effects.abort };
	}

	skip(skipped: SkippedHook): void {
		this.#outcome.skipped.push(skipped);
	}

	build(): HookOutcome {
		return {
			...this.#outcome,
			...(this.#systemPrompt === undefined ? {} : { systemPrompt: this.#systemPrompt }),
			...(this.#abort ? { abort: this.#abort } : {}),
			...(this.#config ? { config: this.#config } : {}),
			postPersist: this.actions.length,
		};
	}
}
