import type { Connection } from '../carrier/carrier.ts';
import type { PluginManifest } from '../wire/generated/messages.ts';
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
import type { ToolChunk } from './chunk-queue.ts';
import { ConnectionClient } from './connection-client.ts';
import type { EventStream, EventsOptions } from './event-stream.ts';
import type { FilledPrompt, Health, ListedPrompt, ListedTool, PeerDescription } from './listings.ts';
import type { StorageClient } from './storage-client.ts';

/**
 * Calls a plugin, or an orchestrator, over any connection.
 *
 * Every method rejects with a {@link PeerError} for what the peer answered (`unknown_request` where it does not know this
 * kind of request at all), and with a plain {@link OrchestraError} for what happened on this side: `deadline_exceeded`,
 * `cancelled`, `connection_lost`, `connection_closed`, `message_too_large`, `not_json`, or `invalid_response` where the
 * answer does not fit the request.
 */
export interface PluginClient extends AsyncDisposable {
	readonly connection: Connection;
	readonly storage: StorageClient;
	/** @throws PeerError `registration_rejected` */
	register(manifest: PluginManifest, options?: CallOptions): Promise<void>;
	/** @throws PeerError `boot_failed` */
	boot(config?: Record<string, string>, options?: CallOptions): Promise<void>;
	/** Whether the peer says that it ended cleanly. */
	shutdown(options?: ShutdownOptions): Promise<boolean>;
	health(options?: CallOptions): Promise<Health>;
	/** Asks the peer for its description of itself; undefined where it speaks the core protocol only, which has no such request. */
	describe(options?: CallOptions): Promise<PeerDescription | undefined>;
	listTools(options?: CallOptions): Promise<ListedTool[]>;
	listPrompts(options?: CallOptions): Promise<ListedPrompt[]>;
	/** @throws PeerError `prompt_not_found`, `input_required` */
	getPrompt(name: string, args?: Record<string, string>, options?: AnsweredOptions): Promise<FilledPrompt>;
	/** The tool's result. @throws PeerError with the tool's own code, `tool_not_found`, `invalid_arguments`, `handler_error` */
	callTool(name: string, args?: JsonObject, options?: ToolCallOptions): Promise<JsonObject>;
	/**
	 * Reads a streaming tool, once. It starts when it is first read; the peer stops while the reader does not take, and is
	 * told when the reader leaves early.
	 *
	 * @example for await (const chunk of client.streamTool('tail', { file })) process.stdout.write(chunk.data);
	 */
	streamTool(
		name: string,
		args?: JsonObject,
		options?: ToolStreamOptions,
	): AsyncIterableIterator<ToolChunk, undefined>;
	publish(event: PublishedEvent, options?: CallOptions): Promise<void>;
	/**
	 * Reads the events of topics, or of patterns of topics (`weather.*`, `weather.**`), as an orchestrator publishes them. The loop
	 * ends with an error: `cancelled` by `options.signal`, `shutting_down` when the orchestrator stops, `connection_lost`. Fails with
	 * `invalid_topic`, `invalid_arguments`, `overloaded`; `unknown_request` where the peer has no such service.
	 *
	 * @example for await (const { topic, payload, missed } of client.events('weather.*', { filters: { city: 'Oslo' } })) …
	 */
	events(topics: string | readonly string[], options?: EventsOptions): EventStream;
	/**
	 * Asks, as a plugin, for the events of a topic whose payload has all of `filters`. The answer only acknowledges it: an orchestrator delivers them
	 * to the plugin as requests. A client hears {@link events}.
	 */
	subscribe(subscription: SubscriptionRequest, options?: CallOptions): Promise<void>;
	unsubscribe(subscriptionId: string, options?: CallOptions): Promise<void>;
	/** Closes the connection: calls under way reject with `connection_closed`. */
	close(): Promise<void>;
}

/**
 * A client of whoever is at the other end of a connection. It takes the connection over: {@link PluginClient.close} closes it.
 *
 * @example
 * import { createClient, dial, ensureIdentity, parseAddress, resolveCertsDir } from 'orchestra-toolchain/client';
 *
 * const identity = await ensureIdentity(resolveCertsDir(), 'my-program');
 * const client = createClient(await dial(parseAddress('tcp://127.0.0.1:50101'), { identity }));
 * console.log(await client.callTool('forecast', { city: 'Oslo' }, { timeoutMs: 5_000 }));
 * await client.close();
 */
export function createClient(connection: Connection, options: ClientOptions = {}): PluginClient {
	return new ConnectionClient(connection, options);
}
