import type { Method, Service } from 'protobufjs/light.js';
import { messageSchema } from '../../grpc/message-schema.ts';
import type { ToolContext } from '../../plugin/definition/context.ts';
import type { PluginBuilder } from '../../plugin/definition/plugin-builder.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import { OrchestraError, ToolError } from '../../wire/orchestra-error.ts';
import { CalledMethod, type CalledPlugin } from './called-method.ts';

/** Methods that become tools; the largest public plugins have about a hundred. */
const maxMethods = 1_024;

/** A method of a service, and the name of its tool. */
interface NamedMethod {
	readonly tool: string;
	readonly path: string;
	readonly method: Method;
}

/** The methods of services by the names of their tools: `KV.Get`, and `proto.KV.Get` where two packages have a service `KV`. */
function namedMethods(services: readonly Service[]): NamedMethod[] {
	const counts = new Map<string, number>();
	for (const { name } of services) counts.set(name, (counts.get(name) ?? 0) + 1);
	return services.flatMap((service) => {
		const fullName = service.fullName.slice(1);
		const prefix = counts.get(service.name) === 1 ? service.name : fullName;
		return service.methodsArray.map((method) => ({
			tool: `${prefix}.${method.name}`,
			path: `${fullName}/${method.name}`,
			method,
		}));
	});
}

/**
 * Gives a plugin a tool for each method of a running go-plugin. One that answers with a stream is a streaming tool, and so is one that
 * takes a stream: its arguments are the first message, and what the caller sends while it runs are the next ones.
 *
 * @throws OrchestraError `start_failed` for too many methods; `invalid_arguments` where no request has the field of a call-back
 */
export function registerMethods(
	builder: PluginBuilder,
	services: readonly Service[],
	plugin: CalledPlugin,
): void {
	const { name: pluginName } = plugin.connection;
	const methods = namedMethods(services);
	if (methods.length > maxMethods) {
		throw new OrchestraError('start_failed', `${pluginName} has ${methods.length} methods`, {
			hint: `At most ${maxMethods} can be tools.`,
		});
	}
	const unused = new Set(plugin.callbackFields);
	for (const { tool, path, method } of methods) {
		const subject = `${tool} of plugin ${pluginName}`;
		const called = new CalledMethod(plugin, method, subject);
		for (const { callback } of called.filled) unused.delete(callback);
		const takes = `${method.requestStream ? 'stream of ' : ''}${called.request.name}`;
		const gives = `${method.responseStream ? 'stream of ' : ''}${called.response.name}`;
		const hidden = called.filled.map(({ jsonName }) => jsonName);
		const options = {
			description: `gRPC method ${path}: ${takes} → ${gives}`,
			input: messageSchema(called.request, hidden),
		};
		if (method.requestStream) {
			builder.registerStreamingTool(tool, options, (args: JsonObject, ctx) =>
				called.duplex(messages(args, ctx, subject), ctx),
			);
		} else if (method.responseStream) {
			builder.registerStreamingTool(tool, options, (args: JsonObject, ctx) => called.stream(args, ctx));
		} else {
			builder.registerTool(tool, options, (args: JsonObject, ctx) => called.unary(args, ctx));
		}
	}
	for (const field of unused) {
		const text = `no request of ${pluginName} has a field ${field} for a call-back`;
		throw new OrchestraError('invalid_arguments', text, {
			hint: 'Name the field of type uint32 that tells the plugin the number of the service.',
		});
	}
}

/** Messages that a streaming tool is called with and sent. */
async function* messages(first: JsonObject, ctx: ToolContext, subject: string): AsyncGenerator<JsonObject> {
	yield first;
	for await (const value of ctx.input) {
		if (typeof value !== 'object' || value === null || value instanceof Uint8Array || Array.isArray(value)) {
			throw new ToolError('invalid_arguments', `${subject} takes messages as JSON objects`);
		}
		yield value as JsonObject;
	}
}
