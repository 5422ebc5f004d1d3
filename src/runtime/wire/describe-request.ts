import { subjectOf } from './call-facts.ts';
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

/** A request in a few words: its kind, by the field on the wire, and what it is about. */
export function describeRequest(request: PluginRequest): string {
	const kind = kinds.find((kind) => request[kind] !== undefined) ?? 'unknown';
	const subject = subjectOf(request) || request.publish?.topic || request.subscribe?.topic;
	return subject ? `${kind} ${JSON.stringify(subject)}` : kind;
}
