/** Any JSON value: what tool arguments and results are made of. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

/** A JSON object: the JS side of a google.protobuf.Struct. */
export interface JsonObject {
	[key: string]: JsonValue | undefined;
}
