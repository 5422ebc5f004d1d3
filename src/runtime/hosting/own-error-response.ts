import { errorResponse } from '../carrier/error-response.ts';
import type { PluginRequest, PluginResponse } from '../wire/generated/messages.ts';
import type { OrchestraError } from '../wire/orchestra-error.ts';

/** The response of a host that says an error of itself, not of the plugin that was asked. */
export function ownErrorResponse(request: PluginRequest, error: OrchestraError): PluginResponse {
	const response = errorResponse(request, error);
	if (response.error) response.error.origin = 'orchestrator';
	return response;
}
