import type { ToolChunk } from '../runtime/client/chunk-queue.ts';
import type { JsonObject } from '../runtime/wire/json-value.ts';
import { colouredJson } from './coloured-json.ts';
import { writeStdout } from './stdout.ts';
import { visible, visibleJson } from './visible-text.ts';

/** Shows answers of tools on stdout. */
export interface ToolOutput {
	/** The result of a unary tool. */
	result(result: JsonObject): void;
	/** A chunk of a stream. Waits while stdout is behind; false where nobody reads it any more. */
	chunk(chunk: ToolChunk): Promise<boolean>;
	/** The stream is over. */
	end(): void;
}

/** With `json` one document, or one a line for a stream; else text as text, bytes as bytes and the rest as indented JSON. */
export function toolOutput(json: boolean): ToolOutput {
	let lastByte: number | undefined;
	return {
		result(result) {
			const { text, ...rest } = result;
			const plain = !json && typeof text === 'string' && Object.keys(rest).length === 0;
			const { isTTY } = process.stdout;
			let shown = plain ? text : JSON.stringify(result, null, json && !isTTY ? undefined : 2);
			// On a terminal, control characters are made visible; a file or a pipe gets the text as it is.
			if (isTTY) shown = plain ? visible(shown) : colouredJson(visibleJson(shown));
			process.stdout.write(shown.endsWith('\n') ? shown : `${shown}\n`);
		},
		async chunk(chunk) {
			const bytes = json ? Buffer.from(`${JSON.stringify(describeChunk(chunk))}\n`) : showChunk(chunk);
			if (bytes.length === 0) return true;
			lastByte = bytes.at(-1);
			return writeStdout(bytes);
		},
		end() {
			// A prompt should not stand at the end of a text; bytes for a file or a pipe stay as they are.
			if (process.stdout.isTTY && lastByte !== undefined && lastByte !== 10) process.stdout.write('\n');
		},
	};
}

function isText(contentType: string): boolean {
	return contentType.startsWith('text/');
}

function isJson(contentType: string): boolean {
	return contentType.startsWith('application/json');
}

/** A chunk as JSON: its text or value where the content type says so, else its bytes in base 64. */
function describeChunk({ sequence, contentType, data }: ToolChunk): JsonObject {
	const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
	if (isText(contentType)) return { sequence, contentType, text: bytes.toString('utf8') };
	if (isJson(contentType)) {
		try {
			return { sequence, contentType, value: JSON.parse(bytes.toString('utf8')) };
		} catch {
			// Not what it says: as bytes, then.
		}
	}
	return { sequence, contentType, base64: bytes.toString('base64') };
}

function showChunk({ contentType, data }: ToolChunk): Uint8Array {
	if (process.stdout.isTTY) {
		if (!isText(contentType) && !isJson(contentType)) {
			return Buffer.from(
				`(${data.length} bytes of ${visible(contentType)}: redirect standard output to keep them)\n`,
			);
		}
		const text = Buffer.from(data).toString('utf8');
		return Buffer.from(isJson(contentType) ? `${visibleJson(text)}\n` : visible(text));
	}
	return isJson(contentType) ? Buffer.concat([data, Buffer.from('\n')]) : data;
}
