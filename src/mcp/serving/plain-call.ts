import type { RequestId } from '@modelcontextprotocol/server';
import { isObject, type JsonObject } from '../../runtime/wire/json-value.ts';
import type { CallContext } from '../calls/call-context.ts';
import type { SettledEra } from './settled-era.ts';
import { type ToolCallParams, toolCallParams } from './tool-call-params.ts';

/** A call of a tool with nothing that the SDK has to look at. */
export interface PlainCall {
	readonly id: RequestId;
	readonly params: ToolCallParams;
	readonly meta: JsonObject | undefined;
	/** Description that its client gives of itself; undefined for clients of before 2026-07-28. */
	readonly envelope: CallContext['mcpReq']['envelope'];
}

/** Undefined where a message is none, or the SDK has to look at it. */
export function plainCall(message: unknown, era: SettledEra): PlainCall | undefined {
	if (!isObject(message) || message.jsonrpc !== '2.0' || message.method !== 'tools/call') return undefined;
	const { id, params } = message;
	if (!(typeof id === 'string' || Number.isSafeInteger(id)) || Object.keys(message).length !== 4)
		return undefined;
	if (!isObject(params) || 'requestState' in params || 'inputResponses' in params) return undefined;
	const call = toolCallParams(params);
	const { _meta: meta } = params;
	if (!call || !(meta === undefined || isMeta(meta))) return undefined;
	const envelope = era.find(meta);
	return envelope === 'unknown' ? undefined : { id: id as RequestId, params: call, meta, envelope };
}

function isMeta(meta: unknown): meta is JsonObject {
	if (!isObject(meta)) return false;
	const { progressToken: token } = meta;
	return token === undefined || typeof token === 'string' || Number.isSafeInteger(token);
}
