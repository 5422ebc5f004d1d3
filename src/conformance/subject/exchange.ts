import type { Connection } from '../../runtime/carrier/carrier.ts';
import type { PluginRequest, PluginResponse } from '../../runtime/wire/generated/messages.ts';

/** Milliseconds that a plugin gets for an answer that takes no work. */
export const answerMs = 10_000;

/** All responses of one exchange, as they came. */
export interface Answers {
	/** Chunks of a stream, and progress. */
	readonly before: readonly PluginResponse[];
	readonly last: PluginResponse;
}

/**
 * One exchange, with its messages as they are.
 *
 * @throws OrchestraError `deadline_exceeded`, `connection_lost`, …
 */
export function exchange(
	connection: Connection,
	request: PluginRequest,
	timeoutMs: number = answerMs,
): Promise<Answers> {
	return new Promise((resolve, reject) => {
		const before: PluginResponse[] = [];
		const opened = connection.exchange(
			request,
			{
				next(response) {
					before.push(response);
					opened.consumed(response);
				},
				done: (last) => resolve({ before, last }),
				fail: reject,
			},
			{ timeoutMs },
		);
	});
}

/** The code of the error that a response reports, wherever the protocol has room for it; empty where it says that something failed, but not what. */
export function errorCodeOf(response: PluginResponse): string | undefined {
	if (response.error) return response.error.code ?? '';
	const { toolCall, streamEnd, storageWrite, storageDelete, register, boot } = response;
	if (toolCall && !toolCall.success) return toolCall.errorCode ?? '';
	if (streamEnd && !streamEnd.success) return streamEnd.errorCode ?? '';
	if (storageWrite && !storageWrite.success) return '';
	if (storageDelete && !storageDelete.success) return '';
	if (register && !register.accepted) return '';
	if (boot && !boot.ready) return '';
	return undefined;
}

/** A response in a few words, for a person. */
export function toldResponse(response: PluginResponse | undefined): string {
	if (!response) return 'the end of the stream, without an answer';
	const { requestId: _, ...rest } = response;
	const text = JSON.stringify(rest, (_key, value) =>
		value instanceof Uint8Array ? `${value.length} bytes` : value,
	);
	return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
