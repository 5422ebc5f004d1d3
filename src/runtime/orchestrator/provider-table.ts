import type { PluginSlot } from '../hosting/plugin-slot.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { DuplicateRule, SharedClaim } from './name-table.ts';

/**
 * Tools of plugins that stand for AI providers. Such plugins have the same tools, each for its own provider, so that a tool is found
 * by provider and name. A prompt must never reach another provider than the one that was asked for: nothing here falls back.
 */
export class ProviderTable {
	/** By provider, then by tool: who claims it, the one that answers first. */
	readonly #tools = new Map<string, Map<string, PluginSlot[]>>();
	readonly #decide: DuplicateRule;
	readonly #aliases: Readonly<Record<string, string>>;

	/**
	 * @param decide which of several plugins with one tool for one provider answers
	 * @param aliases other names of providers, for example `{ grok: 'openai' }`, for where nobody has the name itself
	 */
	constructor(decide: DuplicateRule, aliases: Readonly<Record<string, string>> = {}) {
		this.#decide = decide;
		this.#aliases = aliases;
	}

	get providers(): string[] {
		return [...this.#tools.keys()];
	}

	/** A slot that has a tool for some provider. */
	anyWith(name: string): PluginSlot | undefined {
		for (const tools of this.#tools.values()) {
			const [slot] = tools.get(name) ?? [];
			if (slot) return slot;
		}
		return undefined;
	}

	/** @throws OrchestraError `duplicate_provider` where another slot has one of the tools for one of the providers and nothing decides */
	check(slot: PluginSlot, providers: readonly string[], tools: readonly string[]): void {
		for (const provider of providers) {
			for (const name of tools) {
				const others =
					this.#tools
						.get(provider)
						?.get(name)
						?.filter((other) => other !== slot) ?? [];
				const [other] = others;
				if (!other || this.#decide('tool', name, [...others, slot])) continue;
				throw new OrchestraError(
					'duplicate_provider',
					`${other.id} and ${slot.id} both provide the tool ${name} for the provider ${provider}`,
					{
						hint: 'Leave one of the plugins out.',
						details: { name, provider, plugins: [other.id, slot.id] },
					},
				);
			}
		}
	}

	/** Claims tools for a slot, which {@link check} has allowed; its former claims go. Returns the names that it shares. */
	set(slot: PluginSlot, providers: readonly string[], tools: readonly string[]): SharedClaim[] {
		this.delete(slot);
		const shared: SharedClaim[] = [];
		for (const provider of providers) {
			const table = this.#tools.get(provider) ?? new Map<string, PluginSlot[]>();
			this.#tools.set(provider, table);
			for (const name of tools) {
				const slots = [...(table.get(name) ?? []), slot];
				const winner = slots.length === 1 ? slot : (this.#decide('tool', name, slots) ?? slots[0] ?? slot);
				const others = slots.filter((other) => other !== winner);
				table.set(name, [winner, ...others]);
				if (others.length > 0) shared.push({ name, winner, others });
			}
		}
		return shared;
	}

	delete(slot: PluginSlot): void {
		for (const [provider, tools] of this.#tools) {
			for (const [name, slots] of tools) {
				const rest = slots.filter((other) => other !== slot);
				if (rest.length === 0) tools.delete(name);
				else if (rest.length < slots.length) tools.set(name, rest);
			}
			if (tools.size === 0) this.#tools.delete(provider);
		}
	}

	/** The slot with a tool of a provider; undefined where there is none. */
	find(provider: string, name: string): PluginSlot | undefined {
		return this.#tools.get(this.#named(provider))?.get(name)?.[0];
	}

	/**
	 * The slot with a tool of a provider; undefined where the provider is known, and no provider at all has such a tool.
	 *
	 * @throws OrchestraError `provider_not_found`; `tool_not_found` where other providers have the tool
	 */
	get(provider: string, name: string): PluginSlot | undefined {
		const known = this.#named(provider);
		const tools = this.#tools.get(known);
		if (!tools) {
			const { providers } = this;
			throw new OrchestraError('provider_not_found', `no plugin provides for the AI provider ${provider}`, {
				hint:
					providers.length > 0
						? `There are: ${providers.join(', ')}.`
						: 'The plugins here provide for no AI provider: leave --provider out.',
				details: { provider, providers },
			});
		}
		const [slot] = tools.get(name) ?? [];
		if (slot || !this.anyWith(name)) return slot;
		throw new OrchestraError('tool_not_found', `the provider ${known} has no tool ${name}`, {
			hint: `It has ${[...tools.keys()].join(', ')}.`,
		});
	}

	/**
	 * The only slot with a tool, for a call that names no provider; undefined where there is none.
	 *
	 * @throws OrchestraError `provider_required` where there are several
	 */
	only(name: string): PluginSlot | undefined {
		const slots = new Set<PluginSlot>();
		const providers: string[] = [];
		for (const [provider, tools] of this.#tools) {
			const [slot] = tools.get(name) ?? [];
			if (!slot) continue;
			slots.add(slot);
			providers.push(provider);
		}
		if (slots.size > 1) {
			throw new OrchestraError('provider_required', `several AI providers have the tool ${name}`, {
				hint: `Say which: --provider ${providers.join(', --provider ')}.`,
				details: { tool: name, providers },
			});
		}
		return slots.values().next().value;
	}

	/** The provider that a name stands for: its own, else the one that it is another name of. */
	#named(provider: string): string {
		if (this.#tools.has(provider) || !Object.hasOwn(this.#aliases, provider)) return provider;
		return this.#aliases[provider] ?? provider;
	}
}
