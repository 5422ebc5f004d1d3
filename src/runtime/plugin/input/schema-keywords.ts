import type { Ajv, FuncKeywordDefinition } from 'ajv';

type DataCheck = ReturnType<NonNullable<FuncKeywordDefinition['compile']>>;

/** A fault of a value. */
interface Wrong {
	readonly message: string;
	readonly params: Record<string, unknown>;
}

/** A check of values, made of what the schema says. */
type MakeCheck<S, D> = (schema: S) => (data: D) => Wrong | undefined;

function keyword<S, D>(name: string, make: MakeCheck<S, D>, types: Partial<FuncKeywordDefinition> = {}) {
	const definition: FuncKeywordDefinition = {
		keyword: name,
		...types,
		compile(schema: S) {
			const check = make(schema);
			const validate: DataCheck = (data: D) => {
				const wrong = check(data);
				if (wrong) validate.errors = [{ keyword: name, ...wrong }];
				return wrong === undefined;
			};
			return validate;
		},
	};
	return definition;
}

const uniqueItems: MakeCheck<boolean, unknown[]> = (wanted) => (items) => {
	if (!wanted) return undefined;
	const seen = new Map<string, number>();
	for (const [i, item] of items.entries()) {
		const text = canonical(item);
		const j = seen.get(text);
		if (j !== undefined) {
			return { message: `must have no item twice, as items ${j} and ${i} are`, params: { i, j } };
		}
		seen.set(text, i);
	}
	return undefined;
};

const multipleOf: MakeCheck<number, number> = (step) => (value) =>
	isMultiple(value, step)
		? undefined
		: { message: `must be a multiple of ${step}`, params: { multipleOf: step } };

const constant: MakeCheck<unknown, unknown> = (allowed) => {
	const text = canonical(allowed);
	return (value) =>
		canonical(value) === text
			? undefined
			: { message: `must be ${JSON.stringify(allowed)}`, params: { allowedValue: allowed } };
};

const enumeration: MakeCheck<unknown[], unknown> = (allowed) => {
	const texts = new Set(allowed.map(canonical));
	return (value) =>
		texts.has(canonical(value))
			? undefined
			: { message: `must be one of ${listOf(allowed)}`, params: { allowedValues: allowed } };
};

/**
 * Replaces keywords whose checks of the library call methods that the data brings along, take the square of its length, or judge
 * decimal fractions by what they are in binary.
 */
export function replaceKeywords(ajv: Ajv): void {
	for (const name of ['uniqueItems', 'multipleOf', 'const', 'enum']) ajv.removeKeyword(name);
	ajv.addKeyword(keyword('uniqueItems', uniqueItems, { type: 'array', schemaType: 'boolean' }));
	ajv.addKeyword(keyword('multipleOf', multipleOf, { type: 'number', schemaType: 'number' }));
	ajv.addKeyword(keyword('const', constant));
	ajv.addKeyword(keyword('enum', enumeration, { schemaType: 'array' }));
}

/** Values that a message names. */
const mostNamed = 16;

function listOf(values: readonly unknown[]): string {
	const named = values.slice(0, mostNamed).map((value) => JSON.stringify(value));
	return [...named, ...(values.length > mostNamed ? [`${values.length - mostNamed} more`] : [])].join(', ');
}

/** Whether a number is a multiple, as it is written in decimal: 19.99 is one of 0.01. */
function isMultiple(value: number, step: number): boolean {
	if (Number.isInteger(value) && Number.isInteger(step)) return value % step === 0;
	const quotient = value / step;
	if (!Number.isFinite(quotient)) return true; // Further apart than any digit of it.
	return Math.abs(quotient - Math.round(quotient)) <= 4 * Number.EPSILON * Math.max(1, Math.abs(quotient));
}

/** A text that equal values share, whatever the order of their keys. */
function canonical(value: unknown): string {
	if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
	if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
	const keys = Object.keys(value).sort();
	return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical((value as Record<string, unknown>)[key])}`).join()}}`;
}
