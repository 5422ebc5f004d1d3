import type { PluginRequest } from './generated/messages.ts';

/** Kinds of requests, by their fields on the wire. */
const kinds = [
	'toolCall',
	'streamStart',
	'serviceCall',
	'promptGet',
	'storageRead',
	'storageWrite',
	'storageDelete',
	'storageList',
	'publish',
	'subscribe',
	'unsubscribe',
	'register',
	'boot',
	'shutdown',
	'health',
	'listTools',
	'listPrompts',
	'describe',
] as const satisfies readonly (keyof PluginRequest)[];

/** What a request is about: a tool, prompt, path, topic or method; empty where there is nothing. */
export function subjectOf(request: PluginRequest): string {
	const { toolCall, streamStart, promptGet, storageRead, storageWrite, storageDelete, storageList } = request;
	const call = toolCall ?? streamStart;
	const stored = storageRead ?? storageWrite ?? storageDelete;
	const { serviceCall, publish, subscribe } = request;
	return (
		call?.toolName ??
		promptGet?.promptName ??
		stored?.path ??
		storageList?.prefix ??
		serviceCall?.method ??
		publish?.topic ??
		subscribe?.topic ??
		''
	);
}

/** A request in a few words: its kind, by the field on the wire, and what it is about. */
export function describeRequest(request: PluginRequest): string {
	const kind = kinds.find((kind) => request[kind] !== undefined) ?? 'unknown';
	const subject = subjectOf(request);
	return subject ? `${kind} ${JSON.stringify(subject)}` : kind;
}
