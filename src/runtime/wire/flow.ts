import type { PluginResponse, StreamInput } from './generated/messages.ts';

/**
 * Whether a response is the last one of its exchange. Only stream chunks, progress and credit for input come before a last one;
 * every other response, known or not, ends its exchange.
 */
export function isFinal(response: PluginResponse): boolean {
	return (
		response.streamChunk === undefined &&
		response.progress === undefined &&
		response.inputCredit === undefined
	);
}

/** Bytes that a response costs beside its data, so that empty chunks are not free either. */
const responseOverhead = 64;

/** Bytes that a response that is not final takes from the window of its exchange. Both ends count alike. */
export function flowCost(response: PluginResponse): number {
	return (
		(response.streamChunk?.data?.length ?? 0) + (response.progress?.output?.length ?? 0) + responseOverhead
	);
}

/** Bytes that a message of input takes from the credit of its exchange. Its end alone is free. Both ends count alike. */
export function inputCost(input: StreamInput): number {
	const bytes = input.data?.length ?? 0;
	return bytes === 0 && input.end ? 0 : bytes + responseOverhead;
}

/** Bytes of input that a handler may leave unread before its caller has to wait. */
export const inputWindowBytes = 256 * 1024;
