/** Words that cannot name a method here: those of the language's objects, and `then`, which would make a client look like a promise. */
const taken = new Set(['then', 'constructor', '__proto__', ...Object.getOwnPropertyNames(Object.prototype)]);

/** Names that the written file declares itself, or takes from the language. */
const takenTypes = [
	'JsonObject',
	'PluginClient',
	'FilledPrompt',
	'CallOptions',
	'ToolCallOptions',
	'ToolStreamOptions',
	'ToolChunk',
	'Promise',
	'AsyncIterableIterator',
	'Object',
	'Record',
];

/** Names for what has any: each is given once. */
export class Identifiers {
	readonly #given = new Set<string>(takenTypes);

	/** A method's name: as it is where it can be, else in camel case. */
	method(name: string): string {
		const fits = /^[A-Za-z_$][\w$]*$/.test(name) && !taken.has(name);
		return this.#once(fits ? name : lowerFirst(pascalCase(name)) || 'tool', '_');
	}

	/** A type's name. */
	type(...parts: string[]): string {
		return this.#once(parts.map(pascalCase).join('') || 'Plugin', '');
	}

	#once(wanted: string, joint: string): string {
		let name = /^\d/.test(wanted) ? `_${wanted}` : wanted;
		if (taken.has(name)) name = `${name}_`;
		for (let n = 2; this.#given.has(name); n++) name = `${wanted}${joint}${n}`;
		this.#given.add(name);
		return name;
	}
}

function pascalCase(name: string): string {
	return name
		.normalize('NFKD')
		.replace(/\p{M}+/gu, '')
		.split(/[^A-Za-z0-9]+/)
		.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
		.join('')
		.slice(0, 80);
}

function lowerFirst(text: string): string {
	return text.slice(0, 1).toLowerCase() + text.slice(1);
}
