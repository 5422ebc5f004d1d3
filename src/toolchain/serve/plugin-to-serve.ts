import type { EventBus } from '../../runtime/events/event-bus.ts';
import type { SlotPolicy } from '../../runtime/hosting/plugin-slot.ts';
import type { PluginSource } from '../../runtime/hosting/plugin-source.ts';
import type { IdentitySource } from '../../runtime/identity/sources/identity-source.ts';
import type { AccessRule } from '../../runtime/orchestrator/access.ts';
import type { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import type { RoutingOptions } from '../../runtime/orchestrator/routing-table.ts';

/** A plugin that is to be served. */
export interface PluginToServe {
	readonly source: PluginSource;
	/** Name of the plugin in routes and for people. Default: its own id. */
	readonly id?: string | undefined;
	/** Ids of plugins that have to run before it is started. Default: none. */
	readonly dependsOn?: readonly string[] | undefined;
	/** Policy for keeping it running. */
	readonly policy: Pick<SlotPolicy, 'supervision' | 'startOnCall' | 'idleStopMs' | 'startTimeoutMs'>;
	/** Nodes of a cluster that run it, at most. Default: all that have it. */
	readonly replicas?: number | undefined;
	/** Whether calls of it carry the fencing token of its lease. Default false. */
	readonly singleton?: boolean | undefined;
}

/** Services of a cluster for a server that is a node of it. */
export interface ServingCluster {
	/** The name of the node: that of its certificate. */
	readonly node: string;
	readonly bus: EventBus;
	/**
	 * Called when it listens, before its plugins are started.
	 *
	 * @param operators patterns of the certificates that administer
	 * @param ids of the plugins that will be added: those of other nodes do not take their places
	 */
	attach(
		orchestrator: Orchestrator,
		identity: IdentitySource,
		operators: readonly string[],
		ids: readonly string[],
	): Promise<void>;
	/** Whether a plugin of that source runs elsewhere. */
	isElsewhere(source: PluginSource): boolean;
	/** A plugin that is about to be added: one whose place the cluster decides on is another then. */
	place(plugin: PluginToServe): Promise<PluginToServe>;
	/** Called when the plugins have been started, or could not be: whoever wants to hear of what happened meanwhile has said so. */
	started(): void;
}

/** Context in which sources are made. */
export interface SourceContext {
	readonly certsDir: string;
	/** Identity of the server, for plugins that it dials. It is made when it is first asked for. */
	readonly identity: () => Promise<IdentitySource>;
}

/** Plugins that are to be served together, from targets or from a configuration. */
export interface ServedSet {
	/** Whether processes are started that have to reach the server at an address. */
	readonly hasProcesses: boolean;
	readonly routing: RoutingOptions;
	/** Rights of certificates. Default: `cli` administers, and every peer may do what is no administration. */
	readonly access?:
		| {
				readonly operators: readonly string[];
				readonly nodes: readonly string[];
				readonly strict: boolean;
				readonly rules: readonly AccessRule[];
		  }
		| undefined;
	/** A plugin that depends on one that cannot be started: is not started either, or is started without it. */
	readonly failedDependency: 'fail' | 'ignore';
	/** The plugins, in the order in which they are named. */
	plugins(context: SourceContext): Promise<PluginToServe[]>;
}
