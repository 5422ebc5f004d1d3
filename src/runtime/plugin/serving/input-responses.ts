import type { JsonObject } from '../../wire/json-value.ts';

/** Fields of a request that was made anew, with answers. */
export interface AnsweredRequest {
	readonly inputResponses?: JsonObject | undefined;
	readonly requestState?: string | undefined;
}

const none: JsonObject = Object.freeze(Object.create(null));

/** The answers of a request; none where there are none. */
export function inputResponsesOf({ inputResponses }: AnsweredRequest): JsonObject {
	return inputResponses ?? none;
}
