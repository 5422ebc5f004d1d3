import { kindOf } from '../wire/call-facts.ts';
import type { PluginRequest } from '../wire/generated/messages.ts';
import type { HopFacts } from './telemetry.ts';

/** Characters of a name that a peer chose. */
const maxName = 128;

/** The other end of a connection, as far as it is told. */
export interface OtherEnd {
	readonly carrier: string;
	readonly name: string;
	readonly address: string;
}

/** Facts about a request as a call; undefined for one that is none, such as a question for health. */
export function hopFacts(request: PluginRequest, peer: OtherEnd, plugin = ''): HopFacts | undefined {
	const kind = request.publish ? 'event' : kindOf(request);
	if (kind === undefined) return undefined;
	const { toolCall, streamStart, serviceCall } = request;
	const call = toolCall ?? streamStart;
	return {
		kind,
		name: nameOf(request).slice(0, maxName),
		plugin: (plugin || call?.plugin || serviceCall?.plugin || '').slice(0, maxName),
		session: ((call ?? serviceCall)?.sessionId ?? '').slice(0, maxName),
		caller: (call?.callerPlugin || serviceCall?.caller || request.publish?.sourcePlugin || '').slice(
			0,
			maxName,
		),
		remote: peer.carrier !== 'memory',
		address: peer.carrier === 'memory' ? '' : peer.address,
	};
}

function nameOf(request: PluginRequest): string {
	const { toolCall, streamStart, promptGet, serviceCall } = request;
	const call = toolCall ?? streamStart;
	if (call) return call.toolName ?? '';
	if (promptGet) return promptGet.promptName ?? '';
	if (serviceCall) return `${serviceCall.service ?? ''}.${serviceCall.method ?? ''}`;
	if (request.publish) return 'publish';
	if (request.storageRead) return 'storage.read';
	if (request.storageWrite) return 'storage.write';
	return request.storageDelete ? 'storage.delete' : 'storage.list';
}
