import { isObject, type JsonObject, type JsonValue } from '../runtime/wire/json-value.ts';

/** Steps from a schema to what it refers to, at most: references may go in circles. */
const maxSteps = 64;

/** A part of a schema, read together with what it refers to. Whatever is odd in it is taken for absent: it may be a peer's. */
export class SchemaView {
	readonly #root: JsonObject;
	readonly schema: JsonObject;

	private constructor(root: JsonObject, schema: JsonObject) {
		this.#root = root;
		this.schema = schema;
	}

	/** A whole schema. */
	static of(root: JsonValue | undefined): SchemaView {
		const object = isObject(root) ? root : {};
		return new SchemaView(object, object);
	}

	/** Another part of the same schema. */
	part(value: JsonValue | undefined): SchemaView {
		return new SchemaView(this.#root, isObject(value) ? value : {});
	}

	/** Schema that the `$ref` of this part leads to, where it has one; `missing` where that is not in the schema. */
	referred(): SchemaView | 'missing' | undefined {
		const { $ref, $dynamicRef } = this.schema;
		if ($dynamicRef !== undefined) return $dynamicRef === '#' ? this.part(this.#root) : 'missing';
		if (typeof $ref !== 'string') return undefined;
		if ($ref === '#' || $ref === '' || $ref === this.#root.$id) return this.part(this.#root);
		if (!$ref.startsWith('#/')) return this.#anchored($ref) ?? 'missing';
		let value: JsonValue | undefined = this.#root;
		for (const step of $ref.slice(2).split('/')) {
			const key = unescaped(step);
			if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return 'missing';
			value = (value as JsonObject)[key];
		}
		return isObject(value) ? this.part(value) : 'missing';
	}

	/**
	 * Calls `visit` with this part and each one that applies to the same value: what it refers to, and the branches of `allOf`,
	 * `anyOf`, `oneOf`, `if`, `then`, `else`. False where a reference leads out of the schema.
	 */
	walk(visit: (part: SchemaView) => void): boolean {
		let whole = true;
		const seen = new Set<JsonObject>();
		const go = (part: SchemaView): void => {
			if (seen.has(part.schema) || seen.size >= maxSteps) return;
			seen.add(part.schema);
			visit(part);
			const referred = part.referred();
			if (referred === 'missing') whole = false;
			else if (referred) go(referred);
			const { allOf, anyOf, oneOf, if: when, then, else: otherwise, dependentSchemas } = part.schema;
			for (const branch of [allOf, anyOf, oneOf, when, then, otherwise].flat()) {
				if (isObject(branch)) go(part.part(branch));
			}
			if (isObject(dependentSchemas))
				for (const branch of Object.values(dependentSchemas)) go(part.part(branch));
		};
		go(this);
		return whole;
	}

	#anchored(ref: string): SchemaView | undefined {
		for (const defs of [this.#root.$defs, this.#root.definitions]) {
			if (!isObject(defs)) continue;
			for (const value of Object.values(defs)) {
				if (isObject(value) && (value.$id === ref || `#${String(value.$anchor)}` === ref))
					return this.part(value);
			}
		}
		return undefined;
	}
}

function unescaped(step: string): string {
	let key = step;
	try {
		key = decodeURIComponent(step);
	} catch {
		// No percent-encoding: it stays as it is written.
	}
	return key.replaceAll('~1', '/').replaceAll('~0', '~');
}
