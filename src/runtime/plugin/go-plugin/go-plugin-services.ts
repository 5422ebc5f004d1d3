import { Server, type ServerDuplexStream, type ServerWritableStream, type status } from '@grpc/grpc-js';
import type { Method, Service } from 'protobufjs';
import type { PluginClient } from '../../client/plugin-client.ts';
import { decodeJson, encodeJson } from '../../grpc/message-json.ts';
import {
	emptyForm,
	healthRequestForm,
	healthResponseForm,
	healthServing,
	type MessageForm,
	stdioForm,
} from '../../grpc/own-messages.ts';
import { statusOf } from '../../grpc/status-error.ts';
import type { JsonObject, JsonValue } from '../../wire/json-value.ts';
import { maxMessageBytes } from '../../wire/limits.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { CapturedOutput } from './captured-output.ts';

/** The services for which a go-plugin answers for its health; empty means the whole server. */
const healthNames = new Set(['plugin', '']);

type Done = (error: { code: status; details: string } | null, answer?: Uint8Array) => void;

/** A call of a Go host, as gRPC hands it out. */
interface HostCall {
	readonly request: Buffer;
	readonly cancelled: boolean;
	getDeadline(): Date | number;
	on(event: 'cancelled', listener: () => void): unknown;
}

/** A method, and how it is answered. */
interface Answered {
	readonly path: string;
	readonly responseStream: boolean;
	readonly requestStream?: boolean;
	readonly run: unknown;
}

/** Makes a server with all that a Go host asks of any plugin, and with services that tools answer for. */
export function goPluginServer(options: {
	readonly services: readonly Service[];
	/** The tool of a method. */
	readonly toolOf: (service: Service, method: Method) => string;
	readonly client: PluginClient;
	readonly output: CapturedOutput;
	readonly onShutdown: () => void;
}): Server {
	const server = new Server({
		'grpc.max_receive_message_length': maxMessageBytes,
		'grpc.max_send_message_length': maxMessageBytes,
	});
	const { services, toolOf, client, output, onShutdown } = options;
	add(server, [
		unary('/grpc.health.v1.Health/Check', healthRequestForm, healthResponseForm, ({ service }) => {
			if (healthNames.has(service)) return { status: healthServing };
			throw new OrchestraError('not_found', `there is no service ${service}`);
		}),
		unary('/plugin.GRPCController/Shutdown', emptyForm, emptyForm, () => {
			onShutdown();
			return {};
		}),
		{ path: '/plugin.GRPCStdio/StreamStdio', responseStream: true, run: streamOutput(output) },
		// A host opens it at once, and has nothing to offer until the plugin asks.
		{ path: '/plugin.GRPCBroker/StartStream', responseStream: true, requestStream: true, run: holdOpen },
	]);
	for (const service of services) {
		add(
			server,
			service.methodsArray.map((method): Answered => {
				const path = `/${service.fullName.slice(1)}/${method.name}`;
				const tool = toolOf(service, method);
				return method.responseStream
					? { path, responseStream: true, run: streamingTool(method, tool, client) }
					: { path, responseStream: false, run: unaryTool(method, tool, client) };
			}),
		);
	}
	return server;
}

function add(server: Server, methods: readonly Answered[]): void {
	const same = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const definition = Object.fromEntries(
		methods.map(({ path, responseStream, requestStream = false }) => [
			path,
			{
				path,
				requestStream,
				responseStream,
				requestSerialize: same,
				requestDeserialize: (bytes: Buffer) => bytes,
				responseSerialize: same,
				responseDeserialize: (bytes: Buffer) => bytes,
			},
		]),
	);
	server.addService(definition, Object.fromEntries(methods.map(({ path, run }) => [path, run])) as never);
}

function unary<Q, A>(
	path: string,
	request: MessageForm<Q>,
	response: MessageForm<A>,
	answer: (request: Q) => A,
): Answered {
	const run = (call: { request: Buffer }, done: Done) => {
		try {
			done(null, response.encode(answer(request.decode(call.request))));
		} catch (error) {
			done(statusOf(error));
		}
	};
	return { path, responseStream: false, run };
}

function streamOutput(output: CapturedOutput) {
	return async (call: ServerWritableStream<Buffer, Uint8Array>): Promise<void> => {
		for await (const piece of output.read()) {
			if (call.cancelled) return;
			if (!call.write(stdioForm.encode(piece))) await roomIn(call);
		}
		call.end();
	};
}

function holdOpen(call: ServerDuplexStream<Buffer, Uint8Array>): void {
	call.on('end', () => call.end());
	call.on('error', () => {});
	call.resume();
}

function unaryTool(method: Method, tool: string, client: PluginClient) {
	return (call: HostCall, done: Done): void => {
		answer().then(
			(bytes) => done(null, bytes),
			(error: unknown) => done(statusOf(error)),
		);
		async function answer(): Promise<Uint8Array> {
			const { request, response } = typesOf(method);
			const args = decodeJson(request, call.request, tool) as JsonObject;
			const result = await client.callTool(tool, args, callOptions(call));
			return encodeJson(response, result, tool);
		}
	};
}

function streamingTool(method: Method, tool: string, client: PluginClient) {
	return (call: ServerWritableStream<Buffer, Uint8Array>): void => {
		answer().then(
			() => call.end(),
			(error: unknown) => void call.emit('error', statusOf(error)),
		);
		async function answer(): Promise<void> {
			const { request, response } = typesOf(method);
			const args = decodeJson(request, call.request, tool) as JsonObject;
			for await (const { data } of client.streamTool(tool, args, callOptions(call))) {
				const value = JSON.parse(new TextDecoder().decode(data)) as JsonValue;
				if (!call.write(encodeJson(response, value, tool))) await roomIn(call);
			}
		}
	};
}

function typesOf({ resolvedRequestType, resolvedResponseType, fullName }: Method) {
	if (resolvedRequestType && resolvedResponseType) {
		return { request: resolvedRequestType, response: resolvedResponseType };
	}
	throw new OrchestraError('internal', `the messages of ${fullName} are not known`);
}

function callOptions(call: HostCall): { signal: AbortSignal; timeoutMs: number } {
	const controller = new AbortController();
	call.on('cancelled', () => controller.abort(new OrchestraError('cancelled', 'the host gave up its call')));
	const deadline = Number(call.getDeadline());
	return {
		signal: controller.signal,
		timeoutMs: Number.isFinite(deadline) ? Math.max(1, deadline - Date.now()) : Number.POSITIVE_INFINITY,
	};
}

function roomIn(call: ServerWritableStream<Buffer, Uint8Array>): Promise<void> {
	return new Promise((resolve) => {
		const over = () => {
			call.off('drain', over).off('cancelled', over).off('close', over);
			resolve();
		};
		call.on('drain', over).on('cancelled', over).on('close', over);
	});
}
