import type { Connection } from '../carrier/carrier.ts';
import type { OpenOptions } from '../carrier/outgoing-exchange.ts';
import { passedOnTrace } from '../telemetry/telemetry.ts';
import type {
	PluginManifest,
	PluginRequest,
	PromptGetRequest,
	StreamStart,
	ToolRequest,
} from '../wire/generated/messages.ts';
import type { JsonObject } from '../wire/json-value.ts';
import type {
	AnsweredOptions,
	CallOptions,
	ClientOptions,
	PublishedEvent,
	ShutdownOptions,
	SubscriptionRequest,
	ToolCallOptions,
	ToolStreamOptions,
} from './call-options.ts';
import { CallSink, type ResponseReader } from './call-sink.ts';
import { ChunkQueue } from './chunk-queue.ts';
import { type EventStream, type EventsOptions, readEvents } from './event-stream.ts';
import type { FilledPrompt, Health, ListedPrompt, ListedTool, PeerDescription } from './listings.ts';
import { openExchange } from './open-exchange.ts';
import * as read from './read-response.ts';
import type { StorageClient } from './storage-client.ts';
import { toolInputs } from './tool-input.ts';
import { ToolStream } from './tool-stream.ts';

const utf8 = new TextEncoder();

/**
 * The client of one connection. A call is one promise and one sink: nothing here is `async`, since every layer of it costs
 * a turn of the microtask queue on the hot path.
 */
export class ConnectionClient {
	readonly connection: Connection;
	readonly storage: StorageClient;
	readonly #callerPlugin: string | undefined;
	/** Options of calls that say nothing of their own; made once. */
	readonly #defaults: OpenOptions | undefined;
	/** The trace that calls belong to which say none. */
	readonly #traceParent: string | undefined;
	readonly #peer: string;

	constructor(connection: Connection, options: ClientOptions) {
		this.connection = connection;
		this.#callerPlugin = options.callerPlugin;
		this.#traceParent = options.traceParent;
		this.#defaults = options.timeoutMs === undefined ? undefined : { timeoutMs: options.timeoutMs };
		this.#peer = connection.peer.name || connection.peer.address || 'the peer';
		this.storage = this.#storage();
	}

	register(manifest: PluginManifest, options?: CallOptions): Promise<void> {
		return this.#ask('register', manifest.id ?? '', { register: manifest }, read.readRegister, options);
	}

	boot(config: Record<string, string> = {}, options?: CallOptions): Promise<void> {
		return this.#ask('boot', '', { boot: { config } }, read.readBoot, options);
	}

	shutdown(options: ShutdownOptions = {}): Promise<boolean> {
		const timeoutSeconds = Math.ceil(options.timeoutSeconds ?? 5);
		return this.#ask('shutdown', '', { shutdown: { timeoutSeconds } }, read.readShutdown, options);
	}

	health(options?: CallOptions): Promise<Health> {
		return this.#ask('health', '', { health: {} }, read.readHealth, options);
	}

	describe(options?: CallOptions): Promise<PeerDescription | undefined> {
		return this.#ask('describe', '', { describe: {} }, read.readDescribe, options);
	}

	listTools(options?: CallOptions): Promise<ListedTool[]> {
		return this.#ask('list_tools', '', { listTools: {} }, read.readListTools, options);
	}

	listPrompts(options?: CallOptions): Promise<ListedPrompt[]> {
		return this.#ask('list_prompts', '', { listPrompts: {} }, read.readListPrompts, options);
	}

	getPrompt(
		name: string,
		args: Record<string, string> = {},
		options?: AnsweredOptions,
	): Promise<FilledPrompt> {
		const promptGet: PromptGetRequest = { promptName: name, arguments: args };
		addAnswers(promptGet, options);
		const request: PluginRequest = this.#traced({ promptGet }, options);
		return this.#ask('prompt_get', name, request, read.readPromptGet, options);
	}

