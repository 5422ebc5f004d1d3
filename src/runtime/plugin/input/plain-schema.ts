import { isObject, type JsonObject, type JsonValue } from '../../wire/json-value.ts';
import { dialectOf } from './schema-dialect.ts';

/** Whether a value fits a schema. Fills in defaults, as the compiler's checks do. */
export type PlainCheck = (value: JsonValue | undefined) => boolean;

type ObjectCheck = (value: JsonObject) => boolean;

/** Makes the check of a keyword; undefined where its value is none that is known here. */
type Keyword = (value: JsonValue, schema: JsonObject) => PlainCheck | undefined;

const fits: PlainCheck = () => true;

const isText = (value: unknown) => typeof value === 'string';
const isFlag = (value: unknown) => typeof value === 'boolean';
const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
const isPrimitive = (value: unknown) => typeof value !== 'object' || value === null;

const annotation =
	(isRight: (value: unknown) => boolean): Keyword =>
	(value) =>
		isRight(value) ? fits : undefined;

const limit =
	(holds: (value: number, limit: number) => boolean): Keyword =>
	(given) =>
		typeof given === 'number' ? (value) => typeof value !== 'number' || holds(value, given) : undefined;

const count =
	(counted: (value: JsonValue | undefined) => number | undefined, sign: 1 | -1): Keyword =>
	(given) => {
		if (!isCount(given)) return undefined;
		return (value) => {
			const found = counted(value);
			return found === undefined || (found - given) * sign >= 0;
		};
	};

/** Characters, not the halves of which some consist. */
function charactersOf(value: JsonValue | undefined): number | undefined {
	if (typeof value !== 'string') return undefined;
	let characters = 0;
	for (const _ of value) characters++;
	return characters;
}

const itemsOf = (value: JsonValue | undefined) => (Array.isArray(value) ? value.length : undefined);
const propertiesOf = (value: JsonValue | undefined) =>
	isObject(value) ? Object.keys(value).length : undefined;

const typeChecks: Record<string, PlainCheck> = {
	string: isText,
	boolean: isFlag,
	null: (value) => value === null,
	array: Array.isArray,
	object: isObject,
	// A number that JSON cannot hold is left to the compiler.
	number: Number.isFinite,
	integer: Number.isInteger,
};

const type: Keyword = (value) => {
	const names = Array.isArray(value) ? value : [value];
	const checks = names.map((name) =>
		typeof name === 'string' && Object.hasOwn(typeChecks, name) ? typeChecks[name] : undefined,
	);
	if (checks.length === 0 || checks.includes(undefined) || new Set(names).size < names.length)
		return undefined;
	const [first = fits, ...others] = checks;
	return others.length === 0 ? first : (value) => checks.some((check) => check?.(value));
};

const enumeration: Keyword = (value) => {
	if (!Array.isArray(value) || value.length === 0 || !value.every(isPrimitive)) return undefined;
	const allowed = new Set<JsonValue | undefined>(value);
	return (value) => allowed.has(value);
};

const required: Keyword = (names) => {
	if (!Array.isArray(names) || !names.every(isText) || new Set(names).size < names.length) return undefined;
	return ofObjects((value) => {
		for (const name of names as string[]) {
			if (!Object.hasOwn(value, name) || value[name] === undefined) return false;
		}
		return true;
	});
};

const properties: Keyword = (given) => {
	if (!isObject(given)) return undefined;
	const checks: [name: string, check: PlainCheck][] = [];
	for (const [name, schema] of Object.entries(given)) {
		// Every object seems to have it already.
		if (name in Object.prototype) return undefined;
		const check = partCheck(schema);
		if (!check) return undefined;
		checks.push([name, check]);
	}
	return ofObjects((value) => {
		for (const [name, check] of checks) {
			const property = value[name];
			if (property !== undefined && !check(property)) return false;
		}
		return true;
	});
};

const additionalProperties: Keyword = (given, { properties = {} }) => {
	if (given === true) return fits;
	const check = given === false ? () => false : partCheck(given);
	if (!check || !isObject(properties)) return undefined;
	return ofObjects((value) => {
		for (const name of Object.keys(value)) {
			if (!Object.hasOwn(properties, name) && !check(value[name])) return false;
		}
		return true;
	});
};

const items: Keyword = (given) => {
	const check = partCheck(given);
	return check && ((value) => !Array.isArray(value) || value.every((item) => check(item)));
};

const keywords: Record<string, Keyword> = {
	title: annotation(isText),
	description: annotation(isText),
	$comment: annotation(isText),
	format: annotation(isText),
	examples: annotation(Array.isArray),
	deprecated: annotation(isFlag),
	readOnly: annotation(isFlag),
	writeOnly: annotation(isFlag),
	default: annotation(() => true),
	type,
	enum: enumeration,
	const: (value) => enumeration([value], {}),
	required,
	properties,
	additionalProperties,
	items,
	minimum: limit((value, least) => value >= least),
	maximum: limit((value, most) => value <= most),
	exclusiveMinimum: limit((value, least) => value > least),
	exclusiveMaximum: limit((value, most) => value < most),
	minLength: count(charactersOf, 1),
	maxLength: count(charactersOf, -1),
	minItems: count(itemsOf, 1),
	maxItems: count(itemsOf, -1),
	minProperties: count(propertiesOf, 1),
	maxProperties: count(propertiesOf, -1),
};

/**
 * The check of a schema that consists of the commonest keywords only; undefined for any other, and where it could be wrong. Loading the
 * compiler and its first use take as long as two starts of Node, and most tools have such schemas. Says only whether a value fits: what
 * is wrong with one that does not, the compiler says.
 */
export function plainCheck({ $schema, ...schema }: JsonObject): PlainCheck | undefined {
	if ($schema !== undefined && dialectOf({ $schema }, false) === undefined) return undefined;
	return partCheck(schema);
}

function partCheck(schema: JsonValue | undefined): PlainCheck | undefined {
	if (!isObject(schema)) return undefined;
	const checks: PlainCheck[] = [];
	const defaults = defaultsOf(schema);
	if (defaults) checks.push(defaults);
	for (const [name, value = null] of Object.entries(schema)) {
		const make = Object.hasOwn(keywords, name) ? keywords[name] : undefined;
		const check = make?.(value, schema);
		if (!check) return undefined;
		if (check !== fits) checks.push(check);
	}
	return (value) => {
		for (const check of checks) if (!check(value)) return false;
		return true;
	};
}

/** Fills in what is missing, before anything is checked. */
function defaultsOf({ properties }: JsonObject): PlainCheck | undefined {
	if (!isObject(properties)) return undefined;
	const defaults = Object.entries(properties).flatMap(([name, schema]) =>
		isObject(schema) && schema.default !== undefined ? [[name, schema.default] as const] : [],
	);
	if (defaults.length === 0) return undefined;
	return ofObjects((value) => {
		for (const [name, given] of defaults) if (value[name] === undefined) value[name] = structuredClone(given);
		return true;
	});
}

function ofObjects(check: ObjectCheck): PlainCheck {
	return (value) => !isObject(value) || check(value);
}
