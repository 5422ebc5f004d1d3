import type { Connection, ExchangeHandler } from '../carrier/carrier.ts';
import type { ExchangeUnderWay } from '../carrier/exchanges-under-way.ts';
import type { ExitStatus } from '../platform/exit-status.ts';
import type { SeamTransport } from '../services/seam-transport.ts';
import type { PluginManifest, PromptDefinition, ToolDefinition } from '../wire/generated/messages.ts';
import type { OrchestraError } from '../wire/orchestra-error.ts';

/** Kind of hosting: in this process, in one that we started, or elsewhere. */
export type HostingKind = 'embedded' | 'launched' | 'remote';

/** End of a plugin, with its reason. */
export interface PluginEnd {
	/**
	 * `stopped`: its host stopped it. `exited`: it ended by itself, without a fault. `crashed`: it ended by a fault, a signal that
	 * its host did not send, or a connection that broke. `unavailable`: another host ran it, and nobody does now.
	 */
	readonly reason: 'stopped' | 'exited' | 'crashed' | 'unavailable';
	/** Exit status of its process, where it had one. */
	readonly exit?: ExitStatus | undefined;
	readonly error?: OrchestraError | undefined;
}

/** A plugin that runs, wherever that is. Whoever started it has to stop it. */
export interface HostedPlugin {
	/** Its own id: what its module exports or its certificate says. */
	readonly id: string;
	readonly kind: HostingKind;
	/** Its current manifest; a core peer adds to it when it registers. */
	readonly manifest: PluginManifest;
	readonly tools: readonly ToolDefinition[];
	readonly prompts: readonly PromptDefinition[];
	/** Name and version of the software that serves it; empty for a core peer. */
	readonly software: string;
	/** Whether it understands the extensions of the protocol. */
	readonly extensions: boolean;
	/** The number of its process; undefined where it has none of its own here. */
	readonly pid?: number | undefined;
	/** Serves an exchange that is meant for this plugin. */
	readonly handle: ExchangeHandler;
	/** Connection for the requests of its host: events, health. Closed when the plugin has ended. */
	readonly connection: Connection;
	/** The way to its seams, where that is not {@link connection}. */
	readonly seams?: SeamTransport | undefined;
	/** Settles when it runs no more, for whatever reason; never rejects. */
	readonly ended: Promise<PluginEnd>;
	/** The exchanges that it has not ended; one that is answered at once never shows here. */
	underWay(): readonly ExchangeUnderWay[];
	/**
	 * The registration of a core peer that has not registered yet: it says only then what it provides besides tools. Settles with
	 * undefined where it never will. Absent for everybody else.
	 */
	readonly registered?: Promise<PluginManifest | undefined> | undefined;
	/** Calls back when what it provides has changed: its host takes its names anew. Absent where that cannot be. */
	onProvidesChange?(listener: () => void): void;
	/** Shuts it down and frees what it holds. Never rejects; calls share one stop. */
	stop(): Promise<void>;
}