	callTool(name: string, args: JsonObject = {}, options?: ToolCallOptions): Promise<JsonObject> {
		const toolCall: ToolRequest = { toolName: name, arguments: args };
		this.#addContext(toolCall, options);
		addAnswers(toolCall, options);
		const request: PluginRequest = { toolCall };
		const onProgress = options?.onProgress;
		const onOutput = options?.onOutput;
		if (onProgress) request.acceptsProgress = true;
		if (onOutput) request.acceptsOutput = true;
		return new Promise((resolve, reject) => {
			const sink = new CallSink('tool_call', name, this.#peer, read.readToolCall, resolve, reject);
			sink.onProgress = onProgress;
			sink.onOutput = onOutput;
			sink.exchange = openExchange(this.connection, request, sink, this.#openOptions(options));
		});
	}

	streamTool(name: string, args: JsonObject = {}, options?: ToolStreamOptions): ToolStream {
		// A core peer keeps one table of streams for all of its callers: the id has to be unique there too.
		const id = crypto.randomUUID();
		const streamStart: StreamStart = { streamId: id, toolName: name, arguments: args };
		this.#addContext(streamStart, options);
		const request: PluginRequest = { requestId: id, streamStart };
		if (options?.onProgress) request.acceptsProgress = true;
		if (options?.onOutput) request.acceptsOutput = true;
		const queue = new ChunkQueue(name, this.#peer, options?.onProgress, options?.onOutput);
		const { input, ...open } = options ?? {};
		const inputs = input && toolInputs(input, name);
		return new ToolStream(this.connection, request, queue, this.#openOptions(options && open), inputs);
	}

	publish(event: PublishedEvent, options?: CallOptions): Promise<void> {
		const publish = {
			topic: event.topic,
			eventType: event.eventType,
			sourcePlugin: this.#callerPlugin ?? '',
			...(event.payload ? { payload: event.payload } : {}),
		};
		const request = this.#traced({ publish }, options);
		return this.#ask('publish', event.topic, request, read.readAcknowledgement, options);
	}

	events(topics: string | readonly string[], options: EventsOptions = {}): EventStream {
		return readEvents(this.connection, topics, options);
	}

	subscribe(subscription: SubscriptionRequest, options?: CallOptions): Promise<void> {
		const { id, topic, filters = {}, replay } = subscription;
		const request: PluginRequest = {
			subscribe: { subscriptionId: id, topic, filters, ...(replay ? { replay } : {}) },
		};
		return this.#ask('subscribe', topic, request, read.readAcknowledgement, options);
	}

	unsubscribe(subscriptionId: string, options?: CallOptions): Promise<void> {
		const request: PluginRequest = { unsubscribe: { subscriptionId } };
		return this.#ask('unsubscribe', subscriptionId, request, read.readAcknowledgement, options);
	}

	close(): Promise<void> {
		return this.connection.close();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.connection.close();
	}

	#ask<T>(
		kind: string,
		subject: string,
		request: PluginRequest,
		reader: ResponseReader<T>,
		options: CallOptions | undefined,
	): Promise<T> {
		return new Promise((resolve, reject) => {
			const sink = new CallSink(kind, subject, this.#peer, reader, resolve, reject);
			sink.exchange = openExchange(this.connection, request, sink, this.#openOptions(options));
		});
	}

	#openOptions(options: Omit<ToolStreamOptions, 'input'> | undefined): OpenOptions | undefined {
		if (options === undefined) return this.#defaults;
		if (options.timeoutMs !== undefined || this.#defaults === undefined) return options;
		const { signal, windowBytes, timing } = options;
		return { timeoutMs: this.#defaults.timeoutMs, signal, windowBytes, timing };
	}

	/** Adds the caller, for whom it calls, and who has to answer. Absent stays absent: it costs bytes otherwise. */
	#addContext(request: ToolRequest | StreamStart, options: ToolCallOptions | undefined): void {
		if (this.#callerPlugin !== undefined) request.callerPlugin = this.#callerPlugin;
		const traceParent = this.#traceOf(options);
		if (traceParent !== undefined) request.traceParent = traceParent;
		if (options === undefined) return;
		if (options.provider !== undefined) request.provider = options.provider;
		if (options.sessionId !== undefined) request.sessionId = options.sessionId;
		if (options.plugin !== undefined) request.plugin = options.plugin;
		if (options.via !== undefined) request.via = [...options.via];
	}

	/** The trace of a call: what it says, else a new part of the client's. */
	#traceOf(options: CallOptions | undefined): string | undefined {
		if (options?.traceParent !== undefined || this.#traceParent === undefined) return options?.traceParent;
		return passedOnTrace(this.#traceParent);
	}

	/** A request whose message has no place for a trace. Absent stays absent. */
	#traced(request: PluginRequest, options: CallOptions | undefined): PluginRequest {
		const traceParent = this.#traceOf(options);
		if (traceParent !== undefined) request.traceParent = traceParent;
		return request;
	}

	#storage(): StorageClient {
		return {
			read: (path, options = {}) =>
				this.#ask(
					'storage_read',
					path,
					this.#traced({ storageRead: { path, storageType: options.storageType ?? '' } }, options),
					read.readStorageRead,
					options,
				),
			write: (path, content, options = {}) =>
				this.#ask(
					'storage_write',
					path,
					this.#traced(
						{
							storageWrite: {
								path,
								content: typeof content === 'string' ? utf8.encode(content) : content,
								expectedVersion: options.expectedVersion ?? 0,
								storageType: options.storageType ?? '',
								...(options.metadata ? { metadata: options.metadata } : {}),
							},
						},
						options,
					),
					read.readStorageWrite,
					options,
				),
			delete: (path, options = {}) =>
				this.#ask(
					'storage_delete',
					path,
					this.#traced({ storageDelete: { path, storageType: options.storageType ?? '' } }, options),
					read.readStorageDelete,
					options,
				),
			list: (options = {}) =>
				this.#ask(
					'storage_list',
					options.prefix ?? '',
					this.#traced(
						{
							storageList: {
								prefix: options.prefix ?? '',
								pattern: options.pattern ?? '',
								storageType: options.storageType ?? '',
							},
						},
						options,
					),
					read.readStorageList,
					options,
				),
		};
	}
}

/** Adds the answers. Absent stays absent. */
function addAnswers(request: ToolRequest | PromptGetRequest, options: AnsweredOptions | undefined): void {
	if (options?.inputResponses !== undefined) request.inputResponses = options.inputResponses;
	if (options?.requestState !== undefined) request.requestState = options.requestState;
}
