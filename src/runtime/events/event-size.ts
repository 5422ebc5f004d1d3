import type { JsonObject, JsonValue } from '../wire/json-value.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** Bytes that a value costs beside its text: an entry of an object or array with what it points to. */
const entryBytes = 24;

/**
 * Bytes of one event, at most, counted by {@link eventSize}. Text takes two bytes a character here and up to six as JSON, so that an
 * event of this size still fits into one message of 16 MiB in either form.
 */
export const maxEventBytes = 4 * 1024 * 1024;

/** About what a payload costs while it waits, in bytes of memory. */
export function eventSize(payload: JsonObject | undefined): number {
	let bytes = entryBytes;
	const waiting: JsonValue[] = payload === undefined ? [] : [payload];
	for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
		bytes += entryBytes;
		if (typeof value === 'string') bytes += value.length * 2;
		else if (typeof value === 'object' && value !== null) {
			if (Array.isArray(value)) for (const item of value) waiting.push(item);
			else {
				for (const key of Object.keys(value)) {
					bytes += key.length * 2;
					const item = value[key];
					if (item !== undefined) waiting.push(item);
				}
			}
		}
	}
	return bytes;
}

/** The size of an event. @throws OrchestraError `event_too_large` */
export function checkedEventSize(topic: string, eventType: string, payload: JsonObject | undefined): number {
	const bytes = eventSize(payload) + eventType.length * 2;
	if (bytes <= maxEventBytes) return bytes;
	throw new OrchestraError(
		'event_too_large',
		`an event of topic ${topic} has ${mebibytes(bytes)} MiB in memory; at most ${mebibytes(maxEventBytes)} are passed on`,
		{
			hint: 'Publish where the data is, such as a path in a storage, instead of the data.',
			details: { topic, bytes, maxBytes: maxEventBytes },
		},
	);
}

function mebibytes(bytes: number): string {
	return String(Math.ceil((bytes / 1024 / 1024) * 10) / 10);
}
