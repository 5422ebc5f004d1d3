import type { ErrorInfo } from './generated/messages.ts';
import { isObject, type JsonObject } from './json-value.ts';
import { OrchestraError } from './orchestra-error.ts';
import { relayedError } from './relayed-error.ts';
import { copyStruct } from './struct-copy.ts';

/** Characters of a message or hint that cross. An error must not fail to be told for its size. */
const maxTextLength = 16 * 1024;

/**
 * The part of an error that crosses to the peer: code, message, hint, details and whether it is retryable. Its cause
 * and stack stay here. It never throws: details that JSON cannot express are replaced by the reason,
 * `{ detailsLost: … }`.
 */
export function toErrorInfo(error: OrchestraError): ErrorInfo {
	const info: ErrorInfo = { code: String(error.code), message: shorten(String(error.message)) };
	if (error.retryable) info.retryable = true;
	if (error.details != null) info.details = crossingDetails(error.details);
	if (error.hint) info.hint = shorten(String(error.hint));
	return info;
}

/**
 * The error that a peer reported. Codes that are not ours pass; without one it is a `handler_error`. What does not
 * have the type it should have is left out, since a peer in process is any JavaScript.
 */
export function fromErrorInfo(info: ErrorInfo): OrchestraError {
	const { code, message, hint, details } = info;
	return relayedError(
		isText(code) ? code : 'handler_error',
		isText(message) ? message : 'the peer reported an error and no message',
		{
			hint: isText(hint) ? hint : undefined,
			details: isObject(details) ? details : undefined,
			retryable: info.retryable === true,
		},
	);
}

function crossingDetails(details: JsonObject): JsonObject {
	try {
		return copyStruct(details);
	} catch (error) {
		return { detailsLost: OrchestraError.from(error, 'not_json').message };
	}
}

function shorten(text: string): string {
	return text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength)}…`;
}

function isText(value: unknown): value is string {
	return typeof value === 'string' && value !== '';
}
