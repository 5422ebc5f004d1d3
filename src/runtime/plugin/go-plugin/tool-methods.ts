import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ServerDuplexStream, ServerReadableStream, ServerWritableStream } from '@grpc/grpc-js';
import type { Method, Service, Type } from 'protobufjs';
import type { ToolStreamOptions } from '../../client/call-options.ts';
import type { PluginClient } from '../../client/plugin-client.ts';
import { decodeJson, encodeJson } from '../../grpc/message-json.ts';
import { statusOf } from '../../grpc/status-error.ts';
import type { JsonObject, JsonValue } from '../../wire/json-value.ts';
import { OrchestraError, ToolError } from '../../wire/orchestra-error.ts';
import { type AnsweredMethod, type Done, messagesOf, roomIn } from './answered-method.ts';
import type { HostServices } from './host-services.ts';

/** Methods of services, each answered by a tool. */
export interface MethodTools {
	/** The tool of a method. */
	readonly toolOf: (service: Service, method: Method) => string;
	readonly client: PluginClient;
	/** Services that the tools may call back. */
	readonly host: HostServices;
}

/** A call of a Go host, as gRPC hands it out. */
interface HostCall {
	getDeadline(): Date | number;
	on(event: 'cancelled', listener: () => void): unknown;
}

/**
 * The methods of a service, answered by tools: one with a stream, whichever way, by a streaming tool. The first message that a host sends is
 * the arguments of the tool, the next ones are what it reads from `ctx.input`; a stream without any is one of `{}`.
 */
export function toolMethods(service: Service, tools: MethodTools): AnsweredMethod[] {
	return service.methodsArray.map((method) => {
		const { requestStream = false, responseStream = false } = method;
		const path = `/${service.fullName.slice(1)}/${method.name}`;
		const called = new CalledTool(method, tools.toolOf(service, method), tools);
		return { path, requestStream, responseStream, run: runOf(called, requestStream, responseStream) };
	});
}

function runOf(called: CalledTool, requestStream: boolean, responseStream: boolean): unknown {
	if (responseStream) {
		return (call: ServerWritableStream<Buffer, Uint8Array> | ServerDuplexStream<Buffer, Uint8Array>) => {
			const answer = async () => {
				const messages = requestStream
					? called.read(call as ServerDuplexStream<Buffer, Uint8Array>)
					: undefined;
				const args = messages
					? await firstOf(messages)
					: called.decode((call as ServerWritableStream<Buffer, Uint8Array>).request);
				for await (const bytes of called.stream(args, messages, call)) {
					if (!call.write(bytes)) await roomIn(call);
				}
			};
			answer().then(
				() => call.end(),
				(error: unknown) => void call.emit('error', statusOf(error)),
			);
		};
	}
	return (
		call: (HostCall & { readonly request: Buffer }) | ServerReadableStream<Buffer, Uint8Array>,
		done: Done,
	) => {
		const answer = requestStream
			? called.resultOf(call as ServerReadableStream<Buffer, Uint8Array>)
			: called.unary(call as HostCall & { readonly request: Buffer });
		answer.then(
			(bytes) => done(null, bytes),
			(error: unknown) => done(statusOf(error)),
		);
	};
}

/** A tool that answers for a method. */
class CalledTool {
	readonly #request: Type;
	readonly #response: Type;
	readonly #tool: string;
	readonly #tools: MethodTools;

	constructor(
		{ resolvedRequestType, resolvedResponseType, fullName }: Method,
		tool: string,
		tools: MethodTools,
	) {
		if (!resolvedRequestType || !resolvedResponseType) {
			throw new OrchestraError('invalid_plugin', `the messages of ${fullName} are not known`);
		}
		this.#request = resolvedRequestType;
		this.#response = resolvedResponseType;
		this.#tool = tool;
		this.#tools = tools;
	}

	decode(bytes: Uint8Array): JsonObject {
		return decodeJson(this.#request, bytes, this.#tool) as JsonObject;
	}

	async *read(call: Readable): AsyncGenerator<JsonObject, undefined> {
		for await (const bytes of messagesOf(call)) yield this.decode(bytes);
		return undefined;
	}

	async unary(call: HostCall & { readonly request: Buffer }): Promise<Uint8Array> {
		const args = this.decode(call.request);
		const options = callOptions(call);
		using _ = this.#tools.host.during(options.traceParent, this.#request, args);
		const result = await this.#tools.client.callTool(this.#tool, args, options);
		return encodeJson(this.#response, result, this.#tool);
	}

	/** The one message with which a stream of the host is answered. */
	async resultOf(call: ServerReadableStream<Buffer, Uint8Array>): Promise<Uint8Array> {
		const messages = this.read(call);
		let result: Uint8Array | undefined;
		for await (const bytes of this.stream(await firstOf(messages), messages, call)) {
			if (result) throw new ToolError('invalid_response', `${this.#tool} has more than one result`);
			result = bytes;
		}
		if (!result) throw new ToolError('invalid_response', `${this.#tool} has no result`);
		return result;
	}

	async *stream(
		args: JsonObject,
		input: AsyncIterable<JsonObject> | undefined,
		call: HostCall,
	): AsyncGenerator<Uint8Array, undefined> {
		const options = callOptions(call);
		using _ = this.#tools.host.during(options.traceParent, this.#request, args);
		const chunks = this.#tools.client.streamTool(this.#tool, args, {
			...options,
			...(input ? { input } : {}),
		});
		for await (const { data } of chunks) {
			const value = JSON.parse(new TextDecoder().decode(data)) as JsonValue;
			yield encodeJson(this.#response, value, this.#tool);
		}
		return undefined;
	}
}

async function firstOf(messages: AsyncGenerator<JsonObject, undefined>): Promise<JsonObject> {
	const { value } = await messages.next();
	return value ?? {};
}

/** The trace of a call is its own, by which what its tool calls back is told from what others do. */
function callOptions(call: HostCall): ToolStreamOptions & { readonly traceParent: string } {
	const controller = new AbortController();
	call.on('cancelled', () => controller.abort(new OrchestraError('cancelled', 'the host gave up its call')));
	const deadline = Number(call.getDeadline());
	return {
		signal: controller.signal,
		timeoutMs: Number.isFinite(deadline) ? Math.max(1, deadline - Date.now()) : Number.POSITIVE_INFINITY,
		traceParent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`,
	};
}
