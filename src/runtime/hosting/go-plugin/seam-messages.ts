import type { JsonObject } from '../../wire/json-value.ts';

/**
 * Translation between the messages of a service and the values of a seam, where they differ: a time in nanoseconds for one in milliseconds,
 * say. Messages are protobuf's JSON: 64 bit integers are texts.
 */
export interface SeamMessages {
	/** A value, or an item, that goes to the plugin. What it throws is what the caller gets. */
	toMessage(value: JsonObject): JsonObject;
	/** A result, or an item, of the plugin. */
	fromMessage(message: JsonObject): JsonObject;
}

/** Names and messages by which a service of a go-plugin is a seam. */
export interface GoPluginSeam {
	/** Its full name: `acme.v1.Clock`. */
	readonly service: string;
	/** Default: values and messages are the same. */
	readonly messages?: SeamMessages | undefined;
}

/** Values and messages that are the same. */
export const asTheyAre: SeamMessages = {
	toMessage: (value) => value,
	fromMessage: (message) => message,
};
