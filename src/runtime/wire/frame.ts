import type { DecodedSize } from './decoded-size.ts';
import { pluginRequestCodec, pluginResponseCodec } from './generated/codec.ts';
import type { PluginRequest, PluginResponse } from './generated/messages.ts';
import { maxMessageBytes } from './limits.ts';
import type { MessageCodec } from './message-codec.ts';
import { MessageReader } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';
import { OrchestraError } from './orchestra-error.ts';
import { retoldError } from './retold-error.ts';

/** Bytes before each message: its length, unsigned, big-endian. */
export const frameHeaderBytes = 4;

/** The writer of all frames. Absent while it writes: a getter or a toJSON method may start another frame then. */
let idleWriter: MessageWriter | undefined = new MessageWriter();

/**
 * The frame of a request: header and message. It is not written over later, so it may be queued.
 *
 * @throws OrchestraError `message_too_large`, `nesting_too_deep`, `not_json`
 */
export function encodeRequestFrame(request: PluginRequest): Uint8Array {
	return encodeFrame(pluginRequestCodec, request);
}

/** The tag of PluginRequest.timeout_ms, a varint. */
const timeoutTag = [0xf0, 0x06] as const;

/**
 * The frame of a request with another timeout, for one that had to wait: of a field that comes twice the last value counts. A
 * message at the size limit stays as it is.
 */
export function withTimeout(frame: Uint8Array, timeoutMs: number): Uint8Array {
	const field: number[] = [...timeoutTag];
	let rest = timeoutMs;
	for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) field.push((rest & 0x7f) | 0x80);
	field.push(rest);
	const length = frame.length - frameHeaderBytes + field.length;
	if (length > maxMessageBytes) return frame;
	const longer = new Uint8Array(frameHeaderBytes + length);
	longer.set(frame);
	longer.set(field, frame.length);
	new DataView(longer.buffer).setUint32(0, length);
	return longer;
}

/**
 * The frame of a response: header and message. It is not written over later, so it may be queued.
 *
 * @throws OrchestraError `message_too_large`, `nesting_too_deep`, `not_json`
 */
export function encodeResponseFrame(response: PluginResponse): Uint8Array {
	return encodeFrame(pluginResponseCodec, response);
}

/**
 * Reads a request from the payload of a frame. Its bytes fields are views of the payload. An error names the exchange
 * in `details.requestId` where the request id came before the fault: the frames around it can still be read.
 *
 * @param size bounds the memory that it takes, and learns it; decoding stops where it takes more
 * @throws OrchestraError `malformed_message`, `nesting_too_deep`, `not_json`, `overloaded`
 */
export function decodeRequest(payload: Uint8Array, size?: DecodedSize): PluginRequest {
	return decode(pluginRequestCodec, payload, size);
}

/**
 * Reads a response from the payload of a frame, as {@link decodeRequest} reads a request.
 *
 * @throws OrchestraError `malformed_message`, `nesting_too_deep`, `not_json`
 */
export function decodeResponse(payload: Uint8Array): PluginResponse {
	return decode(pluginResponseCodec, payload);
}

function encodeFrame<T>(codec: MessageCodec<T>, message: T): Uint8Array {
	const writer = idleWriter ?? new MessageWriter();
	idleWriter = undefined;
	try {
		codec.write(writer, message);
		return writer.finishFrame();
	} catch (error) {
		writer.reset();
		// Only code of the caller's throws anything else: a getter, or a proxy.
		throw OrchestraError.from(error, 'not_json', 'the message cannot be written');
	} finally {
		idleWriter = writer;
	}
}

function decode<T extends { requestId?: string }>(
	codec: MessageCodec<T>,
	payload: Uint8Array,
	size?: DecodedSize,
): T {
	const message = {} as T;
	const reader = new MessageReader(payload, size?.most);
	try {
		const read = codec.read(reader, message);
		if (size) size.taken = reader.cost;
		return read;
	} catch (error) {
		const fault = OrchestraError.from(error, 'malformed_message', 'the message cannot be read');
		if (message.requestId === undefined) throw fault;
		throw retoldError(fault, fault.message, {
			details: { ...fault.details, requestId: message.requestId },
		});
	}
}
