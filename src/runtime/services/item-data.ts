import type { JsonObject } from '../wire/json-value.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/**
 * One item of a stream of a service, as the bytes that cross.
 *
 * @throws OrchestraError `not_json`
 */
export function itemData(item: unknown, subject: string): Uint8Array {
	let text: string | undefined;
	try {
		text = JSON.stringify(item);
	} catch {
		// A bigint, or a cycle.
	}
	if (typeof item !== 'object' || item === null || text === undefined) {
		throw new OrchestraError('not_json', `an item of ${subject} is no JSON object`);
	}
	return Buffer.from(text);
}

/** Reads a message of {@link itemData}. @throws SyntaxError */
export function parseItem(data: Uint8Array): JsonObject {
	const item: unknown = JSON.parse(
		Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'),
	);
	if (typeof item !== 'object' || item === null) throw new SyntaxError('not a JSON object');
	return item as JsonObject;
}
