import type { PluginSlot } from '../hosting/plugin-slot.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** Kind of thing that a name can be of. */
export type NameKind = 'tool' | 'prompt' | 'storage type';

/**
 * Chooses which of several plugins with one name answers for it.
 *
 * @returns one of them; undefined where nothing decides
 */
export type DuplicateRule = (
	kind: NameKind,
	name: string,
	slots: readonly PluginSlot[],
) => PluginSlot | undefined;

/** A name that several slots claim. */
export interface SharedClaim {
	readonly name: string;
	/** Plugin that answers for it. */
	readonly winner: PluginSlot;
	readonly others: readonly PluginSlot[];
}

/** Names of one kind, and the slots that claim them. */
export class NameTable {
	readonly kind: NameKind;
	readonly #decide: DuplicateRule;
	/** By name: who claims it, the one that answers first. */
	readonly #claims = new Map<string, PluginSlot[]>();

	constructor(kind: NameKind, decide: DuplicateRule) {
		this.kind = kind;
		this.#decide = decide;
	}

	get names(): string[] {
		return [...this.#claims.keys()];
	}

	/** The slot that answers for a name. */
	get(name: string): PluginSlot | undefined {
		return this.#claims.get(name)?.[0];
	}

	/** @throws OrchestraError `duplicate_tool`, `duplicate_prompt`, `duplicate_storage` where another slot has one of the names and nothing decides */
	check(slot: PluginSlot, names: readonly string[]): void {
		for (const name of names) {
			const others = this.#claims.get(name)?.filter((other) => other !== slot) ?? [];
			if (others.length > 0) this.refuse(slot, name, ...others);
		}
	}

	/** Refuses a name that others have, unless something decides between them. @throws OrchestraError as {@link check} */
	refuse(slot: PluginSlot, name: string, ...others: PluginSlot[]): void {
		const [other] = others;
		if (!other || this.#decide(this.kind, name, [...others, slot])) return;
		throw duplicate(this.kind, name, other, slot);
	}

	/** Claims names for a slot, which {@link check} has allowed; its former claims go. Returns the names that it shares. */
	set(slot: PluginSlot, names: readonly string[]): SharedClaim[] {
		this.delete(slot);
		const shared: SharedClaim[] = [];
		for (const name of names) {
			const slots = [...(this.#claims.get(name) ?? []), slot];
			const winner = slots.length === 1 ? slot : (this.#decide(this.kind, name, slots) ?? slots[0] ?? slot);
			const others = slots.filter((other) => other !== winner);
			this.#claims.set(name, [winner, ...others]);
			if (others.length > 0) shared.push({ name, winner, others });
		}
		return shared;
	}

	#winnerFirst(name: string, slots: PluginSlot[]): PluginSlot[] {
		if (slots.length < 2) return slots;
		const winner = this.#decide(this.kind, name, slots) ?? slots[0];
		return slots.sort((one, other) => Number(other === winner) - Number(one === winner));
	}

	/** Forgets the claims of a slot: of the others the one that is decided for answers for a name. */
	delete(slot: PluginSlot): void {
		for (const [name, slots] of this.#claims) {
			const rest = slots.filter((other) => other !== slot);
			if (rest.length === 0) this.#claims.delete(name);
			else if (rest.length < slots.length) this.#claims.set(name, this.#winnerFirst(name, rest));
		}
	}
}

const codes = {
	tool: 'duplicate_tool',
	prompt: 'duplicate_prompt',
	'storage type': 'duplicate_storage',
} as const;

function duplicate(kind: NameKind, name: string, one: PluginSlot, other: PluginSlot): OrchestraError {
	return new OrchestraError(codes[kind], `${one.id} and ${other.id} both provide the ${kind} ${name}`, {
		hint: `Leave one of the plugins out, rename it in one of them, or say who answers: --prefer ${one.id}, or routes in orchestra.yaml.`,
		details: { kind, name, plugins: [one.id, other.id] },
	});
}
