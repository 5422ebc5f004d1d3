import type { ClusterInfo } from '../../cluster/cluster-service.ts';
import type { PluginInfo } from '../../runtime/orchestrator/administration/administration-service.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';

/** State of a plugin, as a feed tells it. */
export interface PluginFacts
	extends Pick<
		PluginInfo,
		'id' | 'state' | 'reason' | 'source' | 'label' | 'since' | 'starts' | 'pid' | 'health' | 'tools'
	> {
	/** Milliseconds that its event loop lags; undefined where nobody knows. */
	readonly lagMs?: number | undefined;
	/** Bytes of memory; undefined where nobody knows. */
	readonly memoryBytes?: number | undefined;
}

/** State or end of a call. */
export type CallState =
	| 'running'
	| 'ok'
	| 'failed'
	| 'cancelled'
	/** Its end was not heard. */
	| 'ended';

/** An error that ended a call. */
export interface CallError {
	readonly code: string;
	readonly message: string;
	readonly hint?: string | undefined;
	readonly details?: JsonObject | undefined;
	/** The messages of the errors underneath, the nearest first. */
	readonly causes?: readonly string[] | undefined;
}

/** Durations of the parts of a call, in milliseconds, each with its name for a person. */
export type CallTiming = readonly (readonly [name: string, ms: number])[];

/** A JSON object, or the beginning of one as text, where it was too long to be told whole. */
export type ToldJson = JsonObject | string;

/** A call, as far as it has come. */
export interface CallFacts {
	readonly id: string;
	readonly plugin: string;
	/** A tool, prompt, path or method. */
	readonly name: string;
	/** Caller, by certificate. */
	readonly caller: string;
	/** In milliseconds of Date.now(). */
	readonly startedAt: number;
	readonly state: CallState;
	/** Until its end; undefined while it runs. */
	readonly latencyMs?: number | undefined;
	readonly arguments?: ToldJson | undefined;
	readonly result?: ToldJson | undefined;
	readonly error?: CallError | undefined;
	readonly timing?: CallTiming | undefined;
	/** Streams only. */
	readonly chunks?: number | undefined;
	/** Streams only: bytes of all chunks. */
	readonly streamedBytes?: number | undefined;
	/** The end of what the tool put out or streamed, as text. */
	readonly streamed?: string | undefined;
	readonly progress?: { readonly done: number; readonly total: number; readonly message: string } | undefined;
	/** Whether it was made here. */
	readonly own?: boolean | undefined;
}

/** An event, as a feed tells it. */
export interface EventFacts {
	readonly id: string;
	/** In milliseconds of Date.now(). */
	readonly time: number;
	readonly topic: string;
	readonly eventType: string;
	readonly source: string;
	readonly payload: JsonObject;
}

/** A subscription of a plugin or a client. */
export interface SubscriptionFacts {
	readonly subscriber: string;
	readonly topics: readonly string[];
	/** Events that it missed because it was behind. */
	readonly missed: number;
}

/** A line that a plugin or the server logged or printed. */
export interface LogFacts {
	readonly plugin: string;
	/** In milliseconds of Date.now(). */
	readonly time: number;
	/** `debug`, `info`, `warn`, `error`, or `output` for what a process printed. */
	readonly level: string;
	readonly text: string;
}

/** An address at which a server listens. */
export interface ListenerFacts {
	readonly address: string;
	readonly connections: number;
}

/** State of a server itself, with the plugins in its process. */
export interface ServerFacts {
	readonly pid: number;
	/** When it began to serve, in milliseconds of Date.now(). */
	readonly since: number;
	/** Milliseconds that its event loop was late, at worst, of late. */
	readonly loopLagMs: number;
	/** Bytes that its process occupies. */
	readonly memoryBytes: number;
	readonly listeners: readonly ListenerFacts[];
}

/** A node of the cluster of a server. */
export type NodeFacts = ClusterInfo['nodes'][number];

/** The cluster of a server, as that one sees it. */
export type ClusterFacts = Pick<ClusterInfo, 'node' | 'connected' | 'outside' | 'nodes'>;

/** Message of a feed. */
export type FeedMessage =
	| { readonly kind: 'link'; readonly state: 'live' | 'lost' | 'stopping'; readonly reason?: string }
	| { readonly kind: 'plugins'; readonly plugins: readonly PluginFacts[] }
	| { readonly kind: 'plugin'; readonly plugin: PluginFacts }
	| { readonly kind: 'plugin_removed'; readonly id: string }
	| { readonly kind: 'server'; readonly server: ServerFacts }
	| { readonly kind: 'cluster'; readonly cluster: ClusterFacts }
	/** A call began, or has come further, or ended. */
	| { readonly kind: 'call'; readonly call: CallFacts }
	/** A call that was told of has come further, or ended. */
	| { readonly kind: 'call_changed'; readonly id: string; readonly change: Partial<CallFacts> }
	/** All calls of others under way: what is not among them has ended, and nobody heard how. */
	| { readonly kind: 'calls_under_way'; readonly calls: readonly CallFacts[] }
	| { readonly kind: 'events'; readonly events: readonly EventFacts[] }
	/** So many events were not heard: this reader, or the server, was behind. */
	| { readonly kind: 'events_missed'; readonly count: number }
	| { readonly kind: 'subscriptions'; readonly subscriptions: readonly SubscriptionFacts[] }
	| { readonly kind: 'logs'; readonly lines: readonly LogFacts[] }
	/** So many messages about plugins and calls were not heard. */
	| { readonly kind: 'missed'; readonly count: number }
	/** A problem for which something cannot be shown: no right to it, say. */
	| { readonly kind: 'problem'; readonly about: string; readonly message: string };
