import { defaultStorageType } from '../../runtime/plugin/definition/storage-handler.ts';
import type { PluginRequest } from '../../runtime/wire/generated/messages.ts';
import type { SubjectKind } from '../nats/subjects.ts';

/** Tells what a request is about, as the subject says it: NATS holds users to subjects. */
export function callFacts(request: PluginRequest): { kind: SubjectKind; name: string } {
	const call = request.toolCall ?? request.streamStart;
	if (call) return { kind: 'tool', name: call.toolName ?? '' };
	if (request.promptGet) return { kind: 'prompt', name: request.promptGet.promptName ?? '' };
	const storage = request.storageRead ?? request.storageWrite ?? request.storageDelete ?? request.storageList;
	if (storage) return { kind: 'storage', name: storage.storageType || defaultStorageType };
	if (request.serviceCall) return { kind: 'service', name: request.serviceCall.service ?? '' };
	return { kind: 'list', name: '' };
}

/** Whether an answer may take so long, or so many messages, that its caller has to know who gives it. */
export function lastsLong(request: PluginRequest): boolean {
	return (
		request.streamStart !== undefined ||
		request.serviceCall !== undefined ||
		request.sendsInput === true ||
		request.acceptsProgress === true ||
		request.acceptsOutput === true
	);
}
