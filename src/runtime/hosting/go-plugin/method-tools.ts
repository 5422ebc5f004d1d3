import protobuf, { type Field, type Method, type Service, type Type } from 'protobufjs/light.js';
import { decodeJson, encodeJson } from '../../grpc/message-json.ts';
import { messageSchema } from '../../grpc/message-schema.ts';
import type { GoPluginConnection } from '../../launching/go-plugin/go-plugin-connection.ts';
import type { ToolContext } from '../../plugin/definition/context.ts';
import type { PluginBuilder } from '../../plugin/definition/plugin-builder.ts';
import type { JsonObject, JsonValue } from '../../wire/json-value.ts';
import { OrchestraError, ToolError } from '../../wire/orchestra-error.ts';
import type { ServedCallbacks } from './callback-services.ts';

/** What serves the calls, and what it may call back; that is served when the plugin boots. */
export interface CalledPlugin {
	readonly connection: GoPluginConnection;
	callbacks: ServedCallbacks;
}

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
			path: `/${fullName}/${method.name}`,
			method,
		}));
	});
}

/**
 * Gives a plugin a tool for each method of a running go-plugin. One that answers with a stream is a streaming tool, and so is one that
 * takes a stream: its arguments are the first message, and what the caller sends while it runs are the next ones.
 *
 * @param callbackFields fields of requests, by the names that the .proto has, which the host fills in
 */
export function registerMethods(
	builder: PluginBuilder,
	services: readonly Service[],
	plugin: CalledPlugin,
	callbackFields: ReadonlySet<string>,
): void {
	const { connection } = plugin;
	const methods = namedMethods(services);
	if (methods.length > maxMethods) {
		throw new OrchestraError('start_failed', `${connection.name} has ${methods.length} methods`, {
			hint: `At most ${maxMethods} can be tools.`,
		});
	}
	const unused = new Set(callbackFields);
	for (const named of methods) {
		const { tool, method } = named;
		const { resolvedRequestType: request, resolvedResponseType: response } = method;
		if (!request || !response) continue;
		const filled = request.fieldsArray.flatMap((field) => filledField(field, callbackFields) ?? []);
		for (const { callback } of filled) unused.delete(callback);
		const call = new MethodCall(plugin, named, { request, response, filled });
		const takes = `${method.requestStream ? 'stream of ' : ''}${request.name}`;
		const gives = `${method.responseStream ? 'stream of ' : ''}${response.name}`;
		const description = `gRPC method ${named.path.slice(1)}: ${takes} → ${gives}`;
		const options = {
			description,
			input: messageSchema(
				request,
				filled.map(({ jsonName }) => jsonName),
			),
		};
		if (method.requestStream) {
			builder.registerStreamingTool(tool, options, (args: JsonObject, ctx) => call.duplex(args, ctx));
		} else if (method.responseStream) {
			builder.registerStreamingTool(tool, options, (args: JsonObject, ctx) => call.stream(args, ctx));
		} else {
			builder.registerTool(tool, options, (args: JsonObject, ctx) => call.unary(args, ctx));
		}
	}
	for (const field of unused) {
		throw new OrchestraError(
			'invalid_arguments',
			`no request of ${connection.name} has a field ${field} for a call-back`,
			{
				hint: 'Name the field of type uint32 that tells the plugin the number of the service.',
			},
		);
	}
}

/** A field of requests that the host fills in, and the name that the options have for it. */
interface FilledField {
	readonly jsonName: string;
	readonly callback: string;
}

function filledField(field: Field, names: ReadonlySet<string>): FilledField | undefined {
	if (field.type !== 'uint32' || field.repeated) return undefined;
	const { name, jsonName = name } = field;
	for (const callback of names) {
		if (callback === jsonName || protobuf.util.camelCase(callback) === name) return { jsonName, callback };
	}
	return undefined;
}

/** The messages of a method. */
interface MethodForm {
	readonly request: Type;
	readonly response: Type;
	/** Fields of requests that the host fills in. */
	readonly filled: readonly FilledField[];
}

/** Calls one method of a go-plugin. */
class MethodCall {
	readonly #plugin: CalledPlugin;
	readonly #connection: GoPluginConnection;
	readonly #path: string;
	readonly #subject: string;
	readonly #form: MethodForm;

	constructor(plugin: CalledPlugin, { tool, path }: NamedMethod, form: MethodForm) {
		this.#plugin = plugin;
		this.#connection = plugin.connection;
		this.#path = path;
		this.#subject = `${tool} of plugin ${plugin.connection.name}`;
		this.#form = form;
	}

	async unary(args: JsonObject, ctx: ToolContext): Promise<JsonValue> {
		const request = this.#encode(args);
		try {
			const answer = await this.#connection.channel.unary(this.#path, request, this.#options(ctx));
			return decodeJson(this.#form.response, answer, this.#subject);
		} catch (error) {
			throw await this.#connection.failureOf(error);
		}
	}

	stream(args: JsonObject, ctx: ToolContext): AsyncGenerator<JsonValue> {
		const request = this.#encode(args);
		return this.#read(this.#connection.channel.serverStream(this.#path, request, this.#options(ctx)));
	}

	duplex(args: JsonObject, ctx: ToolContext): AsyncGenerator<JsonValue> {
		const first = this.#encode(args);
		const input = this.#messages(first, ctx);
		return this.#read(this.#connection.channel.duplex(this.#path, input, this.#options(ctx)));
	}

	async *#messages(first: Uint8Array, ctx: ToolContext): AsyncGenerator<Uint8Array> {
		yield first;
		for await (const value of ctx.input) {
			if (typeof value !== 'object' || value instanceof Uint8Array) {
				throw new ToolError('invalid_arguments', `${this.#subject} takes messages as JSON objects`);
			}
			yield this.#encode(value as JsonObject);
		}
	}

	async *#read(answers: AsyncGenerator<Buffer>): AsyncGenerator<JsonValue> {
		try {
			for await (const answer of answers) yield decodeJson(this.#form.response, answer, this.#subject);
		} catch (error) {
			throw await this.#connection.failureOf(error);
		}
	}

	/** @throws ToolError `invalid_arguments` */
	#encode(args: JsonObject): Uint8Array {
		const { request, filled } = this.#form;
		if (filled.length === 0) return encodeJson(request, args, this.#subject);
		const complete = { ...args };
		for (const { jsonName, callback } of filled) {
			const server = this.#plugin.callbacks.get(callback);
			if (server) complete[jsonName] = this.#connection.broker.offer(server);
		}
		return encodeJson(request, complete, this.#subject);
	}

	#options({ signal, deadline }: ToolContext) {
		return { subject: this.#subject, signal, deadline };
	}
}
