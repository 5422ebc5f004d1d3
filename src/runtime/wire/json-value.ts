/** Any JSON value: what tool arguments and results are made of. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

/** A JSON object: the JS side of a google.protobuf.Struct. */
export interface JsonObject {
	[key: string]: JsonValue | undefined;
}

/** Whether a value is an object, and neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
