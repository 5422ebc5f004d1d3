import type { JsonObject } from '../wire/json-value.ts';

/** Fields that the payload of an event must have, each with this string as its value. */
export type EventFilters = Readonly<Record<string, string>>;

/** Whether a payload has every filter's value in a string field of its name. A payload that is absent has no fields. */
export function matchesFilters(filters: EventFilters, payload: JsonObject | undefined): boolean {
	for (const key of Object.keys(filters)) {
		if (payload === undefined || !Object.hasOwn(payload, key) || payload[key] !== filters[key]) return false;
	}
	return true;
}
