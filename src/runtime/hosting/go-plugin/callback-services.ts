import { decodeJson, encodeJson } from '../../grpc/message-json.ts';
import type { ReflectedServices } from '../../grpc/reflect-services.ts';
import type { CallbackHandler, CallbackServer } from '../../launching/go-plugin/go-plugin-broker.ts';
import type { GoPluginConnection } from '../../launching/go-plugin/go-plugin-connection.ts';
import type { PluginContext } from '../../plugin/definition/context.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { CallbackService } from './callback-service.ts';

/** The call-backs that are served, by the fields of requests. */
export type ServedCallbacks = ReadonlyMap<string, CallbackServer>;

/** Milliseconds that a call-back may take. */
const callbackMs = 30_000;

/** Serves call-backs of a plugin. @throws OrchestraError `service_not_found`, `method_not_found` */
export async function serveCallbacks(
	callbacks: readonly CallbackService[],
	reflected: ReflectedServices,
	connection: GoPluginConnection,
	ctx: PluginContext,
): Promise<ServedCallbacks> {
	const served = new Map<string, CallbackServer>();
	for (const { field, service: name, methods } of callbacks) {
		const service = reflected.find(name);
		if (!service) {
			throw new OrchestraError(
				'service_not_found',
				`${connection.name} describes no service ${name} to call back`,
			);
		}
		const handlers: Record<string, CallbackHandler> = {};
		for (const [methodName, tool] of Object.entries(methods)) {
			const method = Object.hasOwn(service.methods, methodName) ? service.methods[methodName] : undefined;
			const { resolvedRequestType: request, resolvedResponseType: response } = method ?? {};
			if (!method || !request || !response || method.requestStream || method.responseStream) {
				const text = `the service ${name} of ${connection.name} has no unary method ${methodName}`;
				throw new OrchestraError('method_not_found', text);
			}
			const subject = `the call-back ${name}.${methodName} of ${connection.name}`;
			handlers[`/${name}/${methodName}`] = async (bytes, signal) => {
				const args = decodeJson(request, bytes, subject) as JsonObject;
				const answer = await ctx.callTool(tool, args, { signal, timeoutMs: callbackMs });
				return encodeJson(response, answer, subject);
			};
		}
		served.set(field, await connection.broker.serve(handlers));
	}
	return served;
}
