import type { PluginRequest, PluginResponse } from './generated/messages.ts';

/** Kind of a call: a tool with one result, a tool with a stream of chunks, a prompt, storage, or a method of a service. */
export type CallKind = 'tool' | 'stream' | 'prompt' | 'storage' | 'service';

/** Kind of a request as a call; undefined for one that is none. */
export function kindOf(request: PluginRequest): CallKind | undefined {
	if (request.toolCall) return 'tool';
	if (request.streamStart) return 'stream';
	if (request.promptGet) return 'prompt';
	if (request.serviceCall) return 'service';
	if (request.storageRead ?? request.storageWrite ?? request.storageDelete ?? request.storageList)
		return 'storage';
	return undefined;
}

/** Subject of a request: a tool, prompt, path or method; empty where there is none. */
export function subjectOf(request: PluginRequest): string {
	const { toolCall, streamStart, promptGet, storageRead, storageWrite, storageDelete, storageList } = request;
	const call = toolCall ?? streamStart;
	const stored = storageRead ?? storageWrite ?? storageDelete;
	const { serviceCall } = request;
	return (
		call?.toolName ??
		promptGet?.promptName ??
		stored?.path ??
		storageList?.prefix ??
		serviceCall?.method ??
		''
	);
}

/** Failure of a call. */
export interface CallFailure {
	/** Empty where nothing did. */
	readonly code: string;
	readonly message: string;
}

/** Failure by the answer; an empty code for none. A core peer says it in the answer itself. */
export function failureOf({ error, toolCall, streamEnd, storageWrite }: PluginResponse): CallFailure {
	if (error) return { code: error.code || 'handler_error', message: error.message ?? '' };
	const failed = toolCall ?? streamEnd;
	if (failed && !failed.success) {
		return { code: failed.errorCode || 'handler_error', message: failed.errorMessage ?? '' };
	}
	if (storageWrite && !storageWrite.success) {
		return { code: 'handler_error', message: storageWrite.error ?? '' };
	}
	return { code: '', message: '' };
}
