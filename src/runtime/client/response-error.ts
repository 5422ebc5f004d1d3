import type { PluginResponse } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { PeerError } from './peer-error.ts';

/** Kind and subject of a request, for the messages of its errors. */
export interface Asked {
	/** The kind of request, as the protocol spells it: `tool_call`, `storage_read`. */
	readonly kind: string;
	/** Its subject: a tool, a path, a topic; empty where there is none. */
	readonly subject: string;
	/** The peer that was asked. */
	readonly peer: string;
}

/** Every kind of response, by the name of its property. */
const responseKinds: [keyof PluginResponse, string][] = [
	['register', 'register'],
	['boot', 'boot'],
	['shutdown', 'shutdown'],
	['health', 'health'],
	['toolCall', 'tool_call'],
	['listTools', 'list_tools'],
	['listPrompts', 'list_prompts'],
	['promptGet', 'prompt_get'],
	['storageRead', 'storage_read'],
	['storageWrite', 'storage_write'],
	['storageDelete', 'storage_delete'],
	['storageList', 'storage_list'],
	['streamChunk', 'stream_chunk'],
	['streamEnd', 'stream_end'],
	['eventDelivery', 'event_delivery'],
	['describe', 'describe'],
	['progress', 'progress'],
	['serviceResult', 'service_result'],
];

/** The kind of a response as the protocol spells it; undefined for an empty one, or one of a kind that we do not know. */
export function responseKind(response: PluginResponse): string | undefined {
	for (const [property, kind] of responseKinds) if (response[property] !== undefined) return kind;
	return undefined;
}

/** An error with the peer's own code and words; what it left out is said for it. */
export function peerError(
	asked: Asked,
	code: string | undefined,
	message: string | undefined,
	options: { hint?: string } = {},
): PeerError {
	const subject = asked.subject ? ` ${asked.subject}` : '';
	return new PeerError(
		code || 'handler_error',
		message || `${asked.peer} failed at ${asked.kind}${subject} without saying why`,
		{ peer: asked.peer, ...options },
	);
}

/** The typed failure of a response, whatever was asked: the ErrorInfo extension. */
export function reportedError(response: PluginResponse, asked: Asked): PeerError | undefined {
	const info = response.error;
	if (info === undefined) return undefined;
	if (info.code === 'unknown_request') return unknownRequest(asked);
	return new PeerError(
		info.code || 'handler_error',
		info.message || peerError(asked, info.code, undefined).message,
		{
			peer: asked.peer,
			hint: info.hint || undefined,
			details: info.details,
			retryable: info.retryable,
			origin: info.origin === 'orchestrator' ? info.origin : undefined,
		},
	);
}

/**
 * Error for a last response that is not the one that was asked for. A core peer reports what it does not know as a failed tool call
 * (or, to be generous, a failed stream), whatever the request was.
 */
export function mismatchError(response: PluginResponse, asked: Asked): OrchestraError {
	const failed = response.toolCall ?? response.streamEnd;
	if (failed && !failed.success && failed.errorCode) {
		if (failed.errorCode === 'unknown_request') return unknownRequest(asked);
		return peerError(asked, failed.errorCode, failed.errorMessage);
	}
	const got = responseKind(response) ?? 'empty';
	return invalidResponse(asked, `${asked.peer} answered ${asked.kind} with a response of kind ${got}`, {
		got,
	});
}

/** The peer broke the protocol. */
export function invalidResponse(
	asked: Asked,
	message: string,
	details: Record<string, string | number> = {},
): OrchestraError {
	return new OrchestraError('invalid_response', message, {
		hint: 'The peer breaks the protocol: report it to its author.',
		details: { asked: asked.kind, ...(asked.subject ? { subject: asked.subject } : {}), ...details },
	});
}

function unknownRequest(asked: Asked): PeerError {
	return new PeerError('unknown_request', `${asked.peer} does not know requests of kind ${asked.kind}`, {
		peer: asked.peer,
		hint: 'It may speak only the core protocol, or not be the kind of peer that this request is for.',
		details: { asked: asked.kind },
	});
}
