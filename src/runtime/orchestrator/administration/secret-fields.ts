import { isSchemaObject, walkSchema } from '../../plugin/input/schema-tree.ts';
import type { JsonObject, JsonValue } from '../../wire/json-value.ts';

/** Schemas looked at for one value, at most: a peer wrote them. */
const maxSteps = 100_000;

/** Stands for a schema that is not there to be read: what it describes may be secret. */
const unreadable: JsonObject = { writeOnly: true };

/** Keywords whose schemas say more about the same value. */
const alongside = ['allOf', 'anyOf', 'oneOf'];
const conditional = ['if', 'then', 'else'];
const references = ['$ref', '$dynamicRef', '$recursiveRef'];

/**
 * Fields of a value that are secret by its JSON Schema: those with `writeOnly` or `format: password`, wherever the mark stands. It
 * takes every branch of a schema for one that applies, so it hides too much rather than too little.
 */
export class SecretFields {
	readonly #root: JsonObject;
	/** The schemas that `#` may mean, and those with a name of their own. */
	readonly #resources: JsonObject[];
	readonly #named = new Map<string, JsonObject[]>();
	readonly #expanded = new Map<JsonObject, readonly JsonObject[]>();
	#steps = 0;

	constructor(schema: JsonObject) {
		this.#root = schema;
		this.#resources = [schema];
		walkSchema(schema, (each) => this.#note(each));
	}

	/** Whether a schema has any such mark, or refers to one that cannot be read here: others need no look at their values. */
	static mayBeIn(schema: JsonObject): boolean {
		return /"writeOnly"|"password"|"\$(?:ref|dynamicRef|recursiveRef)":"(?!#)/.test(JSON.stringify(schema));
	}

	/** The schemas of the whole value. Begins a new value. */
	top(): readonly JsonObject[] {
		this.#steps = 0;
		return this.#expand([this.#root]);
	}

	/** Whether so much was looked at that the rest of the value has to count as secret. */
	get exhausted(): boolean {
		return this.#steps > maxSteps;
	}

	isSecret(schemas: readonly JsonObject[]): boolean {
		return this.exhausted || schemas.some((schema) => marked(schema));
	}

	ofProperty(schemas: readonly JsonObject[], name: string): readonly JsonObject[] {
		const found: JsonValue[] = [];
		for (const schema of schemas) {
			this.#steps++;
			const { properties, patternProperties } = schema;
			const own = isSchemaObject(properties) && Object.hasOwn(properties, name);
			if (own) found.push(properties[name] ?? null);
			// A pattern is not run: it is a peer's, and so is the name.
			if (isSchemaObject(patternProperties)) found.push(...values(patternProperties));
			if (!own) found.push(schema.additionalProperties ?? null, schema.unevaluatedProperties ?? null);
		}
		return this.#expand(found.filter(isSchemaObject));
	}

	ofItem(schemas: readonly JsonObject[], index: number): readonly JsonObject[] {
		const found: JsonValue[] = [];
		for (const schema of schemas) {
			this.#steps++;
			const { items, prefixItems } = schema;
			for (const list of [prefixItems, items]) if (Array.isArray(list)) found.push(list[index] ?? null);
			const { additionalItems = null, unevaluatedItems = null, contains = null } = schema;
			found.push(items ?? null, additionalItems, unevaluatedItems, contains);
		}
		return this.#expand(found.filter(isSchemaObject));
	}

	#note(schema: JsonObject): void {
		for (const key of ['$id', 'id', '$anchor', '$dynamicAnchor']) {
			const name = schema[key];
			if (typeof name !== 'string') continue;
			const known = this.#named.get(name) ?? [];
			this.#named.set(name, [...known, schema]);
			if (key === '$id' && schema !== this.#root) this.#resources.push(schema);
		}
	}

	/** The schemas, and all that say more about the same value. */
	#expand(schemas: readonly JsonObject[]): readonly JsonObject[] {
		if (schemas.length === 1 && schemas[0]) return this.#expandOne(schemas[0]);
		const all = new Set<JsonObject>();
		for (const schema of schemas) {
			const expanded = this.#expandOne(schema);
			this.#steps += expanded.length;
			if (this.exhausted) break;
			for (const each of expanded) all.add(each);
		}
		return [...all];
	}

	#expandOne(schema: JsonObject): readonly JsonObject[] {
		const known = this.#expanded.get(schema);
		if (known) return known;
		const all = new Set([schema]);
		// A set that grows while it is walked through is walked to its new end.
		for (const each of all) {
			this.#steps++;
			for (const further of this.#furtherOf(each)) all.add(further);
		}
		const expanded = [...all];
		this.#expanded.set(schema, expanded);
		return expanded;
	}

	#furtherOf(schema: JsonObject): JsonObject[] {
		const found: JsonValue[] = [];
		for (const name of alongside) {
			const list = schema[name];
			if (Array.isArray(list)) found.push(...list);
		}
		for (const name of conditional) found.push(schema[name] ?? null);
		for (const name of ['dependentSchemas', 'dependencies']) {
			const map = schema[name];
			if (isSchemaObject(map)) found.push(...values(map));
		}
		for (const name of references) {
			const reference = schema[name];
			if (typeof reference === 'string') found.push(...this.#resolve(reference));
		}
		return found.filter(isSchemaObject);
	}

	/** Schemas that a reference may mean: of several, all. */
	#resolve(reference: string): readonly JsonObject[] {
		const hash = reference.indexOf('#');
		const place = hash < 0 ? reference : reference.slice(0, hash);
		const fragment = hash < 0 ? '' : reference.slice(hash + 1);
		const bases = place === '' ? this.#resources : this.#byName(place);
		const found =
			fragment === '' || fragment.startsWith('/')
				? bases.flatMap((base) => pointedAt(base, fragment))
				: [...this.#byName(fragment), ...this.#byName(`#${fragment}`)];
		return found.length > 0 ? found : [unreadable];
	}

	/** Schemas with that name; a relative one is the end of an absolute one. */
	#byName(name: string): JsonObject[] {
		const exact = this.#named.get(name);
		if (exact) return exact;
		return [...this.#named].flatMap(([known, schemas]) => (known.endsWith(`/${name}`) ? schemas : []));
	}
}

function marked({ writeOnly, format }: JsonObject): boolean {
	return writeOnly === true || format === 'password';
}

function values(map: JsonObject): JsonValue[] {
	return Object.values(map).filter((value) => value !== undefined);
}

/** The schema at a JSON pointer as it stands in a URI. */
function pointedAt(base: JsonObject, pointer: string): JsonObject[] {
	let at: JsonValue | undefined = base;
	for (const part of pointer.split('/').slice(1)) {
		const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
		if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return [];
		at = (at as JsonObject)[name];
	}
	return isSchemaObject(at) ? [at] : [];
}

function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}
