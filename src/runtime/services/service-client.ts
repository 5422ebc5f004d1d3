import type { Connection } from '../carrier/carrier.ts';
import type { CallOptions } from '../client/call-options.ts';
import { CallSink } from '../client/call-sink.ts';
import { ChunkQueue } from '../client/chunk-queue.ts';
import { InputPump } from '../client/input-pump.ts';
import { openExchange } from '../client/open-exchange.ts';
import { type Asked, invalidResponse, mismatchError, reportedError } from '../client/response-error.ts';
import { ToolStream } from '../client/tool-stream.ts';
import { passedOnTrace } from '../telemetry/telemetry.ts';
import type { PluginRequest, PluginResponse, StreamInput } from '../wire/generated/messages.ts';
import type { JsonObject } from '../wire/json-value.ts';
import { itemData, parseItem } from './item-data.ts';
import type {
	BidirectionalMethod,
	ClientStreamMethod,
	ServiceDefinition,
	ServiceMethods,
	StreamMethod,
	UnaryMethod,
} from './service-definition.ts';

/** Options of a call of a service's method. */
export interface ServiceCallOptions extends CallOptions {
	/** The plugin behind an orchestrator that has to answer. Default: the peer itself. */
	readonly plugin?: string | undefined;
	readonly sessionId?: string | undefined;
	/** Streams only: bytes that may be under way before the reader takes them. Default 256 KiB. */
	readonly windowBytes?: number | undefined;
}

/** A function for each method of a service. */
export type ServiceClient<Methods extends ServiceMethods> = {
	readonly [Name in keyof Methods]: Methods[Name] extends UnaryMethod<infer Args, infer Result>
		? (args?: Args, options?: ServiceCallOptions) => Promise<Result>
		: Methods[Name] extends StreamMethod<infer Args, infer Item>
			? (args?: Args, options?: ServiceCallOptions) => AsyncIterableIterator<Item, undefined>
			: Methods[Name] extends ClientStreamMethod<infer Args, infer Input, infer Result>
				? (args: Args, input: ItemSource<Input>, options?: ServiceCallOptions) => Promise<Result>
				: Methods[Name] extends BidirectionalMethod<infer Args, infer Input, infer Item>
					? (
							args: Args,
							input: ItemSource<Input>,
							options?: ServiceCallOptions,
						) => AsyncIterableIterator<Item, undefined>
					: never;
};

/** Items to send after the arguments. They are read as fast as the other end takes them, and let go when the call ends. */
export type ItemSource<Item> = AsyncIterable<Item> | Iterable<Item>;

/**
 * A client of a service at the other end of a connection. Its methods reject with what the service answered (a {@link PeerError}:
 * `service_not_found`, `method_not_found`, `unknown_request` from a core peer, or the method's own code) and with what happened on
 * the way, as those of {@link PluginClient}. A stream starts when it is first read; leaving its loop early stops it at the peer.
 * Where the items that are to be sent cannot be had, the call is cancelled: the cause of its error says why.
 *
 * @param defaults the trace of the calls that say none; each is a part of its own of it
 *
 * @example
 * import { defineService, unary } from 'orchestra-toolchain';
 * import { type Connection, serviceClient } from 'orchestra-toolchain/client';
 *
 * declare const connection: Connection;
 * const clock = defineService('example.clock', 1, { now: unary<{ zone: string }, { time: string }>() });
 * const { time } = await serviceClient(clock, connection).now({ zone: 'Europe/Oslo' }, { timeoutMs: 1_000 });
 * console.log(time);
 */
