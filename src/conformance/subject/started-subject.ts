import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '../../runtime/carrier/address.ts';
import { createClient } from '../../runtime/client/plugin-client.ts';
import type { Identity } from '../../runtime/identity/identity.ts';
import { ensureIdentity } from '../../runtime/identity/upkeep/ensure-identity.ts';
import { type LaunchOptions, launchPlugin } from '../../runtime/launching/launch-plugin.ts';
import { pluginEnvironment } from '../../runtime/launching/plugin-environment.ts';
import type { PluginManifest } from '../../runtime/wire/generated/messages.ts';
import { pluginCommand, type TargetCommand } from '../../toolchain/targets/plugin-command.ts';
import type { InstalledTarget } from '../../toolchain/targets/target.ts';
import { callFinder, type StatedCall } from './call-finder.ts';
import { answerMs } from './exchange.ts';
import { LoneProcess } from './lone-process.ts';
import { RecordingHost } from './recording-host.ts';
import type { Instance, KnownCall, ManifestRun, Subject } from './subject.ts';

/** The name that the plugin's host has on its certificate, at both of its ends. */
const hostName = 'orchestrator';

/** Characters of what `--manifest` prints that are kept. */
const maxManifestOutput = 1024 * 1024;

/** Options of starting a plugin under test. */
export interface StartedSubjectOptions {
	readonly name: string;
	readonly target: InstalledTarget;
	readonly carrier: 'quic' | 'tcp';
	readonly config?: Readonly<Record<string, string>> | undefined;
	readonly inheritEnv?: true | readonly string[] | undefined;
	/** Milliseconds for a start. Default: that of the process contract. */
	readonly timeoutMs?: number | undefined;
	readonly signal?: AbortSignal | undefined;
	/** Calls that the author says work. */
	readonly calls: readonly StatedCall[];
	/** Called with each line that it prints. */
	readonly onOutput?: ((line: string) => void) | undefined;
}

/** A plugin under test that is started here, as often as it takes, with a certificates directory that lives as long as the test. */
export async function startSubject(options: StartedSubjectOptions): Promise<Subject> {
	const folder = await mkdtemp(join(tmpdir(), 'orchestra-test-'));
	try {
		const certsDir = join(folder, 'certs');
		const identity = await ensureIdentity(certsDir, hostName);
		const host = await RecordingHost.open(identity, options.carrier);
		const command = await pluginCommand(options.target);
		const subject = new StartedSubject(options, command, { folder, certsDir, identity, host });
		// The first start tells much of what the checks ask: they find out how it went.
		await subject.instance().catch(() => undefined);
		return subject;
	} catch (error) {
		await rm(folder, { recursive: true, force: true });
		throw error;
	}
}

interface Surroundings {
	readonly folder: string;
	readonly certsDir: string;
	readonly identity: Identity;
	readonly host: RecordingHost;
}

class StartedSubject implements Subject {
	readonly name: string;
	readonly starts = true;
	startFailure: unknown;
	readonly #options: StartedSubjectOptions;
	readonly #command: TargetCommand;
	readonly #surroundings: Surroundings;
	readonly #findCall: ReturnType<typeof callFinder>;
	#shared: Promise<Instance> | undefined;
	#manifestRun: Promise<ManifestRun> | undefined;
	#started = false;
	/** Every process that was started, until it is stopped. */
	readonly #running = new Set<Instance>();

	constructor(options: StartedSubjectOptions, command: TargetCommand, surroundings: Surroundings) {
		this.name = options.name;
		this.#options = options;
		this.#command = command;
		this.#surroundings = surroundings;
		this.#findCall = callFinder(options.calls);
	}

