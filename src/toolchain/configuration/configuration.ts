import type { Address } from '../../runtime/carrier/address.ts';
import type { LaunchCarrier } from '../../runtime/launching/plugin-environment.ts';
import type { AccessRule } from '../../runtime/orchestrator/access.ts';
import type { MonitorAddress } from '../monitoring/monitor-address.ts';
import type { GoPluginChoice } from '../targets/go-plugin-choice.ts';
import type { ConfigurationFault } from './configuration-fault.ts';
import type { Secret } from './secret.ts';

/** Texts by name. Those that came from the environment or from a file are secrets. */
export type ConfiguredValues = Readonly<Record<string, string | Secret>>;

/**
 * Source of a configured plugin. All paths are absolute. `installed` is the name in the folder of the file, where it may be the id of an installed
 * plugin: that one is meant where there is nothing at the path.
 */
export type ConfiguredSource =
	/** A folder or module with a plugin in it; `spawn` gives it a process of its own. */
	| { readonly kind: 'module'; readonly path: string; readonly installed?: string; readonly spawn: boolean }
	/** An executable that follows the process contract, or a go-plugin. */
	| {
			readonly kind: 'binary';
			readonly path: string;
			readonly installed?: string;
			readonly goPlugin?: GoPluginChoice;
	  }
	/** An MCP server: one that is started (`command`), or one that is reached at a URL. */
	| {
			readonly kind: 'mcp';
			readonly command: string | undefined;
			readonly args: readonly string[];
			readonly env: ConfiguredValues;
			readonly cwd: string | undefined;
			readonly url: string | undefined;
			readonly headers: ConfiguredValues;
	  }
	/** A plugin that runs already. */
	| { readonly kind: 'address'; readonly address: Address };

/** Settings for a plugin's process, where we start one. */
export interface ProcessConfiguration {
	/** Before the arguments of the process contract. */
	readonly args: readonly string[];
	/** The working directory; undefined for that of the server, or for a module's process the module's folder. */
	readonly cwd: string | undefined;
	readonly env: ConfiguredValues;
	/** Part of the server's environment that it sees besides the harmless variables: everything, or these variables. */
	readonly inheritEnv: true | readonly string[];
	/** Carrier over which it is reached; undefined for descriptors where it is a module, else for its own choice. */
	readonly carrier: LaunchCarrier | undefined;
}

/** Policy for a plugin that ends by itself. */
export interface RestartConfiguration {
	readonly when: 'on-failure' | 'never';
	/** Restarts within {@link withinMs}; when they are used up the plugin has failed. */
	readonly budget: number;
	readonly withinMs: number;
	readonly backOff: { readonly initialMs: number; readonly maxMs: number };
}

/** Time limits of a plugin, in milliseconds. */
export interface SupervisionConfiguration {
	/** Limit from the start of its process to its READY line. */
	readonly readyMs: number;
	/** Limit for a core peer to register when it is ready. */
	readonly registerMs: number;
	/** Limit of its OnBoot hook. */
	readonly bootMs: number;
	/** Time between two questions for its health. */
	readonly healthEveryMs: number;
	/** Limit of an answer to such a question. */
	readonly healthTimeoutMs: number;
}

/** A plugin of a configuration. */
export interface PluginConfiguration {
	readonly id: string;
	/** Whether it is started at all; a plugin that is not keeps its place and its id. */
	readonly enabled: boolean;
	readonly source: ConfiguredSource;
	readonly process: ProcessConfiguration;
	/** Values that it is booted with. */
	readonly config: ConfiguredValues;
	/** Storage types besides those of its manifest. */
	readonly providesStorage: readonly string[];
	/** AI providers besides those of its manifest. */
	readonly providesAi: readonly string[];
	/** Enabled plugins that have to be ready first. No cycles. */
	readonly dependsOn: readonly string[];
	readonly start: 'at-start' | 'on-call';
	/** Milliseconds without a call after which it is stopped; undefined for never. */
	readonly idleStopMs: number | undefined;
	readonly restart: RestartConfiguration;
	readonly supervision: SupervisionConfiguration;
	/** Nodes of a cluster that run it, at most; undefined for all that have it. */
	readonly replicas: number | undefined;
	/** Whether each call of it carries the fencing token of its lease; there is one replica then. */
	readonly singleton: boolean;
}

/** Plugin ids by the names that they serve where others have them too. */
export interface RoutesConfiguration {
	readonly tools: Readonly<Record<string, string>>;
	readonly prompts: Readonly<Record<string, string>>;
	readonly storage: Readonly<Record<string, string>>;
}

export interface AccessConfiguration {
	/** Patterns of the certificates that may administer. */
	readonly operators: readonly string[];
	/** Patterns of the certificates of other orchestrators. */
	readonly nodes: readonly string[];
	/** Whether plugins of the core protocol are held to what their manifests declare. */
	readonly strict: boolean;
	readonly rules: readonly AccessRule[];
}

/** Settings with which an orchestrator joins a cluster on NATS. */
export interface ClusterConfiguration {
	/** The name of this node, and of its certificate. */
	readonly node: string;
	/** Addresses of NATS: `tls://HOST:PORT`, or `nats://` on loopback. */
	readonly servers: readonly string[];
	/** The name of the cluster. */
	readonly name: string;
	/** Addresses at which other nodes reach this one, as URLs; undefined for those where it listens. */
	readonly advertise: readonly string[] | undefined;
	/** Whether connections are made to other nodes. */
	readonly direct: boolean;
	/** Milliseconds for which a node that says nothing counts as being there. */
	readonly leaseMs: number;
	/** Servers of NATS that keep a copy of the registry. */
	readonly copies: number;
	/** Patterns of the topics whose events are kept. */
	readonly durable: readonly string[];
}

/** Defaults of a format's files: the two formats differ in these alone. */
export interface FormatRules {
	/** Two plugins with one name that no route decides: an error, or the later in the file wins, with a warning. */
	readonly duplicates: 'error' | 'later-wins';
	/** A plugin that depends on one that cannot be started: is not started either, or is started without it. */
	readonly failedDependency: 'fail' | 'ignore';
	/** Whether the use of the default provider is logged each time. */
	readonly tellDefaultProvider: boolean;
	/** Whether there may be clients that know no TLS on TCP: they are told of `tcp+plain://`. */
	readonly plainTcpClients: boolean;
}

/** A configuration that was read and found right. Nothing in it changes. */
export interface Configuration {
	/** The file, absolute. */
	readonly file: string;
	/** The file's folder, absolute: what relative paths in it start from. */
	readonly folder: string;
	/** Format of the file. `rules` says what follows from it. */
	readonly dialect: 'orchestra' | 'go';
	readonly rules: FormatRules;
	/** Undefined where the file does not say. */
	readonly listen: readonly Address[] | undefined;
	/** Absolute; undefined where the file does not say. */
	readonly certsDir: string | undefined;
	/** Address at which metrics and health are told; undefined where the file does not say. */
	readonly monitor: MonitorAddress | undefined;
	/** In the order of the file; no id twice. */
	readonly plugins: readonly PluginConfiguration[];
	readonly routes: RoutesConfiguration;
	/** AI providers by their other names. */
	readonly providers: Readonly<Record<string, string>>;
	readonly defaultProvider: string | undefined;
	/** Undefined where the file does not say. */
	readonly access: AccessConfiguration | undefined;
	/** Undefined where there is no cluster. */
	readonly cluster: ClusterConfiguration | undefined;
	/** Warnings for a person, each with its place in the file. */
	readonly warnings: readonly ConfigurationFault[];
}
