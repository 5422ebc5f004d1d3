import protobuf from 'protobufjs/minimal.js';
import { pluginRequestCodec, pluginResponseCodec } from './generated/codec.ts';
import type { PluginRequest, PluginResponse } from './generated/messages.ts';
import { maxMessageBytes } from './limits.ts';
import type { MessageCodec } from './message-codec.ts';
import { OrchestraError } from './orchestra-error.ts';

/** Bytes before each message: its length, unsigned, big-endian. */
export const frameHeaderBytes = 4;

/**
 * The frame of a request: header and message.
 *
 * @throws OrchestraError `message_too_large`, `nesting_too_deep`, `not_json`
 */
export function encodeRequestFrame(request: PluginRequest): Uint8Array {
	return encodeFrame(pluginRequestCodec, request);
}

/**
 * The frame of a response: header and message.
 *
 * @throws OrchestraError `message_too_large`, `nesting_too_deep`, `not_json`
 */
export function encodeResponseFrame(response: PluginResponse): Uint8Array {
	return encodeFrame(pluginResponseCodec, response);
}

/**
 * Reads a request from the payload of a frame.
 *
 * @throws OrchestraError `malformed_message`, `nesting_too_deep`, `not_json`
 */
export function decodeRequest(payload: Uint8Array): PluginRequest {
	return decode(pluginRequestCodec, payload);
}

/**
 * Reads a response from the payload of a frame.
 *
 * @throws OrchestraError `malformed_message`, `nesting_too_deep`, `not_json`
 */
export function decodeResponse(payload: Uint8Array): PluginResponse {
	return decode(pluginResponseCodec, payload);
}

function encodeFrame<T>(codec: MessageCodec<T>, message: T): Uint8Array {
	const bytes = codec.encode(message).finish();
	if (bytes.length > maxMessageBytes) {
		throw new OrchestraError(
			'message_too_large',
			`a message of ${bytes.length} bytes is over the limit of ${maxMessageBytes}`,
		);
	}
	const frame = new Uint8Array(frameHeaderBytes + bytes.length);
	new DataView(frame.buffer).setUint32(0, bytes.length);
	frame.set(bytes, frameHeaderBytes);
	return frame;
}

function decode<T>(codec: MessageCodec<T>, payload: Uint8Array): T {
	try {
		return codec.decode(new MessageReader(payload));
	} catch (error) {
		throw OrchestraError.from(error, 'malformed_message', 'the message cannot be read');
	}
}

/** Reads 64 bit integers as numbers, as the message types say; protobufjs would make Long objects of them. */
class MessageReader extends protobuf.Reader {
	override int64(): ReturnType<protobuf.Reader['int64']> {
		return Number(String(super.int64())) as never;
	}
}