	async instance(): Promise<Instance> {
		const shared = await this.#shared?.catch(() => undefined);
		if (shared?.connection.open) return shared;
		// A start that failed once is not tried again with each check.
		if (this.startFailure !== undefined) throw this.startFailure;
		this.#shared = this.launch();
		try {
			const instance = await this.#shared;
			this.#started = true;
			return instance;
		} catch (error) {
			if (!this.#started) this.startFailure = error;
			throw error;
		}
	}

	async launch(): Promise<Instance> {
		const { host, certsDir, identity } = this.#surroundings;
		const output = { lines: 0, bytes: 0 };
		host.forget();
		const launched = await launchPlugin({
			...this.#launchOptions(),
			certsDir,
			orchestratorName: hostName,
			orchestratorAddr: host.address,
			onOutput: (line) => {
				output.lines += 1;
				output.bytes += line.length + 1;
				this.#options.onOutput?.(line);
			},
		});
		host.routeTo(launched.connection);
		try {
			const registration = await host.registration(answerMs / 2);
			const client = createClient(launched.connection);
			const instance: Instance = {
				connection: launched.connection,
				// It was asked to listen.
				address: launched.address as Address,
				identity,
				description: launched.description,
				registration,
				manifest: registration?.manifest ?? (launched.manifest as PluginManifest | undefined),
				tools: launched.tools,
				// Faults of the listing are for the checks of prompts to tell.
				prompts: await client.listPrompts({ timeoutMs: answerMs }).catch(() => []),
				process: launched,
				output,
			};
			this.#running.add(instance);
			return instance;
		} catch (error) {
			await launched.stop({ shutdownTimeoutMs: 500, exitGraceMs: 500, termGraceMs: 500 });
			throw error;
		}
	}

	#launchOptions(): Omit<LaunchOptions, 'certsDir'> {
		const { carrier, config, inheritEnv, timeoutMs, signal } = this.#options;
		const { command, args, cwd, oneTimeIdentity } = this.#command;
		return {
			command,
			args,
			cwd,
			oneTimeIdentity,
			carrier,
			config: config && { ...config },
			inheritEnv,
			readyTimeoutMs: timeoutMs,
			signal,
		};
	}

	launchAlone(): Promise<LoneProcess> {
		const { carrier, inheritEnv, timeoutMs = answerMs } = this.#options;
		const { command, args, cwd } = this.#command;
		const { certsDir } = this.#surroundings;
		return LoneProcess.start({ command, args, cwd, certsDir, carrier, inheritEnv, timeoutMs });
	}

	runManifest(): Promise<ManifestRun> {
		this.#manifestRun ??= this.#runManifest();
		return this.#manifestRun;
	}

	async #runManifest(): Promise<ManifestRun> {
		const { inheritEnv } = this.#options;
		const { command, args, cwd } = this.#command;
		const child = spawn(command, [...args, '--manifest'], {
			cwd,
			env: pluginEnvironment({ inheritEnv }),
			stdio: ['ignore', 'pipe', 'pipe'],
			timeout: answerMs,
			killSignal: 'SIGKILL',
		});
		const run = { stdout: '', stderr: '' };
		for (const name of ['stdout', 'stderr'] as const) {
			child[name].setEncoding('utf8').on('data', (text: string) => {
				run[name] = (run[name] + text).slice(0, maxManifestOutput);
			});
		}
		return new Promise((resolve, reject) => {
			child.once('error', reject);
			child.once('close', (exitCode) => resolve({ ...run, exitCode }));
		});
	}

	async callOf(kind: 'unary' | 'streaming' | 'slow'): Promise<KnownCall | undefined> {
		return this.#findCall(await this.instance(), kind);
	}

	async close(): Promise<void> {
		const { folder, host } = this.#surroundings;
		await this.#shared?.catch(() => undefined);
		await Promise.allSettled(
			[...this.#running].map((instance) =>
				instance.process?.stop({ shutdownTimeoutMs: 2_000, exitGraceMs: 1_000, termGraceMs: 1_000 }),
			),
		);
		await host[Symbol.asyncDispose]();
		await rm(folder, { recursive: true, force: true });
	}
}
