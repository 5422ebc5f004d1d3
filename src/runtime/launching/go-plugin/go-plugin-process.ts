import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GrpcChannel, type PinnedTls } from '../../grpc/grpc-channel.ts';
import { emptyForm, stdioForm } from '../../grpc/own-messages.ts';
import { makeLaunchCertificate } from '../../identity/x509/launch-certificate.ts';
import type { ExitStatus } from '../../platform/exit-status.ts';
import { settlesWithin } from '../../platform/settles-within.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertChecksum } from '../assert-checksum.ts';
import { endedEarlyError, endedError } from '../ended-error.ts';
import { LineSplitter } from '../line-splitter.ts';
import type { OutputListener } from '../output-relay.ts';
import type { EnvironmentOptions } from '../plugin-environment.ts';
import { PluginProcess } from '../plugin-process.ts';
import { startCancelled } from '../start-failure.ts';
import { type ProcessStopOptions, type StopReport, stopProcess } from '../stop-process.ts';
import { GoPluginBroker } from './go-plugin-broker.ts';
import { type GoPluginConnection, healthOf, isLostCall } from './go-plugin-connection.ts';
import type { GoPluginSettings } from './go-plugin-settings.ts';
import type { Handshake } from './handshake-line.ts';
import { hostEnvironment } from './host-environment.ts';
import { waitForHandshake } from './wait-for-handshake.ts';

/** Milliseconds in which a go-plugin has to say its handshake. */
const defaultHandshakeMs = 10_000;

/** Milliseconds in which the system reports the end of a process whose connection broke; a busy one needs hundreds. */
const exitNoticeMs = 1_000;

/**
 * Milliseconds in which the last output of a process that has ended is read. Its stream ends with its connection, which is at once: this
 * bounds what holds the connection in its stead.
 */
const lastOutputMs = 5_000;

/** Go-plugin to launch, and how. */
export interface GoPluginLaunch extends Pick<EnvironmentOptions, 'env' | 'inheritEnv'> {
	/** Name for people, in messages. */
	readonly name: string;
	/** The executable: a path (a relative one counts from `cwd`), or a name on `PATH`. */
	readonly command: string;
	readonly args?: readonly string[] | undefined;
	readonly cwd?: string | undefined;
	readonly settings: GoPluginSettings;
	/** Milliseconds from its start to its handshake, and from there to its first answer. Default 10 s. */
	readonly handshakeTimeoutMs?: number | undefined;
	/** The graces of {@link GoPluginProcess.stop}, and of a start that fails. */
	readonly stop?: ProcessStopOptions | undefined;
	readonly signal?: AbortSignal | undefined;
	/** Called with each line that it prints, before its handshake and after it; it is read for ever, whether anybody listens or not. */
	readonly onOutput?: OutputListener | undefined;
}

/**
 * Starts a go-plugin, unmodified, as its own host would: cookie, versions, a certificate for this launch; waits for its handshake,
 * connects, asks for its health, and reads its output. Where any of it fails the process is ended, with all that it started.
 *
 * @throws OrchestraError `start_failed`, `handshake_failed`, `integrity_failed`, `deadline_exceeded`, `cancelled`
 */
export async function launchGoPlugin(options: GoPluginLaunch): Promise<GoPluginProcess> {
	const { name, settings, signal } = options;
	if (signal?.aborted) throw startCancelled(name, signal);
	const file = /[/\\]/.test(options.command) ? resolve(options.cwd ?? '.', options.command) : options.command;
	if (settings.sha256 !== undefined) await assertChecksum(file, settings.sha256);
	const folder = await mkdtemp(join(tmpdir(), 'orchestra-'));
	const removeFolder = () => rm(folder, { recursive: true, force: true });
	const certificate = settings.mtls === false ? undefined : makeLaunchCertificate();
	let process: PluginProcess;
	try {
		process = await PluginProcess.start(
			{
				command: file,
				args: options.args ?? [],
				cwd: options.cwd,
				env: hostEnvironment(settings, options, folder, certificate?.certificatePem),
			},
			{ onOutput: options.onOutput },
		);
	} catch (error) {
		await removeFolder();
		throw error;
	}
	void process.gone.then(removeFolder);
	let channel: GrpcChannel | undefined;
	try {
		const handshake = await waitForHandshake(process, {
			name,
			command: file,
			timeoutMs: options.handshakeTimeoutMs ?? defaultHandshakeMs,
			settings,
			signal,
		});
		const tls = tlsOf(name, handshake, certificate);
		channel = new GrpcChannel(handshake, tls);
		const plugin = new GoPluginProcess(process, { name, handshake, channel, tls, folder, options });
		await plugin.ready(options.handshakeTimeoutMs ?? defaultHandshakeMs, signal);
		return plugin;
	} catch (error) {
		channel?.close();
		await stopProcess(process, options.stop);
		throw error;
	}
}

function tlsOf(
	name: string,
	{ certificate }: Handshake,
	own: ReturnType<typeof makeLaunchCertificate> | undefined,
): PinnedTls | undefined {
	if (!own) return undefined;
	if (certificate) {
		try {
			return { ...own, serverCertificate: new X509Certificate(certificate).raw };
		} catch (error) {
			const text = `${name} shows a certificate that cannot be read`;
			throw new OrchestraError('handshake_failed', text, { cause: error });
		}
	}
	throw new OrchestraError('handshake_failed', `${name} shows no certificate: it does not know AutoMTLS`, {
		hint: 'Where whoever may open its socket may call it, allow that with --no-mtls (mtls: false in orchestra.yaml).',
	});
}

