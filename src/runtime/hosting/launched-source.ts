import { resolve } from 'node:path';
import type { ExchangeUnderWay } from '../carrier/exchanges-under-way.ts';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import { assertChecksum } from '../launching/assert-checksum.ts';
import { endedError } from '../launching/ended-error.ts';
import { launchPlugin } from '../launching/launch-plugin.ts';
import type { LaunchedPlugin } from '../launching/launched-plugin.ts';
import type { EnvironmentOptions } from '../launching/plugin-environment.ts';
import { settlesWithin } from '../platform/settles-within.ts';
import type { PluginManifest } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { forwardExchange } from './forward-exchange.ts';
import type { HostedPlugin, PluginEnd } from './hosted-plugin.ts';
import type { PluginHost, PluginSource } from './plugin-source.ts';
import { commandOf, type ProcessCommand, type ProcessOptions } from './process-options.ts';

/** Milliseconds in which the system reports the end of a process whose connection broke; a busy one needs hundreds. */
const exitNoticeMs = 1_000;

/** Command of a process that may be given a certificate. */
export interface LaunchCommand extends ProcessCommand {
	/** Whether it asks for a certificate over its stdin, so that it need not see the key of the authority. */
	readonly oneTimeIdentity?: boolean | undefined;
}

/** Options of hosting a plugin in a process of its own. */
export interface LaunchedOptions extends ProcessOptions<LaunchCommand>, Pick<EnvironmentOptions, 'carrier'> {
	readonly certsDir: string;
	/** Values for its OnBoot hook. */
	readonly config?: Readonly<Record<string, string>> | undefined;
	/** Milliseconds from the start of the process to its READY line. Default 10 s. */
	readonly readyTimeoutMs?: number | undefined;
	/** Milliseconds that its OnBoot hook may take. Default 30 s. */
	readonly bootTimeoutMs?: number | undefined;
	/** SHA-256 of the executable, hexadecimal: another one is not started. It has to be named by a path. Default: any. */
	readonly sha256?: string | undefined;
	/** Milliseconds to wait for the registration of a core peer before it counts as started. Default 0. */
	readonly registrationTimeoutMs?: number | undefined;
}

/**
 * A plugin in a process of its own, connected to its host in both directions.
 *
 * @example
 * import { defaultSupervision, launched, Orchestrator, resolveCertsDir } from 'orchestra-toolchain/host';
 *
 * await using orchestrator = new Orchestrator();
 * const source = launched({ label: 'tools', command: { command: './tools-go' }, certsDir: resolveCertsDir() });
 * // Started anew, with pauses that grow, where it fails.
 * orchestrator.add(source, { id: 'tools', supervision: defaultSupervision });
 */
export function launched(options: LaunchedOptions): PluginSource {
	return {
		label: options.label,
		kind: 'launched',
		start: (host, signal) => launch(options, host, signal),
	};
}

async function launch(
	options: LaunchedOptions,
	host: PluginHost,
	signal: AbortSignal,
): Promise<HostedPlugin> {
	const { label, certsDir, config } = options;
	const { registrations } = host;
	const { command, ...how } = await commandOf(options);
	if (options.sha256 !== undefined) await assertChecksum(resolve(how.cwd ?? '.', command), options.sha256);
	let named: string | undefined;
	const plugin = await launchPlugin({
		command,
		args: how.args,
		cwd: how.cwd,
		oneTimeIdentity: how.oneTimeIdentity ?? false,
		env: options.env,
		inheritEnv: options.inheritEnv,
		carrier: options.carrier,
		id: host.expectedId,
		certsDir,
		config: config && { ...config },
		orchestratorAddr: host.address,
		orchestratorName: host.name,
		host: { serve: host.serve, onGone: (peer) => registrations.gone(peer) },
		readyTimeoutMs: options.readyTimeoutMs,
		bootTimeoutMs: options.bootTimeoutMs,
		stop: options.stop,
		signal,
		onOutput: (line) => host.output(host.expectedId ?? named ?? label, line),
		refuseId(id) {
			if (id !== host.replaces && registrations.knows(id)) return 'a plugin of that id runs already';
			const reserved = host.expectedId === undefined ? host.reserved(id) : undefined;
			if (reserved !== undefined) return reserved;
			named = id;
			registrations.starting(id);
			return undefined;
		},
		onConnectionProblem: ({ message }) => host.log({ level: 'warn', plugin: named ?? label, message }),
		onIdentityProblem: ({ message }) =>
			host.log({
				level: 'warn',
				plugin: named ?? label,
				message: `its certificate stays as it is: ${message}`,
			}),
	}).catch((error: unknown) => {
		if (named !== undefined) registrations.delete(named);
		throw error;
	});
	try {
		return await HostedProcess.of(plugin, host, options.registrationTimeoutMs ?? 0);
	} catch (error) {
		await plugin.stop();
		registrations.delete(plugin.id);
		throw error;
	}
}

