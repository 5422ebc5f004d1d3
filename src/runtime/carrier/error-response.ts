import { toErrorInfo } from '../wire/error-info.ts';
import type { PluginRequest, PluginResponse } from '../wire/generated/messages.ts';
import { Status } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/**
 * The response that says why a request failed: the typed error for our own peers, beside what the core protocol can say of it
 * in an answer to this kind of request. It ends the exchange.
 */
export function errorResponse(request: PluginRequest, error: OrchestraError): PluginResponse {
	return { ...coreFailure(request, error), error: toErrorInfo(error) };
}

/** The last response in place of one that cannot be sent. @param why in words, such as `the response cannot be encoded` */
export function unsendableResponse(request: PluginRequest, thrown: unknown, why: string): PluginResponse {
	const error = OrchestraError.from(thrown, 'internal', why);
	return { ...errorResponse(request, error), requestId: request.requestId ?? '' };
}

function coreFailure(request: PluginRequest, error: OrchestraError): PluginResponse {
	const { code, message } = error;
	if (request.streamStart) {
		const streamId = request.streamStart.streamId ?? '';
		return { streamEnd: { streamId, success: false, errorCode: code, errorMessage: message } };
	}
	if (request.promptGet) return { promptGet: { description: message } };
	if (request.storageRead) return { storageRead: {} };
	if (request.storageWrite) return { storageWrite: { success: false, error: message } };
	if (request.storageDelete) return { storageDelete: { success: false } };
	if (request.storageList) return { storageList: {} };
	if (request.register) return { register: { accepted: false, rejectReason: message } };
	if (request.boot) return { boot: { ready: false, error: message } };
	if (request.shutdown) return { shutdown: { clean: false } };
	if (request.health) return { health: { status: Status.unhealthy, message } };
	if (request.listTools) return { listTools: {} };
	if (request.listPrompts) return { listPrompts: {} };
	if (request.subscribe || request.unsubscribe || request.publish) return {};
	if (request.serviceCall) return { serviceResult: {} };
	return { toolCall: { success: false, errorCode: code, errorMessage: message } };
}