export function serviceClient<Methods extends ServiceMethods>(
	definition: ServiceDefinition<Methods>,
	connection: Connection,
	defaults: Pick<ServiceCallOptions, 'traceParent'> = {},
): ServiceClient<Methods> {
	const { name: service, version, methods } = definition;
	const peer = connection.peer.name || connection.peer.address || 'the peer';
	const entries = Object.entries(methods).map(([method, { kind }]) => {
		const subject = `${service}.${method}`;
		const request = (args: JsonObject, options: ServiceCallOptions): PluginRequest => ({
			serviceCall: {
				service,
				version,
				method,
				arguments: args,
				...(options.plugin ? { plugin: options.plugin } : {}),
				...traceOf(options, defaults),
				...(options.sessionId ? { sessionId: options.sessionId } : {}),
			},
		});
		const call = (args: JsonObject = {}, options: ServiceCallOptions = {}): Promise<JsonObject> =>
			new Promise((resolve, reject) => {
				const sink = new CallSink('service_call', subject, peer, readResult, resolve, reject);
				sink.exchange = openExchange(connection, request(args, options), sink, options);
			});
		const upload = (args: JsonObject, source: ItemSource<JsonObject>, options: ServiceCallOptions = {}) =>
			new Promise((resolve, reject) => {
				const input = new InputPump(itemInputs(source, subject));
				const settled =
					<T>(settle: (value: T) => void) =>
					(value: T) => {
						input.stop();
						settle(value);
					};
				const sink = new CallSink(
					'service_call',
					subject,
					peer,
					readResult,
					settled(resolve),
					settled(reject),
				);
				const open = { ...options, sendsInput: true };
				sink.exchange = openExchange(connection, request(args, options), sink, open);
				input.start(sink.exchange);
			});
		const stream = (args: JsonObject = {}, options: ServiceCallOptions = {}) =>
			readItems(
				connection,
				{ ...request(args, options), requestId: crypto.randomUUID() },
				subject,
				peer,
				options,
			);
		const both = (args: JsonObject, source: ItemSource<JsonObject>, options: ServiceCallOptions = {}) =>
			readItems(
				connection,
				{ ...request(args, options), requestId: crypto.randomUUID() },
				subject,
				peer,
				options,
				itemInputs(source, subject),
			);
		return [method, { unary: call, server_stream: stream, client_stream: upload, bidirectional: both }[kind]];
	});
	return Object.fromEntries(entries) as ServiceClient<Methods>;
}

/** The trace of a call: what it says, else a new part of the client's. Absent stays absent. */
function traceOf(
	options: ServiceCallOptions,
	defaults: Pick<ServiceCallOptions, 'traceParent'>,
): { traceParent?: string } {
	if (options.traceParent) return { traceParent: options.traceParent };
	return defaults.traceParent ? { traceParent: passedOnTrace(defaults.traceParent) } : {};
}

function readResult(response: PluginResponse, asked: Asked): JsonObject {
	const error = reportedError(response, asked);
	if (error) throw error;
	if (!response.serviceResult) throw mismatchError(response, asked);
	return response.serviceResult.result ?? {};
}

async function* readItems(
	connection: Connection,
	request: PluginRequest,
	subject: string,
	peer: string,
	options: ServiceCallOptions,
	inputs?: AsyncIterable<StreamInput>,
): AsyncGenerator<JsonObject, undefined> {
	const queue = new ChunkQueue(subject, peer, undefined);
	// A stream lives as long as its connection, unless a limit was asked for.
	const timeoutMs = options.timeoutMs ?? Number.POSITIVE_INFINITY;
	const stream = new ToolStream(connection, request, queue, { ...options, timeoutMs }, inputs);
	for await (const { data } of stream) yield readItem(data, subject, peer);
	return undefined;
}

async function* itemInputs(
	source: ItemSource<JsonObject>,
	subject: string,
): AsyncGenerator<StreamInput, void> {
	for await (const item of source) yield { data: itemData(item, subject), contentType: 'application/json' };
}

function readItem(data: Uint8Array, subject: string, peer: string): JsonObject {
	try {
		return parseItem(data);
	} catch {
		throw invalidResponse(
			{ kind: 'service_call', subject, peer },
			`${peer} sent an item of ${subject} that is not JSON`,
		);
	}
}
