import type { CallToolResult } from '@modelcontextprotocol/server';
import { isObject, type JsonObject } from '../../runtime/wire/json-value.ts';
import type { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Fields that each block of MCP has to have: a client refuses a whole result for one that lacks one. */
const blockFields: Readonly<Record<string, readonly string[]>> = {
	text: ['text'],
	image: ['data', 'mimeType'],
	audio: ['data', 'mimeType'],
	resource_link: ['uri', 'name'],
};

/**
 * The result of a tool as MCP has it: `{content: [blocks of MCP]}` goes as it is, a single text is that text, everything else is JSON,
 * as text and structured.
 */
export function toolResult(result: JsonObject, hasOutputSchema: boolean): CallToolResult {
	const { content, structuredContent } = result;
	if (isContent(content)) {
		return {
			content,
			...(isObject(structuredContent) ? { structuredContent } : {}),
		} as CallToolResult;
	}
	const keys = Object.keys(result);
	if (keys.length === 1 && typeof result.text === 'string') {
		return {
			content: [{ type: 'text', text: result.text }],
			...(hasOutputSchema ? { structuredContent: result } : {}),
		};
	}
	return { content: [{ type: 'text', text: JSON.stringify(result) }], structuredContent: result };
}

/**
 * A failed call. It is a result, not an error of the protocol: the model reads it, and may do better.
 *
 * @param structured whether it is told as an object too; not where the tool says what its objects look like
 */
export function failedResult(
	{ code, message, hint, details, retryable }: OrchestraError,
	structured: boolean,
): CallToolResult {
	const text = hint ? `${message}. ${hint}` : message;
	const error = { code, message, ...(hint ? { hint } : {}), retryable, ...(details ? { details } : {}) };
	return {
		isError: true,
		content: [{ type: 'text', text }],
		...(structured ? { structuredContent: error } : { _meta: { 'orchestra/error': error } }),
	};
}

function isContent(content: unknown): boolean {
	return (
		Array.isArray(content) &&
		content.length > 0 &&
		content.every((block) => isObject(block) && isBlock(block))
	);
}

function isBlock({ type, resource, ...block }: JsonObject): boolean {
	if (type === 'resource') {
		if (!isObject(resource) || typeof resource.uri !== 'string') return false;
		return typeof resource.text === 'string' || typeof resource.blob === 'string';
	}
	const fields = Object.hasOwn(blockFields, String(type)) ? blockFields[String(type)] : undefined;
	return fields?.every((field) => typeof block[field] === 'string') ?? false;
}
