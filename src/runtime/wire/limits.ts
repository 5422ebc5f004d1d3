/** The largest message, in bytes: this length is accepted, one more is refused before its payload is read. Source: the Go SDK. */
export const maxMessageBytes = 16 * 1024 * 1024;

/** The deepest nesting of lists and objects in arguments, results and payloads. Source: protobufjs refuses more. */
export const maxNestingDepth = 100;
