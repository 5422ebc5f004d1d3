import type { Address } from '../carrier/address.ts';
import type { Connection } from '../carrier/carrier.ts';
import type { ListedPrompt, ListedTool, PeerDescription } from '../client/listings.ts';
import type { PluginClient } from '../client/plugin-client.ts';
import { type ExitStatus, formatExit } from '../platform/exit-status.ts';
import { settlesWithin } from '../platform/settles-within.ts';
import type { PluginManifest } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { PluginProcess } from './plugin-process.ts';
import { type ProcessStopOptions, type StopReport, stopProcess } from './stop-process.ts';

/** Milliseconds that the last answers of a process that has ended get to be read. */
const lastAnswerMs = 50;

/** Facts that a launch found out about a plugin. */
export interface LaunchedFacts {
	readonly id: string;
	/** Address at which it listens; undefined for one that has descriptors of its host. */
	readonly address: Address | undefined;
	/** Undefined for a core peer: it tells its manifest to the orchestrator that it registers with, and nobody else. */
	readonly manifest: PluginManifest | undefined;
	/** Undefined for a peer that speaks the core protocol only. */
	readonly description: PeerDescription | undefined;
	readonly tools: readonly ListedTool[];
	/** Undefined where they were not asked for. */
	readonly prompts: readonly ListedPrompt[] | undefined;
}

/** A plugin that runs in a process of its own, registered and booted. Whoever launched it has to stop it. */
export class LaunchedPlugin implements LaunchedFacts, AsyncDisposable {
	readonly id: string;
	readonly pid: number;
	readonly address: Address | undefined;
	readonly client: PluginClient;
	readonly connection: Connection;
	readonly manifest: PluginManifest | undefined;
	readonly description: PeerDescription | undefined;
	readonly tools: readonly ListedTool[];
	readonly prompts: readonly ListedPrompt[] | undefined;
	/** Settles when the process has ended, for whatever reason; never rejects. Calls under way reject with `connection_lost`. */
	readonly exited: Promise<ExitStatus>;
	readonly #process: PluginProcess;
	readonly #stopOptions: ProcessStopOptions;
	/** The end of the process, dealt with. */
	readonly #ended: Promise<void>;
	#stopping: Promise<StopReport> | undefined;

	constructor(
		process: PluginProcess,
		client: PluginClient,
		facts: LaunchedFacts,
		options: { stop: ProcessStopOptions; onExit?: ((status: ExitStatus) => void) | undefined },
	) {
		this.id = facts.id;
		this.pid = process.pid;
		this.address = facts.address;
		this.manifest = facts.manifest;
		this.description = facts.description;
		this.tools = facts.tools;
		this.prompts = facts.prompts;
		this.client = client;
		this.connection = client.connection;
		this.exited = process.exited;
		this.#process = process;
		this.#stopOptions = options.stop;
		this.#ended = process.exited.then(async (status) => {
			// Its last messages may have arrived and not been read yet.
			await settlesWithin(this.connection.closed, lastAnswerMs);
			// The process knows before the carrier can: over UDP a dead peer is only a silent one.
			await this.connection.close(
				new OrchestraError('connection_lost', `${this.id} has ended (${formatExit(status)})`, {
					details: { exitCode: status.code, signal: status.signal },
				}),
			);
			options.onExit?.(status);
		});
	}

	/** Lines of its output that a slow listener never heard. */
	get droppedLines(): number {
		return this.#process.droppedLines;
	}

	/**
	 * Ends it: shutdown request, SIGTERM, SIGKILL, as far as needed. When it returns nothing of the plugin is left. Calls at the
	 * same time share one stop, with the options of the first.
	 *
	 * @throws OrchestraError `deadline_exceeded` where the system cannot end the process
	 */
	stop(options: ProcessStopOptions = {}): Promise<StopReport> {
		this.#stopping ??= this.#stop({ ...this.#stopOptions, ...options });
		return this.#stopping;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
	}

	async #stop(options: ProcessStopOptions): Promise<StopReport> {
		try {
			return await stopProcess(this.#process, options, {
				shutdown: async (timeoutMs) => {
					const clean = await this.client.shutdown({ timeoutSeconds: timeoutMs / 1000, timeoutMs });
					// Hanging up tells the plugin that its answer has arrived: it need not stay for it.
					void this.connection.close();
					return clean;
				},
				staysAfterShutdown: this.description === undefined,
			});
		} finally {
			await this.connection.close();
			if (this.#process.exit) await this.#ended;
		}
	}
}