/** A go-plugin that runs, connected and healthy. Whoever launched it has to stop it. */
export class GoPluginProcess implements GoPluginConnection, AsyncDisposable {
	readonly name: string;
	readonly pid: number;
	/** Its handshake. */
	readonly handshake: Handshake;
	readonly channel: GrpcChannel;
	readonly broker: GoPluginBroker;
	/** Settles when the process has ended, for whatever reason; never rejects. */
	readonly ended: Promise<ExitStatus>;
	readonly #process: PluginProcess;
	readonly #options: GoPluginLaunch;
	/** Settles when its last output is read, and its connection closed. */
	readonly #released: Promise<void>;
	#output: Promise<void> | undefined;
	#stopping: Promise<StopReport> | undefined;
	/** Whether it still ran when it was told to stop. */
	#wasStopped = false;

	constructor(
		process: PluginProcess,
		facts: {
			readonly name: string;
			readonly handshake: Handshake;
			readonly channel: GrpcChannel;
			readonly tls: PinnedTls | undefined;
			readonly folder: string;
			readonly options: GoPluginLaunch;
		},
	) {
		this.name = facts.name;
		this.pid = process.pid;
		this.handshake = facts.handshake;
		this.channel = facts.channel;
		this.broker = new GoPluginBroker(facts);
		this.ended = process.exited;
		this.#process = process;
		this.#options = facts.options;
		this.#released = process.exited.then(() => this.#release());
	}

	get version(): number {
		return this.handshake.version;
	}

	/** Connects, and reads its output from then on. @throws OrchestraError where it does not answer in time, or ends */
	async ready(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
		const deadline = Date.now() + timeoutMs;
		const ended = this.ended.then((exit) => {
			throw this.#earlyEnd(exit);
		});
		ended.catch(() => {});
		let onAbort: () => void = () => {};
		const aborted = new Promise<never>((_, reject) => {
			onAbort = () => reject(startCancelled(this.name, signal));
			if (signal?.aborted) onAbort();
			else signal?.addEventListener('abort', onAbort, { once: true });
		});
		aborted.catch(() => {});
		try {
			const serves = await Promise.race([healthOf(this, { deadline, signal }), ended, aborted]);
			this.#output = this.#readOutput();
			if (!serves) {
				throw new OrchestraError('start_failed', `${this.name} says that it does not serve`, {
					retryable: true,
				});
			}
		} catch (error) {
			// Its end says more than what the connection makes of it.
			if (await settlesWithin(this.ended, exitNoticeMs)) throw this.#earlyEnd(await this.ended);
			const { code, message } = OrchestraError.from(error, 'internal');
			if (code === 'deadline_exceeded') {
				const text = `${this.name} said its handshake, and did not answer within ${timeoutMs} ms`;
				throw new OrchestraError('start_failed', text, { cause: error, retryable: true });
			}
			if (code !== 'connection_lost') throw error;
			const text = `no connection to ${this.name} could be made: ${message}`;
			throw new OrchestraError('handshake_failed', text, { cause: error, retryable: true });
		} finally {
			signal?.removeEventListener('abort', onAbort);
		}
	}

	/** Cause of a failed call: where the process has ended, or ends in a moment, that. */
	async failureOf(error: unknown): Promise<unknown> {
		if (!isLostCall(error) || this.#wasStopped || !(await settlesWithin(this.ended, exitNoticeMs)))
			return error;
		return endedError(this.name, await this.ended, { retryable: false, tail: this.#process.outputTail });
	}

	/** Ends it: the controller's shutdown, SIGTERM, SIGKILL, as far as needed. When it returns nothing of it is left. */
	stop(): Promise<StopReport> {
		this.#stopping ??= this.#stop();
		return this.#stopping;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
	}

	async #stop(): Promise<StopReport> {
		this.#wasStopped = this.#process.exit === undefined;
		try {
			const report = await stopProcess(this.#process, this.#options.stop, {
				shutdown: async (timeoutMs) => {
					await this.#askToEnd(Date.now() + timeoutMs);
					return true;
				},
			});
			await this.#released;
			return report;
		} finally {
			this.broker.close();
			this.channel.close();
		}
	}

	async #release(): Promise<void> {
		this.broker.close();
		if (this.#output) await settlesWithin(this.#output, lastOutputMs);
		this.channel.close();
	}

	async #askToEnd(deadline: number): Promise<void> {
		try {
			await this.channel.unary('/plugin.GRPCController/Shutdown', emptyForm.encode({}), {
				subject: `the shutdown of ${this.name}`,
				deadline,
			});
		} catch (error) {
			// It takes its connection down before it answers.
			const { code } = OrchestraError.from(error, 'internal');
			if (code !== 'connection_lost' && code !== 'cancelled') throw error;
		}
	}

	/** Reads its output after the handshake, which comes over a stream. Without that service it goes where it went before. */
	async #readOutput(): Promise<void> {
		const { onOutput } = this.#options;
		const stdout = new LineSplitter((line) => void onOutput?.(line, 'stdout'));
		const stderr = new LineSplitter((line) => void onOutput?.(line, 'stderr'));
		try {
			const subject = `the output of ${this.name}`;
			const chunks = this.channel.serverStream('/plugin.GRPCStdio/StreamStdio', emptyForm.encode({}), {
				subject,
			});
			for await (const bytes of chunks) {
				const { channel, data } = stdioForm.decode(bytes);
				(channel === 2 ? stderr : stdout).push(data);
			}
		} catch {
			// The stream ends with the plugin.
		}
		stdout.end();
		stderr.end();
	}

	#earlyEnd(exit: ExitStatus): OrchestraError {
		return endedEarlyError(this.name, exit, this.#process.outputTail);
	}
}
