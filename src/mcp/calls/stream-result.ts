import type { CallToolResult } from '@modelcontextprotocol/server';
import type { ToolChunk } from '../../runtime/client/chunk-queue.ts';
import type { JsonObject, JsonValue } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Bytes that a whole stream may have: it is held here, and becomes one message. */
const maxStreamBytes = 4 * 1024 * 1024;

/**
 * Reads a streaming tool to its end: MCP has one result for a call.
 *
 * @param onChunk hears each chunk as text, as it comes
 * @throws OrchestraError `message_too_large`
 */
export async function streamResult(
	name: string,
	chunks: AsyncIterable<ToolChunk>,
	onChunk: (text: string) => void,
): Promise<CallToolResult> {
	const decoder = new TextDecoder('utf-8');
	const values: JsonValue[] = [];
	const bytes: Uint8Array[] = [];
	let text = '';
	let size = 0;
	let isJson = true;
	for await (const { data, contentType } of chunks) {
		size += data.length;
		if (size > maxStreamBytes) {
			throw new OrchestraError(
				'message_too_large',
				`the stream of tool ${name} has more than ${maxStreamBytes} bytes`,
				{
					hint: 'Ask for less: over MCP a stream becomes one result.',
				},
			);
		}
		bytes.push(data);
		const [type = ''] = contentType.split(';');
		const shown = decoder.decode(data, { stream: true });
		text += shown;
		if (type === 'application/json') values.push(JSON.parse(new TextDecoder().decode(data)) as JsonValue);
		else isJson = false;
		onChunk(shown);
	}
	if (isJson && values.length > 0) {
		const structured: JsonObject = { chunks: values };
		return {
			content: [{ type: 'text', text: values.map((value) => JSON.stringify(value)).join('\n') }],
			structuredContent: structured,
		};
	}
	if (!text.includes('\ufffd')) return { content: [{ type: 'text', text: text + decoder.decode() }] };
	const blob = Buffer.concat(bytes).toString('base64');
	return {
		content: [
			{
				type: 'resource',
				resource: {
					uri: `orchestra://stream/${encodeURIComponent(name)}`,
					mimeType: 'application/octet-stream',
					blob,
				},
			},
		],
	};
}
