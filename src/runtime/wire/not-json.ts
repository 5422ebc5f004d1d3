import { maxNestingDepth } from './limits.ts';
import { OrchestraError } from './orchestra-error.ts';
import { messageOf } from './thrown-value.ts';

/** The way to the value at hand: the key or index taken on each level, the outermost first. */
export type Trail = readonly (string | number)[];

/** The JSON pointer (RFC 6901) of the first `levels` steps of a trail and a last one. */
export function jsonPointer(trail: Trail, levels: number, last?: string | number): string {
	const steps = trail.slice(0, levels);
	if (last !== undefined) steps.push(last);
	return steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The error for a value that JSON cannot express. */
export function notJson(value: unknown, pointer: string): OrchestraError {
	const where = pointer === '' ? 'the value itself' : `the value at ${pointer}`;
	const { what, hint } = describe(value);
	return new OrchestraError('not_json', `${where} is ${what}, which JSON cannot express`, {
		hint,
		details: { pointer },
	});
}

/** The error for a value that is no object where google.protobuf.Struct has room for nothing else. */
export function notAnObject(value: unknown): OrchestraError {
	const what = Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`;
	return new OrchestraError('not_json', `the value has to be an object, and is ${what}`, {
		hint: 'Put it into an object, for instance as { data: value }.',
		details: { pointer: '' },
	});
}

/** The error for a toJSON method that threw. */
export function toJsonThrew(pointer: string, cause: unknown): OrchestraError {
	const where = pointer === '' ? 'the value itself' : `the value at ${pointer}`;
	const text = messageOf(cause);
	return new OrchestraError('not_json', `toJSON of ${where} threw: ${text}`, { details: { pointer }, cause });
}

/** The error for a value that is nested too deep, or contains itself. */
export function tooDeep(pointer: string): OrchestraError {
	const start = beginOf(pointer);
	return new OrchestraError(
		'nesting_too_deep',
		`the value at ${start} is nested deeper than ${maxNestingDepth} levels, or contains itself`,
		{ hint: 'Send a flatter value, or a text that holds the nested one.', details: { pointer: start } },
	);
}

/** Steps that are shown of a pointer that does not repeat itself. */
const mostSteps = 8;

/** A pointer of a hundred steps tells no more than its first ones: two rounds of a circle, or some steps of another way. */
function beginOf(pointer: string): string {
	const steps = pointer.split('/').slice(1);
	if (steps.length <= mostSteps) return pointer.length > 120 ? `${pointer.slice(0, 120)}…` : pointer;
	let shown = mostSteps;
	for (let period = 1; period <= mostSteps / 2; period++) {
		if (steps.every((step, i) => i < 2 * period || step === steps[i - period])) {
			shown = 2 * period;
			break;
		}
	}
	const start = `/${steps.slice(0, shown).join('/')}`;
	return `${start.length > 120 ? start.slice(0, 120) : start}…`;
}

function describe(value: unknown): { what: string; hint: string } {
	switch (typeof value) {
		case 'bigint':
			return {
				what: 'a bigint',
				hint: 'Convert it with String(value), or with Number(value) where it is small.',
			};
		case 'number':
			return { what: String(value), hint: 'Use null or a text for a number that is not finite.' };
		case 'function':
		case 'symbol':
		case 'undefined':
			return { what: value === undefined ? 'undefined' : `a ${typeof value}`, hint: 'Leave it out.' };
		default:
	}
	if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
		return { what: 'binary data', hint: 'Convert it to a text, for instance with toString("base64").' };
	}
	const tag = Object.prototype.toString.call(value).slice(8, -1);
	if (tag === 'Promise') return { what: 'a promise', hint: 'Put an await in front of it.' };
	if (tag === 'Map') return { what: 'a Map', hint: 'Convert it with Object.fromEntries(map).' };
	if (tag === 'Set') return { what: 'a Set', hint: 'Convert it with [...set].' };
	if (tag === 'Object' || tag === 'Array')
		return { what: `an ${tag.toLowerCase()}`, hint: 'Use an object here.' };
	return { what: `an object of the kind ${tag}`, hint: 'Convert it to plain objects, arrays and texts.' };
}
