/** The largest message, in bytes: this length is accepted, one more is refused before its payload is read. Source: the Go SDK. */
export const maxMessageBytes = 16 * 1024 * 1024;

/**
 * The deepest nesting of arrays and objects in arguments, results and payloads, the outermost object included. Go takes
 * 10,000 messages in each other, of which a level here is at most three.
 */
export const maxNestingDepth = 100;
