import type { ExecHandler } from '../../exec/exec-handler.ts';
import type { ServedService } from '../../services/service-server.ts';
import type { PluginManifest } from '../../wire/generated/messages.ts';
import type { RunOptions } from '../process/run-options.ts';
import type { ExportedPlugin } from './exported-plugin.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Prompt } from './prompt.ts';
import type { Hook } from './session/hook.ts';
import type { Operation } from './session/operation.ts';
import type { SessionPluginFactory } from './session/session-plugin.ts';
import type { StorageHandler } from './storage-handler.ts';
import type { Subscription } from './subscription.ts';
import type { Tool } from './tool.ts';

/** Marks a plugin. From the global registry, so that two copies of this package know each other's plugins. */
export const pluginBrand: unique symbol = Symbol.for('orchestra.plugin') as never;

/** The version of the {@link Plugin} interface. It grows when a host of this version could no longer serve an older plugin. */
export const pluginInterfaceVersion = 1;

/** Address at which a plugin's process listens and orchestrator that it dials, where its command line does not say. */
export interface PluginSettings {
	/** An address; a bare `host:port` is QUIC. Default `localhost:0`, any free port. */
	readonly listenAddr?: string;
	/** The orchestrator to register with. Default: none. */
	readonly orchestratorAddr?: string;
	/** Default: `$ORCHESTRA_CERTS_DIR`, else `~/.orchestra/certs`. */
	readonly certsDir?: string;
}

/**
 * A finished plugin: what a module exports by default, and what a host serves. It is only a definition: it holds no socket and
 * may be served many times.
 */
export interface Plugin {
	/** The {@link pluginInterfaceVersion} that it was made with. */
	readonly [pluginBrand]: number;
	readonly id: string;
	/** Manifest with which it registers. A copy each time. */
	readonly manifest: PluginManifest;
	/** Unary and streaming tools by name, in the order of their registration. */
	readonly tools: ReadonlyMap<string, Tool>;
	readonly prompts: ReadonlyMap<string, Prompt>;
	readonly subscriptions: readonly Subscription[];
	readonly storageHandler: StorageHandler | undefined;
	readonly lifecycle: Lifecycle;
	readonly settings: PluginSettings;
	/** Hooks of the plugin as a whole, in the order of their registration; absent in a plugin that an older version made. */
	readonly hooks?: readonly Hook[];
	/** Operations of the plugin as a whole. */
	readonly operations?: readonly Operation[];
	/** Factories that make its part of each session. */
	readonly sessionPlugins?: readonly SessionPluginFactory[];
	/** Handlers of its terminals and commands; absent in a plugin that an older version made. */
	readonly execs?: readonly ExecHandler[];
	/** The seams that it serves, each at one version. */
	readonly seams?: readonly ServedService[];
	/**
	 * Compiles the input schemas of every tool: what could not be found out at registration.
	 *
	 * @throws OrchestraError `invalid_schema` that names the tool
	 */
	check(): Promise<void>;
	/** Its parts, for a host that calls them itself. */
	export(): ExportedPlugin;
	/** Runs it as this process: {@link runPlugin}. */
	run(options?: RunOptions): Promise<void>;
}

/** Whether a value is a plugin of an interface version that this runtime can serve. */
export function isPlugin(value: unknown): value is Plugin {
	return (
		typeof value === 'object' &&
		value !== null &&
		(value as Partial<Plugin>)[pluginBrand] === pluginInterfaceVersion
	);
}
