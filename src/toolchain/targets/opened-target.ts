import type { Connection } from '../../runtime/carrier/carrier.ts';
import type { PluginClient } from '../../runtime/client/plugin-client.ts';
import type { LaunchCarrier } from '../../runtime/launching/plugin-environment.ts';
import type { LogEntry } from '../../runtime/plugin/definition/log.ts';
import type { Plugin } from '../../runtime/plugin/definition/plugin.ts';
import type { PluginManifest, PluginStatus } from '../../runtime/wire/generated/messages.ts';
import type { GoPluginChoice } from './go-plugin-choice.ts';

/** Options of opening a target. */
export interface OpenTargetOptions {
	/** Run a module as a process of its own, over mutual TLS, rather than in this one. */
	readonly spawn?: boolean | undefined;
	/** Carrier over which a process that we start is reached. Default: see {@link moduleCarrier}; for an executable QUIC. */
	readonly carrier?: LaunchCarrier | undefined;
	/** Directory of the certificates. Default: {@link resolveCertsDir}'s. */
	readonly certsDir?: string | undefined;
	/** Milliseconds for a start or a connect. */
	readonly timeoutMs?: number | undefined;
	readonly signal?: AbortSignal | undefined;
	/** Values for the plugin's OnBoot hook, where we start it. Default: none. */
	readonly config?: Readonly<Record<string, string>> | undefined;
	/** Part of this environment that a process that we start sees besides the harmless variables. Default: none. */
	readonly inheritEnv?: true | readonly string[] | undefined;
	/** Plugins that run beside one that we start, in this process, and that it can call. Default: none. */
	readonly beside?: readonly Plugin[] | undefined;
	/** Settings of an executable that is a go-plugin. Default: as its name says. */
	readonly goPlugin?: GoPluginChoice | undefined;
	/** W3C trace context that the calls of the client belong to. Default: none. */
	readonly traceParent?: string | undefined;
	/** Called with each log entry of a plugin. */
	readonly onLog: (entry: LogEntry) => void;
	/** Called with each line that a process prints, and the name of its file or folder. */
	readonly onOutput: (label: string, line: string) => void;
}

/** A target that can be called. Closing it ends what was started for it. */
export interface OpenedTarget extends AsyncDisposable {
	readonly how: 'embedded' | 'spawned' | 'connected';
	readonly client: PluginClient;
	/** The connection to the plugin, or to what was dialled: for facts about it. */
	readonly link: Connection;
	/** Current manifests of its plugins; empty where the peer speaks the core protocol only and did not say. */
	readonly manifests: PluginManifest[];
	/** States of its plugins; empty where the peer is no orchestrator. */
	readonly statuses: PluginStatus[];
	/** The registration of a core peer that we started, and that has not registered yet. */
	readonly registered?: Promise<unknown> | undefined;
	/** Whether it was given the directory with the key of the authority: it can issue itself any certificate, and no rule binds it. */
	readonly canIssue: boolean;
	/** Whether the peer understands the extensions of the protocol. */
	readonly extensions: boolean;
	/** Whether it is an orchestrator with plugins of its own. */
	readonly orchestrator: boolean;
	/** Name and version of the peer's software, where it says. */
	readonly software: string;
	close(): Promise<void>;
}
