import type { JsonObject } from '../../wire/json-value.ts';

/**
 * Turns the limits of OpenAPI 3.0 and draft-04, where a boolean beside `minimum` says that the minimum itself is not allowed,
 * into those of later drafts, in place.
 */
export function plainLimits(part: JsonObject): void {
	plainLimit(part, 'minimum', 'exclusiveMinimum');
	plainLimit(part, 'maximum', 'exclusiveMaximum');
}

function plainLimit(part: JsonObject, inclusive: string, exclusive: string): void {
	const isExclusive = part[exclusive];
	if (typeof isExclusive !== 'boolean') return;
	delete part[exclusive];
	const limit = part[inclusive];
	if (!isExclusive || typeof limit !== 'number') return;
	part[exclusive] = limit;
	delete part[inclusive];
}
