import type { StreamChunk } from '../../wire/generated/messages.ts';
import { maxMessageBytes } from '../../wire/limits.ts';
import { ToolError } from '../../wire/orchestra-error.ts';
import { invalidResult } from './tool-result.ts';

/** The largest chunk, in bytes: a message with room for what goes around its data. */
export const maxChunkBytes = maxMessageBytes - 4096;

const encoder = new TextEncoder();

/**
 * One value of a streaming tool as a chunk: bytes as they are, a string as UTF-8 text, another JSON value as JSON.
 *
 * @throws OrchestraError `invalid_result`, `message_too_large`
 */
export function streamChunk(
	value: unknown,
	streamId: string,
	sequence: number,
	subject: string,
): StreamChunk {
	let data: Uint8Array;
	let contentType: string;
	if (value instanceof Uint8Array) {
		data = value;
		contentType = 'application/octet-stream';
	} else if (ArrayBuffer.isView(value)) {
		data = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
		contentType = 'application/octet-stream';
	} else if (typeof value === 'string') {
		data = encoder.encode(value);
		contentType = 'text/plain; charset=utf-8';
	} else {
		data = encoder.encode(toJson(value, subject));
		contentType = 'application/json';
	}
	if (data.length > maxChunkBytes) {
		throw new ToolError(
			'message_too_large',
			`${subject} yielded ${data.length} bytes at once: a chunk holds at most ${maxChunkBytes}`,
			{ hint: 'Yield it in smaller pieces.', details: { bytes: data.length, limit: maxChunkBytes } },
		);
	}
	return { streamId, data, contentType, sequence };
}

function toJson(value: unknown, subject: string): string {
	let text: string | undefined;
	try {
		text = JSON.stringify(value);
	} catch {
		// A bigint, or a cycle.
	}
	if (text === undefined) throw invalidResult(subject, `a ${typeof value}`);
	return text;
}
