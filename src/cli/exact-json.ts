import type { JsonValue } from '../runtime/wire/json-value.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** Texts, which may hold digits, and numbers. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A number in JSON that would become another one here; undefined where there is none. */
export function inexactNumber(json: string): string | undefined {
	for (const [token] of json.matchAll(tokens)) {
		if (token.startsWith('"')) continue;
		const value = Number(token);
		if (!Number.isFinite(value)) return token;
		if (/^-?\d+$/.test(token) && !Number.isSafeInteger(value)) return token;
	}
	return undefined;
}

/**
 * Parses JSON whose numbers can be held as they are written.
 *
 * @param name what it is, for messages
 * @throws OrchestraError `usage`
 */
export function parseExactJson(text: string, name: string): JsonValue {
	let value: JsonValue;
	try {
		value = JSON.parse(text) as JsonValue;
	} catch (error) {
		throw new OrchestraError(
			'usage',
			`${name} is not JSON: ${(error as Error).message.replaceAll(/\s+/g, ' ')}`,
			{
				hint: name.startsWith('the value of ')
					? 'In a shell, put JSON in single quotes.'
					: 'Let it hold one JSON document, in UTF-8.',
				cause: error,
			},
		);
	}
	assertExact(text, name);
	return value;
}

/** @throws OrchestraError `usage` where a number would change */
export function assertExact(json: string, name: string): void {
	const changed = inexactNumber(json);
	if (changed === undefined) return;
	const becomes = Number.isFinite(Number(changed)) ? BigInt(Number(changed)) : 'no number at all';
	throw new OrchestraError('usage', `${name} has the number ${changed}, which would become ${becomes}`, {
		hint: 'Numbers are exact up to 9007199254740991. Give a larger one as a text, where the tool takes one.',
	});
}
