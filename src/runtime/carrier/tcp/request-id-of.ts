import protobuf from 'protobufjs/minimal.js';

const requestIdTag = 10;

/**
 * The request id of an envelope whose rest cannot be read, so that one bad value fails its own call and not the connection.
 * Both envelopes have it as field 1, which every encoder writes first; '' where it is not there.
 */
export function requestIdOf(payload: Uint8Array): string {
	if (payload[0] !== requestIdTag) return '';
	try {
		const reader = protobuf.Reader.create(payload);
		reader.uint32();
		return reader.string();
	} catch {
		return '';
	}
}
