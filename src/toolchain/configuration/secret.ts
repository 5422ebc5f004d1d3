const shown = '***';

/**
 * A text that is never printed: as a string, as JSON and when it is inspected it is `***`. Only {@link reveal} gives it away, and what
 * calls that hands it to the plugin it is for.
 */
export class Secret {
	readonly #text: string;

	constructor(text: string) {
		this.#text = text;
		Object.freeze(this);
	}

	/** The text itself. */
	reveal(): string {
		return this.#text;
	}

	equals(other: Secret): boolean {
		return this.#text === other.#text;
	}

	toString(): string {
		return shown;
	}

	toJSON(): string {
		return shown;
	}

	[Symbol.toPrimitive](): string {
		return shown;
	}

	[Symbol.for('nodejs.util.inspect.custom')](): string {
		return shown;
	}

	[Symbol.for('Deno.customInspect')](): string {
		return shown;
	}
}

/** Texts by name, with the secret ones revealed. */
export function revealAll(values: Readonly<Record<string, string | Secret>>): Record<string, string> {
	const revealed = Object.entries(values).map(([name, value]) => [
		name,
		value instanceof Secret ? value.reveal() : value,
	]);
	return Object.fromEntries(revealed) as Record<string, string>;
}
