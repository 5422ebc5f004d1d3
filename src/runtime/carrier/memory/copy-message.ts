import type {
	PluginRequest,
	PluginResponse,
	StreamInput,
	ToolDefinition,
} from '../../wire/generated/messages.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import { maxMessageBytes } from '../../wire/limits.ts';
import { messageTooLarge } from '../../wire/message-too-large.ts';
import { copyStruct } from '../../wire/struct-copy.ts';

/**
 * A copy of a request that shares nothing with it. JSON fields go by the rules of the codec, bytes are copied.
 *
 * @throws OrchestraError `not_json`, `nesting_too_deep`, `message_too_large`
 */
export function copyRequest(request: PluginRequest): PluginRequest {
	const copy: PluginRequest = {};
	for (const key of Object.keys(request) as (keyof PluginRequest)[]) {
		switch (key) {
			case 'toolCall':
				copyWithStruct(request, copy, key, 'arguments');
				if (copy.toolCall?.inputResponses) {
					copy.toolCall.inputResponses = copyStruct(copy.toolCall.inputResponses);
				}
				break;
			case 'streamStart':
			case 'serviceCall':
				copyWithStruct(request, copy, key, 'arguments');
				break;
			case 'publish':
				copyWithStruct(request, copy, key, 'payload');
				break;
			case 'storageWrite':
				copyWithStruct(request, copy, key, 'metadata');
				if (copy.storageWrite?.content) copy.storageWrite.content = copyBytes(copy.storageWrite.content);
				break;
			default:
				copyPlain(request, copy, key);
		}
	}
	return copy;
}

/**
 * A copy of a response that shares nothing with it, by the same rules as {@link copyRequest}.
 *
 * @throws OrchestraError `not_json`, `nesting_too_deep`, `message_too_large`
 */
export function copyResponse(response: PluginResponse): PluginResponse {
	const copy: PluginResponse = {};
	for (const key of Object.keys(response) as (keyof PluginResponse)[]) {
		switch (key) {
			case 'toolCall':
				copyWithStruct(response, copy, key, 'result');
				break;
			case 'serviceResult':
				copyWithStruct(response, copy, key, 'result');
				break;
			case 'streamChunk':
				if (!response.streamChunk) break;
				copy.streamChunk = { ...response.streamChunk };
				if (copy.streamChunk.data) copy.streamChunk.data = copyBytes(copy.streamChunk.data);
				break;
			case 'error':
				copyWithStruct(response, copy, key, 'details');
				break;
			case 'eventDelivery':
				copyWithStruct(response, copy, key, 'payload');
				if (copy.eventDelivery?.timestamp) copy.eventDelivery.timestamp = { ...copy.eventDelivery.timestamp };
				break;
			case 'storageRead':
				copyWithStruct(response, copy, key, 'metadata');
				if (copy.storageRead?.content) copy.storageRead.content = copyBytes(copy.storageRead.content);
				break;
			case 'listTools':
				copy.listTools = { tools: (response.listTools?.tools ?? []).map(copyTool) };
				break;
			default:
				copyPlain(response, copy, key);
		}
	}
	return copy;
}

/** A copy of a message of input. @throws OrchestraError `message_too_large` */
export function copyInput(input: StreamInput): StreamInput {
	return input.data ? { ...input, data: copyBytes(input.data) } : { ...input };
}

/** Copies a message of which one field is JSON and the others are scalars, or are copied afterwards. */
function copyWithStruct<T, K extends keyof T>(
	source: T,
	target: T,
	key: K,
	field: keyof NonNullable<T[K]>,
): void {
	const message = source[key];
	if (message === undefined || message === null) return;
	const copy = { ...message } as Record<string, unknown>;
	const struct = message[field as keyof T[K]] as JsonObject | undefined;
	if (struct !== undefined && struct !== null) copy[field as string] = copyStruct(struct);
	target[key] = copy as T[K];
}

function copyPlain<T, K extends keyof T>(source: T, target: T, key: K): void {
	const value = source[key];
	if (value === undefined) return;
	target[key] = typeof value === 'object' ? structuredClone(value) : value;
}

function copyTool(tool: ToolDefinition): ToolDefinition {
	const copy = { ...tool };
	if (tool.inputSchema !== undefined) copy.inputSchema = copyStruct(tool.inputSchema);
	if (tool.outputSchema !== undefined) copy.outputSchema = copyStruct(tool.outputSchema);
	if (tool.annotations !== undefined) copy.annotations = copyStruct(tool.annotations);
	return copy;
}

function copyBytes(bytes: Uint8Array): Uint8Array {
	if (bytes.length > maxMessageBytes) throw messageTooLarge(bytes.length);
	// Not bytes.slice(): a Buffer's slice shares its memory.
	return new Uint8Array(bytes);
}
