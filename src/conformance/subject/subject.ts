import type { Address } from '../../runtime/carrier/address.ts';
import type { Connection } from '../../runtime/carrier/carrier.ts';
import type { ListedPrompt, ListedTool, PeerDescription } from '../../runtime/client/listings.ts';
import type { Identity } from '../../runtime/identity/identity.ts';
import type { LaunchedPlugin } from '../../runtime/launching/launched-plugin.ts';
import type { PluginManifest } from '../../runtime/wire/generated/messages.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import type { LoneProcess } from './lone-process.ts';
import type { Registration } from './recording-host.ts';

/** A plugin that runs, and is being tested. */
export interface Instance {
	readonly connection: Connection;
	readonly address: Address;
	/** Our own identity towards it. */
	readonly identity: Identity;
	/** Answer to `describe`; undefined for a core peer. */
	readonly description: PeerDescription | undefined;
	/** Facts that it told its orchestrator; undefined where it told nothing, or had none. */
	readonly registration: Registration | undefined;
	/** Manifest that either of both gives; undefined where neither does. */
	readonly manifest: PluginManifest | undefined;
	readonly tools: readonly ListedTool[];
	readonly prompts: readonly ListedPrompt[];
	/** Its process; undefined where it ran already. */
	readonly process: LaunchedPlugin | undefined;
	/** Amount of its output so far. */
	readonly output: { readonly lines: number; readonly bytes: number };
}

/** End of a `--manifest` run. */
export interface ManifestRun {
	readonly stdout: string;
	readonly stderr: string;
	/** Null where it had to be killed. */
	readonly exitCode: number | null;
}

/** A call that is known to work, or likely to. */
export interface KnownCall {
	readonly tool: string;
	readonly args: JsonObject;
	/** Whether a case of the author's says so; else it was made up from the schema. */
	readonly known: boolean;
}

/** A plugin under test. */
export interface Subject {
	/** Name that the user gave. */
	readonly name: string;
	/** Whether this command starts it. */
	readonly starts: boolean;
	/** Reason why the first start failed; undefined where it did not. */
	readonly startFailure: unknown;
	/** The one that most checks share; made anew where a check ended it. @throws what a start throws */
	instance(): Promise<Instance>;
	/** One of its own, for a check that ends it. Whoever gets it stops it. @throws what a start throws */
	launch(): Promise<Instance>;
	/** A process of it without a host that tidies up. Whoever gets it disposes it. @throws OrchestraError `start_failed` */
	launchAlone(): Promise<LoneProcess>;
	/** Runs it with `--manifest`, once. */
	runManifest(): Promise<ManifestRun>;
	/** A call of a unary or a streaming tool that can be made; undefined where none is known. */
	callOf(kind: 'unary' | 'streaming' | 'slow'): Promise<KnownCall | undefined>;
	close(): Promise<void>;
}
