import { formatAddress, formatHostPort } from '../carrier/address.ts';
import type { DialOptions } from '../carrier/carrier.ts';
import { dial } from '../carrier/network-carrier.ts';
import { createClient, type PluginClient } from '../client/plugin-client.ts';
import { debugLog } from '../debug/debug-log.ts';
import { assertCertificateName } from '../identity/certificate-name.ts';
import type { IdentitySource } from '../identity/sources/identity-source.ts';
import { openDirectoryIdentity } from '../identity/sources/open-identity.ts';
import type { IdentityProblem } from '../identity/sources/renewing-identity.ts';
import { bootTimeoutMs } from '../plugin/definition/lifecycle.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { endedEarlyError } from './ended-error.ts';
import type { ExitStatus } from './exit-status.ts';
import { IdentityHandover } from './identity-handover.ts';
import { type LaunchedFacts, LaunchedPlugin } from './launched-plugin.ts';
import type { OutputListener } from './output-relay.ts';
import { type EnvironmentOptions, pluginEnvironment } from './plugin-environment.ts';
import { type PluginCommand, PluginProcess } from './plugin-process.ts';
import { ReportedFailure } from './reported-failure.ts';
import { settlesWithin } from './settles-within.ts';
import { startCancelled } from './start-failure.ts';
import { type StopOptions, stopProcess } from './stop-process.ts';
import { defaultReadyTimeoutMs, waitForReady } from './wait-for-ready.ts';

const launchLog = debugLog('launch');

/** Milliseconds in which the system reports the end of a process whose connection broke. */
const exitNoticeMs = 250;

/** What the end of a process looks like from the other end of its connection. */
const brokenCodes = new Set<string>(['connection_lost', 'unreachable', 'handshake_failed']);

/** What to launch, and how. */
export interface LaunchOptions extends EnvironmentOptions {
	/** The executable: a path (a relative one counts from `cwd`), or a name on `PATH`. */
	readonly command: string;
	/** Its arguments; those of the process contract come behind them. */
	readonly args?: readonly string[] | undefined;
	readonly cwd?: string | undefined;
	/**
	 * The plugin's id: its certificate has to carry it. Left out, any certificate of the CA will do, and its name becomes the id:
	 * asking the executable with `--manifest` first would double the time of every start.
	 */
	readonly id?: string | undefined;
	/** Where the certificates are; made where there are none. */
	readonly certsDir: string;
	/** Name on the certificate with which the orchestrator listens at {@link orchestratorAddr}. Default `orchestrator`. */
	readonly orchestratorName?: string | undefined;
	/** With {@link oneTimeIdentity}: asked with the id that the plugin says; a sentence refuses it. */
	readonly refuseId?: ((id: string) => string | undefined) | undefined;
	/** Hears why a certificate of this launch was not renewed; the one before it stays. Default: nobody. */
	readonly onIdentityProblem?: IdentityProblem | undefined;
	/** Called where the connection to the plugin could not be replaced; the one that stands goes on. Default: nobody is told. */
	readonly onConnectionProblem?: DialOptions['onProblem'];
	/** `host:port` of the orchestrator that the plugin registers with. Default: none. */
	readonly orchestratorAddr?: string | undefined;
	/** What the plugin is booted with. */
	readonly config?: Record<string, string> | undefined;
	/** Milliseconds from the start of the process to its READY line. Default 10 s. */
	readonly readyTimeoutMs?: number | undefined;
	/** Milliseconds for each of connect, register, boot and listing the tools. Default 10 s. */
	readonly stepTimeoutMs?: number | undefined;
	/** Milliseconds that its OnBoot hook may take. Default {@link stepTimeoutMs} where that is given, else 30 s. */
	readonly bootTimeoutMs?: number | undefined;
	/** The graces of {@link LaunchedPlugin.stop}, and of a start that fails. */
	readonly stop?: StopOptions | undefined;
	/** Aborting it ends a launch that is under way with `cancelled`; nothing stays behind. */
	readonly signal?: AbortSignal | undefined;
	/** Hears what the plugin prints, from its first line on; it is read for ever, whether anybody listens or not. */
	readonly onOutput?: OutputListener | undefined;
	/** Called once when a plugin that was launched has ended, by a stop too. A launch that fails rejects instead. */
	readonly onExit?: ((status: ExitStatus) => void) | undefined;
}

/**
 * Starts a plugin in a process of its own, waits for its READY line, connects with mutual TLS, registers, boots, and lists
 * its tools. Where any of it fails the process is ended, with all that it started.
 *
 * @throws OrchestraError `start_failed` (it could not be run, or was not ready in time), `identity_mismatch` and whatever else
 * a dial throws, `deadline_exceeded`, `cancelled`; PeerError `registration_rejected`, `boot_failed`
 */
export async function launchPlugin(options: LaunchOptions): Promise<LaunchedPlugin> {
	const { id, certsDir, onIdentityProblem: onProblem } = options;
	const source = await openDirectoryIdentity(certsDir, id ? `orchestrator-to-${id}` : 'orchestrator', {
		onProblem,
	});
	// The one that dials the plugin, and the one that it dials.
	const hosts = [...new Set([source.current.name, options.orchestratorName ?? 'orchestrator'])];
	const command: PluginCommand = {
		command: options.command,
		args: options.args ?? [],
		cwd: options.cwd,
		env: { ...pluginEnvironment(options), ORCHESTRA_HOSTS: hosts.join(' ') },
	};
	try {
		const launched = await launchAs(source, hosts, command, options);
		void launched.exited.then(() => source.close());
		return launched;
	} catch (error) {
		source.close();
		throw error;
	}
}

