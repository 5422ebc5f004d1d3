import type { CallOptions, ToolCallOptions, ToolStreamOptions } from '../../client/call-options.ts';
import type { StorageClient } from '../../client/storage-client.ts';
import { serviceClient } from '../../services/service-client.ts';
import { sessionsService } from '../../services/sessions-service.ts';
import { passedOnTrace } from '../../telemetry/telemetry.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { usableTraceParent } from '../../wire/trace-parent.ts';
import type { EventHandler, PluginContext, PublishOptions } from '../definition/context.ts';
import { assertHandler } from '../definition/handler-options.ts';
import { createLog, type Log, type LogOrigin } from '../definition/log.ts';
import type { RunningSubscribeOptions } from '../definition/subscribe-options.ts';
import { noOrchestrator } from './lone-services.ts';
import type { PluginServices } from './plugin-services.ts';
import type { RunningSubscriptions } from './running-subscriptions.ts';

/** Whatever can say that nobody waits any more: an exchange, or the plugin as a whole. */
export interface SignalSource {
	readonly signal: AbortSignal;
}

/** The plugin whose handlers these are. */
export interface HandlerOwner {
	readonly id: string;
	readonly services: PluginServices;
	readonly subscriptions: RunningSubscriptions | undefined;
}

/**
 * The context of handlers. All of it is made on first use, since one is made for every call. Methods are getters of bound
 * functions, so that handlers may take them out of the context.
 */
export class HandlerContext implements PluginContext {
	readonly pluginId: string;
	readonly #owner: HandlerOwner;
	readonly #source: SignalSource;
	readonly #request: { readonly traceParent?: string } | undefined;
	#log: Log | undefined;
	#traceParent: string | undefined;

	/** @param request what came, with its trace context as its sender wrote it */
	constructor(owner: HandlerOwner, source: SignalSource, request?: { readonly traceParent?: string }) {
		this.pluginId = owner.id;
		this.#owner = owner;
		this.#source = source;
		this.#request = request;
	}

	get signal(): AbortSignal {
		return this.#source.signal;
	}

	get log(): Log {
		this.#log ??= createLog((entry) => this.#owner.services.log(entry), this.origin());
		return this.#log;
	}

	get traceParent(): string {
		this.#traceParent ??= usableTraceParent(this.#request?.traceParent ?? '');
		return this.#traceParent;
	}

	get callTool(): PluginContext['callTool'] {
		return (name, args = {}, options = {}) =>
			this.#owner.services.callTool(name, args, this.#passOn(options));
	}

	get streamTool(): PluginContext['streamTool'] {
		return (name, args = {}, options = {}) =>
			this.#owner.services.streamTool(name, args, this.#passOn(options));
	}

	get publish(): PluginContext['publish'] {
		return (topic: string, payload?: JsonObject, options: PublishOptions = {}) =>
			this.#owner.services.publish(
				{
					topic,
					eventType: options.eventType ?? '',
					...(payload === undefined ? {} : { payload }),
				},
				this.#traced({}),
			);
	}

	get subscribe(): PluginContext['subscribe'] {
		return async (topic: string, options: RunningSubscribeOptions | EventHandler, handler?: EventHandler) => {
			const hears = typeof options === 'function' ? options : handler;
			assertHandler(hears, `the subscriber of ${topic}`, this.pluginId);
			const { subscriptions } = this.#owner;
			if (!subscriptions) throw new OrchestraError('internal', `plugin ${this.pluginId} is not served`);
			return subscriptions.subscribe(topic, typeof options === 'function' ? {} : options, hears);
		};
	}

	get unsubscribe(): PluginContext['unsubscribe'] {
		return async (id) => this.#owner.subscriptions?.unsubscribe(id);
	}

	get fireHook(): PluginContext['fireHook'] {
		return async (hook, data = {}, { session } = {}) => {
			const { connection } = this.#owner.services;
			if (!connection) throw noOrchestrator(this.pluginId, `to fire ${hook} at`);
			const inherited = this.inherited();
			return serviceClient(sessionsService, connection).fire(
				{ session: session ?? inherited.sessionId ?? '', hook, data },
				this.#traced({ signal: this.signal, timeoutMs: inherited.timeoutMs }),
			);
		};
	}

	get storage(): StorageClient {
		const { storage } = this.#owner.services;
		if (!this.traceParent) return storage;
		return {
			read: (path, options) => storage.read(path, this.#traced(options)),
			write: (path, content, options) => storage.write(path, content, this.#traced(options)),
			delete: (path, options) => storage.delete(path, this.#traced(options)),
			list: (options) => storage.list(this.#traced(options)),
		};
	}

	/** Origin of this handler's log lines. */
	protected origin(): LogOrigin {
		return { plugin: this.pluginId, traceParent: this.traceParent || undefined };
	}

	/** Options that a call made here takes over from the call that it is part of. */
	protected inherited(): ToolCallOptions {
		return {};
	}

	/** Makes what is asked for a part of its own of this handler's trace. Absent stays absent. */
	#traced<O extends CallOptions>(options: O = {} as O): O {
		const { traceParent } = this;
		if (!traceParent || options.traceParent !== undefined) return options;
		return { ...options, traceParent: passedOnTrace(traceParent) };
	}

	#passOn<O extends ToolCallOptions | ToolStreamOptions>(options: O): O {
		const inherited = this.#traced(this.inherited());
		const limits = [inherited.timeoutMs, options.timeoutMs].filter((limit) => limit !== undefined);
		return {
			...inherited,
			...options,
			signal: options.signal ? AbortSignal.any([options.signal, this.signal]) : this.signal,
			...(limits.length > 0 ? { timeoutMs: Math.min(...limits) } : {}),
		};
	}
}