/** The process of a plugin, as its host sees it. */
class HostedProcess implements HostedPlugin {
	readonly kind = 'launched';
	readonly registered: HostedPlugin['registered'];
	readonly ended: Promise<PluginEnd>;
	readonly prompts: HostedPlugin['prompts'];
	readonly #launched: LaunchedPlugin;
	readonly #host: PluginHost;
	readonly #underWay = new Map<IncomingExchange, number>();
	#registration: PluginManifest | undefined;
	#stopping: Promise<void> | undefined;

	private constructor(
		plugin: LaunchedPlugin,
		host: PluginHost,
		prompts: HostedPlugin['prompts'],
		registered: HostedPlugin['registered'],
	) {
		this.#launched = plugin;
		this.#host = host;
		this.prompts = prompts;
		this.registered = registered;
		this.#registration = host.registrations.get(plugin.id);
		void registered?.then((manifest) => {
			this.#registration = manifest;
		});
		this.ended = this.#end();
		void this.ended.then(() => host.registrations.delete(plugin.id));
	}

	static async of(plugin: LaunchedPlugin, host: PluginHost, waitMs: number): Promise<HostedProcess> {
		const { registrations } = host;
		const prompts = plugin.prompts ?? (await plugin.client.listPrompts());
		// A peer that answers `describe` says all of its manifest there; a core peer says it when it registers, and some never do.
		const late =
			plugin.description === undefined && host.address !== undefined && !registrations.get(plugin.id);
		const registered = late ? registrations.expect(plugin.id, plugin.exited) : undefined;
		if (registered && waitMs > 0) await settlesWithin(registered, waitMs);
		return new HostedProcess(plugin, host, prompts, registered);
	}

	get id(): string {
		return this.#launched.id;
	}

	get pid(): number {
		return this.#launched.pid;
	}

	get tools(): HostedPlugin['tools'] {
		return this.#launched.tools;
	}

	get connection(): HostedPlugin['connection'] {
		return this.#launched.connection;
	}

	get software(): string {
		return this.#launched.description?.software ?? '';
	}

	get extensions(): boolean {
		return this.#launched.description !== undefined;
	}

	get manifest(): PluginManifest {
		const { id, tools, manifest } = this.#launched;
		const said = manifest ?? this.#registration;
		return { ...this.#registration, ...(said ?? { id, providesTools: tools.map(({ name }) => name) }) };
	}

	get handle(): HostedPlugin['handle'] {
		return this.#handle;
	}

	underWay(): ExchangeUnderWay[] {
		return [...this.#underWay].map(([exchange, since]) => ({ exchange, since }));
	}

	stop(): Promise<void> {
		this.#stopping ??= this.#stop();
		return this.#stopping;
	}

	readonly #handle = (exchange: IncomingExchange): void => {
		this.#underWay.set(exchange, performance.now());
		exchange.onEnd(() => this.#underWay.delete(exchange));
		forwardExchange(exchange, this.connection, this.id, this.#endOfLostCall);
	};

	/** A process that fails closes its streams while it unwinds, a moment before its end is known; the end says more. */
	readonly #endOfLostCall = async (): Promise<OrchestraError | undefined> => {
		const { exited } = this.#launched;
		if (this.#stopping || !(await settlesWithin(exited, exitNoticeMs))) return undefined;
		return endedError(this.id, await exited, { retryable: false });
	};

	async #stop(): Promise<void> {
		try {
			await this.#launched.stop();
		} catch (error) {
			const message = `${this.id} could not be stopped: ${(error as Error).message}`;
			this.#host.log({ level: 'error', plugin: this.id, message });
		}
	}

	async #end(): Promise<PluginEnd> {
		const { exited, connection, id } = this.#launched;
		const broken = await Promise.race([exited.then(() => undefined), connection.closed]);
		if (broken && !this.#stopping && !(await settlesWithin(exited, exitNoticeMs))) {
			// It runs, but cannot be reached any more: its connection is lost, or its certificate was revoked.
			await this.stop();
			return { reason: 'crashed', error: OrchestraError.from(broken, 'connection_lost') };
		}
		const exit = await exited;
		if (this.#stopping) return { reason: 'stopped', exit };
		if (exit.code === 0) return { reason: 'exited', exit };
		return { reason: 'crashed', exit, error: endedError(id, exit, { retryable: true }) };
	}
}
