import type { Connection } from '../../runtime/carrier/carrier.ts';
import type { PluginClient } from '../../runtime/client/plugin-client.ts';
import type { LaunchCarrier } from '../../runtime/launching/plugin-environment.ts';
import type { LogEntry } from '../../runtime/plugin/definition/log.ts';
import type { Plugin } from '../../runtime/plugin/definition/plugin.ts';
import type { PluginManifest, PluginStatus } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { GoPluginChoice } from './go-plugin-choice.ts';
import type { Target } from './target.ts';

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

/**
 * Opens a target, whatever it is.
 *
 * @throws OrchestraError what {@link loadPlugin}, {@link launchPlugin} and {@link Carrier.dial} throw
 */
export async function openTarget(target: Target, options: OpenTargetOptions): Promise<OpenedTarget> {
	if (target.kind === 'address') {
		if (Object.keys(options.config ?? {}).length > 0) {
			throw new OrchestraError(
				'usage',
				'--config boots a plugin, but an address names one that runs already',
				{
					hint: 'Leave --config out, or name a module or an executable.',
				},
			);
		}
		if (options.spawn) {
			throw new OrchestraError(
				'usage',
				'--spawn starts a process, but an address names one that runs already',
				{
					hint: 'Leave --spawn out, or name a module or an executable.',
				},
			);
		}
		if (options.inheritEnv === true || (options.inheritEnv ?? []).length > 0) {
			throw new OrchestraError(
				'usage',
				'--env and --inherit-env are for a process that is started, but an address names one that runs already',
				{
					hint: 'Leave them out, or name a module or an executable.',
				},
			);
		}
		if (options.goPlugin) {
			throw new OrchestraError(
				'usage',
				'--cookie is for a go-plugin that is started, but an address names one that runs already',
				{
					hint: 'Leave it out, or name the executable.',
				},
			);
		}
		const { openAddress } = await import('./open-address.ts');
		return openAddress(target.address, options);
	}
	const { openLocal } = await import('./open-local.ts');
	return openLocal(target, options);
}
