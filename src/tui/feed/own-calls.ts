import type { ExchangeTiming } from '../../runtime/carrier/exchange-timing.ts';
import type { ToolChunk } from '../../runtime/client/chunk-queue.ts';
import type { ListedTool } from '../../runtime/client/listings.ts';
import { PeerError } from '../../runtime/client/peer-error.ts';
import type { PluginClient } from '../../runtime/client/plugin-client.ts';
import { forgetOldest } from '../../runtime/platform/forget-oldest.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { newTraceParent, traceIdOf } from '../../runtime/wire/trace-parent.ts';
import { callTime } from '../../toolchain/targets/call-time.ts';
import { callErrorOf } from './call-error.ts';
import type { CallFacts, CallTiming, FeedMessage } from './feed-message.ts';

/** Characters of a stream that are kept: its end. */
const maxStreamed = 16 * 1024;

/** Traces that are kept: of the calls that a server may still tell of. */
const maxTraces = 1000;

/** Options of a call besides its arguments. */
export interface OwnCallOptions {
	/** Milliseconds until it is given up. Default: the client's, and none for a stream. */
	readonly timeoutMs?: number | undefined;
	readonly provider?: string | undefined;
	readonly plugin?: string | undefined;
	/** The plugin that answers, as far as it is known. Default: the one that was asked for, else the tool's. */
	readonly shownPlugin?: string | undefined;
	/** Called with each chunk, besides the messages. */
	readonly onChunk?: ((chunk: ToolChunk) => void) | undefined;
	/** Aborting it cancels the call. */
	readonly signal?: AbortSignal | undefined;
}

/** Outcome of a call of one's own. */
export type OwnOutcome =
	| { readonly result: JsonObject | undefined; readonly error?: undefined }
	| { readonly error: unknown };

/** Makes calls, and tells of them what a server would tell of the calls of others, and more. */
export class OwnCalls {
	readonly #tell: (message: FeedMessage) => void;
	readonly #running = new Map<string, AbortController>();
	/** Their traces, the last of them: by these a server's word of a call is known to be about one of these. */
	readonly #traces = new Set<string>();
	#count = 0;

	constructor(tell: (message: FeedMessage) => void) {
		this.#tell = tell;
	}

	/** Calls a tool. @returns the id that it is told under, and how it will have ended */
	start(
		client: PluginClient,
		tool: ListedTool,
		args: JsonObject,
		options: OwnCallOptions = {},
	): { readonly id: string; readonly ended: Promise<OwnOutcome> } {
		const id = `own-${++this.#count}`;
		const abort = new AbortController();
		this.#running.set(id, abort);
		const traceParent = newTraceParent();
		this.#traces.add(traceIdOf(traceParent));
		forgetOldest(this.#traces, maxTraces);
		const own = new OwnCall(client, tool, args, { ...options, traceParent }, this.#tell, id, abort);
		const ended = own.run().finally(() => this.#running.delete(id));
		return { id, ended };
	}

	/** Whether a call of that trace is one of these. */
	has(traceParent: string): boolean {
		return this.#traces.has(traceIdOf(traceParent));
	}

	/** Cancels a call. False where it is none of these, or had ended. */
	cancel(id: string): boolean {
		const abort = this.#running.get(id);
		abort?.abort();
		return abort !== undefined;
	}

	/** Cancels all. */
	close(): void {
		for (const abort of this.#running.values()) abort.abort();
	}
}

class OwnCall {
	readonly #client: PluginClient;
	readonly #tool: ListedTool;
	readonly #options: OwnCallOptions & { readonly traceParent: string };
	readonly #tell: (message: FeedMessage) => void;
	readonly #signal: AbortSignal;
	readonly #timing: ExchangeTiming = {};
	readonly #args: JsonObject;
	readonly #startedAt = performance.now();
	#facts: CallFacts;
	#text = '';

	constructor(
		client: PluginClient,
		tool: ListedTool,
		args: JsonObject,
		options: OwnCallOptions & { readonly traceParent: string },
		tell: (message: FeedMessage) => void,
		id: string,
		abort: AbortController,
	) {
		this.#client = client;
		this.#tool = tool;
		this.#args = args;
		this.#options = options;
		this.#tell = tell;
		this.#signal = options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal;
		this.#facts = {
			id,
			plugin: options.shownPlugin ?? options.plugin ?? tool.plugin ?? '',
			name: tool.name,
			caller: 'you',
			startedAt: Date.now(),
			state: 'running',
			arguments: args,
			own: true,
		};
	}

	async run(): Promise<OwnOutcome> {
		this.#put({});
		try {
			const result = await this.#answer();
			this.#end({ state: 'ok', ...(result ? { result } : {}) });
			return { result };
		} catch (thrown) {
			const error = OrchestraError.from(thrown, 'internal');
			this.#end({ state: error.code === 'cancelled' ? 'cancelled' : 'failed', error: callErrorOf(error) });
			return { error: thrown };
		}
	}

	async #answer(): Promise<JsonObject | undefined> {
		const { timeoutMs, provider, plugin, traceParent } = this.#options;
		const shared = {
			signal: this.#signal,
			timing: this.#timing,
			provider,
			traceParent,
			plugin: plugin ?? this.#tool.plugin,
			onProgress: ({ progress, total, message }: { progress: number; total: number; message: string }) =>
				this.#put({ progress: { done: progress, total, message } }),
			onOutput: (text: string) => this.#put({ streamed: this.#shown(text) }),
		};
		const args = this.#args;
		if (!this.#tool.streaming) {
			try {
				return await this.#client.callTool(this.#tool.name, args, { ...shared, timeoutMs });
			} catch (error) {
				// A core peer does not say which tools stream.
				if (!(error instanceof PeerError && error.code === 'tool_not_found')) throw error;
			}
		}
		const stream = this.#client.streamTool(this.#tool.name, args, {
			...shared,
			timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY,
		});
		let bytes = 0;
		let chunks = 0;
		for await (const chunk of stream) {
			this.#options.onChunk?.(chunk);
			bytes += chunk.data.length;
			chunks++;
			this.#put({ chunks, streamedBytes: bytes, streamed: this.#shown(textOf(chunk)) });
		}
		return undefined;
	}

	/** The end of what it has put out and streamed so far, with what has come now. */
	#shown(text: string): string {
		this.#text = `${this.#text}${text}`.slice(-maxStreamed);
		return this.#text;
	}

	#put(more: Partial<CallFacts>): void {
		this.#facts = { ...this.#facts, ...more };
		this.#tell({ kind: 'call', call: this.#facts });
	}

	#end(more: Partial<CallFacts>): void {
		const timing = timingOf(this.#client, this.#timing);
		this.#put({
			...more,
			latencyMs: performance.now() - this.#startedAt,
			...(timing.length > 0 ? { timing } : {}),
		});
	}
}

const timingNames = [
	['queueMs', 'queue'],
	['wireMs', 'wire'],
	['handlerMs', 'handler'],
] as const;

function timingOf({ connection }: PluginClient, timing: ExchangeTiming): CallTiming {
	const time = callTime(connection.setup, timing);
	return timingNames.flatMap(([key, name]) => {
		const ms = time[key];
		return ms === undefined ? [] : [[name, ms] as const];
	});
}

function textOf({ contentType, data }: ToolChunk): string {
	if (/^(text\/|application\/json)/.test(contentType)) {
		const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
		return contentType.startsWith('text/') ? text : `${text}\n`;
	}
	return `(${data.length} bytes of ${contentType})\n`;
}
