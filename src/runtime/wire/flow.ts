import type { PluginResponse } from './generated/messages.ts';

/**
 * Whether a response is the last one of its exchange. Only stream chunks and progress come before a last one; every other
 * response, known or not, ends its exchange.
 */
export function isFinal(response: PluginResponse): boolean {
	return response.streamChunk === undefined && response.progress === undefined;
}

/** Bytes that a response costs beside its data, so that empty chunks are not free either. */
const responseOverhead = 64;

/** What a response that is not final takes from the window of its exchange, in bytes. Both ends count alike. */
export function flowCost(response: PluginResponse): number {
	return (
		(response.streamChunk?.data?.length ?? 0) + (response.progress?.output?.length ?? 0) + responseOverhead
	);
}
