import type { PluginLogLine } from '../../hosting/plugin-log.ts';
import { defineService, serverStream, unary } from '../../services/service-definition.ts';
import type { CallEvent, CallPayload } from './call-events.ts';

/** A plugin of an orchestrator and its state. */
export interface PluginInfo {
	readonly id: string;
	/** Its own id; empty before its first start. */
	readonly pluginId: string;
	/** `starting`, `running`, `stopping`, `stopped`, `exited`, `crashed` or `failed`. */
	readonly state: string;
	/** Reason why it does not run, in a sentence; empty where it does. */
	readonly reason: string;
	/** `embedded`, `launched` or `remote`. */
	readonly source: string;
	/** Its file, folder or address. */
	readonly label: string;
	/** When its state began, in milliseconds since 1970. */
	readonly since: number;
	readonly starts: number;
	/** 0 where it has no process of its own here. */
	readonly pid: number;
	/** Its last report of its health; empty where it was not asked. */
	readonly health: string;
	/** Milliseconds that this answer took. */
	readonly latencyMs: number;
	/**
	 * Milliseconds that its event loop was late at worst between its last two answers; 0 where it does not say: a plugin of the core
	 * protocol, and one in the server's process, whose loop is the server's.
	 */
	readonly loopLagMs: number;
	/** Bytes that its process occupied at its last answer; 0 where it does not say, as for {@link loopLagMs}. */
	readonly memoryBytes: number;
	readonly tools: readonly string[];
	/** Calls that it has not ended. */
	readonly callsUnderWay: number;
}

/** A call that a plugin has not ended. */
export interface CallInfo {
	/** Id for `cancel`. */
	readonly id: string;
	readonly plugin: string;
	/** A tool, prompt, path or method. */
	readonly name: string;
	/** Caller, by certificate. */
	readonly caller: string;
	readonly ageMs: number;
	/** Chunks that a stream has sent; 0 for other calls. */
	readonly chunks: number;
}

/** A subscription of a plugin or a client. */
export interface SubscriptionInfo {
	/** The id of the plugin, or the name on the certificate of the client. */
	readonly plugin: string;
	readonly topics: readonly string[];
	/** Events that it missed because it was behind. */
	readonly missed: number;
}

/** An address at which an orchestrator listens, and how many are connected. */
export interface ListenerInfo {
	readonly address: string;
	readonly connections: number;
}

/** State of the server itself, with the plugins in its process. */
export interface ServerInfo {
	readonly pid: number;
	/** When it began to serve, in milliseconds since 1970. */
	readonly since: number;
	/** Milliseconds that its event loop was late at worst since somebody last asked. */
	readonly loopLagMs: number;
	/** Bytes that its process occupies. */
	readonly memoryBytes: number;
}

/** Result of a reload. */
export interface ReloadResult {
	readonly added: readonly string[];
	readonly removed: readonly string[];
	readonly changed: readonly string[];
	/** Differences in the file that take effect with the next start of the server only. */
	readonly later: readonly string[];
	/** Addresses of metrics and health now, empty for none; left out where they have not changed. */
	readonly monitor?: string;
	/** Plugins that could not be started. */
	readonly failed: readonly { readonly id: string; readonly message: string }[];
}

/** Subjects that `watch` tells of besides the plugins. */
export interface WatchOptions {
	/** Whether it tells of calls too. Default false. */
	readonly calls?: boolean | undefined;
	/** Whether arguments and results of calls are kept for `payload` as long as this watch lasts. Only with `calls`. Default false. */
	readonly payloads?: boolean | undefined;
}

/**
 * A change that `watch` tells, or what there is: at its start, and after `missed`. One watcher has room for 4 MiB of events that it has
 * not read.
 */
export type AdministrationEvent =
	| CallEvent
	| { readonly kind: 'plugins'; readonly plugins: readonly PluginInfo[] }
	/** Its state, what it provides, or its health has changed. */
	| { readonly kind: 'plugin'; readonly plugin: PluginInfo }
	| { readonly kind: 'plugin_removed'; readonly id: string }
	| { readonly kind: 'stopping' }
	/** So many events were dropped before this point: the watcher was behind. */
	| { readonly kind: 'missed'; readonly count: number };

/**
 * The administration of a running orchestrator. Only operators may use it: the certificate `cli`, unless others are named; anybody else
 * gets `permission_denied`.
 */
export const administrationService = defineService('orchestra.administration', 1, {
	ps: unary<
		Record<string, never>,
		{ plugins: readonly PluginInfo[]; listeners: readonly ListenerInfo[]; server: ServerInfo }
	>(),
	start: unary<{ plugin: string }, { plugin: PluginInfo }>(),
	stop: unary<{ plugin: string }, { plugin: PluginInfo }>(),
	restart: unary<{ plugin: string }, { plugin: PluginInfo }>(),
	reload: unary<Record<string, never>, ReloadResult>(),
	/** The last `lines` (default 100) of a plugin's log and output; with `follow` each further one. */
	logs: serverStream<{ plugin: string; lines?: number; follow?: boolean }, PluginLogLine>(),
	calls: unary<Record<string, never>, { calls: readonly CallInfo[] }>(),
	/** Cancels a call under way: its caller gets `cancelled`. */
	cancel: unary<{ id: string }, { cancelled: boolean }>(),
	subscriptions: unary<Record<string, never>, { subscriptions: readonly SubscriptionInfo[] }>(),
	connections: unary<Record<string, never>, { listeners: readonly ListenerInfo[] }>(),
	watch: serverStream<WatchOptions, AdministrationEvent>(),
	/** Arguments and result of a call that `watch` has told of, as far as they are kept: 64 KiB each, 4 MiB in all. */
	payload: unary<{ id: string }, CallPayload>(),
});