async function launchAs(
	source: IdentitySource,
	hosts: readonly string[],
	command: PluginCommand,
	options: LaunchOptions,
): Promise<LaunchedPlugin> {
	const { id } = options;
	const name = id ?? options.command;
	if (options.signal?.aborted) throw startCancelled(name, options.signal);
	const process = await PluginProcess.start(
		{ ...command, args: [...command.args, ...contractArgs(options)] },
		{ onOutput: options.onOutput },
	);
	const handover = options.oneTimeIdentity
		? new IdentityHandover(process, {
				certsDir: options.certsDir,
				hosts,
				expectedId: id,
				refuseId: options.refuseId,
				onProblem: options.onIdentityProblem,
			})
		: undefined;
	const reported = new ReportedFailure();
	let client: PluginClient | undefined;
	try {
		const address = await waitForReady(process, {
			name,
			command: options.command,
			cwd: options.cwd,
			timeoutMs: options.readyTimeoutMs ?? defaultReadyTimeoutMs,
			signal: options.signal,
			watch: handover && ((line) => handover.watch(line) || reported.watch(line)),
		});
		if (options.carrier && address.carrier !== options.carrier) {
			throw new OrchestraError(
				'start_failed',
				`${name} listens on ${address.carrier} at ${formatHostPort(address)}, but ${options.carrier} was asked for`,
				{ hint: 'Plugins of the Go SDK speak QUIC only.', details: { carrier: address.carrier } },
			);
		}
		if (handover && handover.id === undefined) {
			throw new OrchestraError('start_failed', `${name} is ready, but never asked for its certificate`, {
				hint: 'It was built for an older contract: start it as an executable.',
			});
		}
		launchLog?.(`${name} is ready at ${formatAddress(address)}`);
		const expectPeer = id ?? handover?.id;
		const timeoutMs = options.stepTimeoutMs ?? 10_000;
		const bootTimeout = options.bootTimeoutMs ?? options.stepTimeoutMs ?? bootTimeoutMs;
		const connection = await untilExit(process, name, options.signal, (signal) =>
			dial(address, {
				identity: source,
				expectPeer,
				timeoutMs,
				signal,
				onProblem: options.onConnectionProblem,
			}),
		);
		client = createClient(connection);
		const dialled = client;
		const facts = await untilExit(process, name, options.signal, async (signal): Promise<LaunchedFacts> => {
			const peerId = expectPeer ?? connection.peer.name;
			assertCertificateName(peerId);
			launchLog?.(`${peerId} is connected`);
			const step = { timeoutMs, signal };
			await inTime(
				dialled.register({ id: peerId }, step),
				`${peerId} did not answer its registration`,
				timeoutMs,
			);
			const booting = dialled.boot(options.config ?? {}, { timeoutMs: bootTimeout, signal });
			await inTime(booting, `${peerId} did not boot`, bootTimeout);
			launchLog?.(`${peerId} has booted`);
			const listing = Promise.all([dialled.listTools(step), dialled.describe(step)]);
			const [tools, description] = await inTime(listing, `${peerId} did not list its tools`, timeoutMs);
			const described = description?.plugins.find((plugin) => plugin.id === peerId);
			return { id: peerId, address, tools, description, manifest: described };
		});
		return new LaunchedPlugin(process, client, facts, { stop: options.stop ?? {}, onExit: options.onExit });
	} catch (error) {
		handover?.close();
		await client?.close();
		await stopProcess(process, options.stop);
		throw handover?.failure ?? reported.error ?? error;
	}
}

/** What a step of a start comes to; where it took too long, the error says which. */
async function inTime<T>(step: Promise<T>, what: string, timeoutMs: number): Promise<T> {
	try {
		return await step;
	} catch (error) {
		if (!(error instanceof OrchestraError) || error.code !== 'deadline_exceeded') throw error;
		throw new OrchestraError('deadline_exceeded', `${what} within ${timeoutMs} ms`, {
			hint: 'Allow more time, or find out what it waits for.',
			retryable: true,
			cause: error,
		});
	}
}

function contractArgs(options: LaunchOptions): string[] {
	// A Go plugin exits on a flag that it does not know: these three and no more.
	return [
		...(options.orchestratorAddr ? [`--orchestrator-addr=${options.orchestratorAddr}`] : []),
		'--listen-addr=localhost:0',
		...(options.oneTimeIdentity ? [] : [`--certs-dir=${options.certsDir}`]),
	];
}

/** Runs a step that ends early when the process does, or when the caller wants no more. */
async function untilExit<T>(
	process: PluginProcess,
	name: string,
	outer: AbortSignal | undefined,
	step: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	const controller = new AbortController();
	let over = false;
	process.exited.then((status) => {
		if (over) return;
		controller.abort(endedEarlyError(name, status, process.outputTail));
	});
	const onAbort = () => controller.abort(startCancelled(name, outer));
	if (outer?.aborted) onAbort();
	else outer?.addEventListener('abort', onAbort, { once: true });
	try {
		return await step(controller.signal);
	} catch (error) {
		// The connection may notice the end of the process first; what the process says of it is worth more.
		if (error instanceof OrchestraError && brokenCodes.has(error.code)) {
			await settlesWithin(process.exited, exitNoticeMs);
		}
		throw controller.signal.aborted ? controller.signal.reason : error;
	} finally {
		over = true;
		outer?.removeEventListener('abort', onAbort);
	}
}
