import { type Address, formatAddress, formatHostPort } from '../carrier/address.ts';
import type { DialOptions } from '../carrier/carrier.ts';
import { dial } from '../carrier/network-carrier.ts';
import { createClient, type PluginClient } from '../client/plugin-client.ts';
import { debugLog } from '../debug/debug-log.ts';
import type { IdentitySource } from '../identity/sources/identity-source.ts';
import { openDirectoryIdentity } from '../identity/sources/open-identity.ts';
import type { IdentityProblem } from '../identity/sources/renewing-identity.ts';
import type { ExitStatus } from '../platform/exit-status.ts';
import { bootTimeoutMs } from '../plugin/definition/lifecycle.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { IdentityHandover } from './identity-handover.ts';
import { LaunchedPlugin } from './launched-plugin.ts';
import { meetPlugin } from './meet-plugin.ts';
import type { OutputListener } from './output-relay.ts';
import { type EnvironmentOptions, isOnLine, pluginEnvironment } from './plugin-environment.ts';
import { type LineHost, PluginLine } from './plugin-line.ts';
import { PluginProcess } from './plugin-process.ts';
import { ReportedFailure } from './reported-failure.ts';
import { startCancelled } from './start-failure.ts';
import { untilExit } from './start-steps.ts';
import { type ProcessStopOptions, stopProcess } from './stop-process.ts';
import { defaultReadyTimeoutMs, waitForReady } from './wait-for-ready.ts';

const launchLog = debugLog('launch');

/** Plugin to launch, and how. */
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
	/** Certificates directory; made where there is none. */
	readonly certsDir: string;
	/** Name on the certificate with which the orchestrator listens at {@link orchestratorAddr}. Default `orchestrator`. */
	readonly orchestratorName?: string | undefined;
	/** With {@link oneTimeIdentity} or the carrier `fd`: asked with the id that the plugin says; a sentence refuses it. */
	readonly refuseId?: ((id: string) => string | undefined) | undefined;
	/** Called with the reason why a certificate of this launch was not renewed; the one before it stays. Default: nobody. */
	readonly onIdentityProblem?: IdentityProblem | undefined;
	/** Called where the connection to the plugin could not be replaced; the one that stands goes on. Default: nobody is told. */
	readonly onConnectionProblem?: DialOptions['onProblem'];
	/** `host:port` of the orchestrator that the plugin registers with. Default: none. */
	readonly orchestratorAddr?: string | undefined;
	/** With the carrier `fd`: what serves the plugin, instead of the orchestrator at an address. Default: nobody does. */
	readonly host?: LineHost | undefined;
	/** Values that the plugin is booted with. */
	readonly config?: Record<string, string> | undefined;
	/** Milliseconds from the start of the process to its READY line, or to its registration over descriptors. Default 10 s. */
	readonly readyTimeoutMs?: number | undefined;
	/** Milliseconds for each of connect, register, boot and listing the tools. Default 10 s. */
	readonly stepTimeoutMs?: number | undefined;
	/** Milliseconds that its OnBoot hook may take. Default {@link stepTimeoutMs} where that is given, else 30 s. */
	readonly bootTimeoutMs?: number | undefined;
	/** The graces of {@link LaunchedPlugin.stop}, and of a start that fails. */
	readonly stop?: ProcessStopOptions | undefined;
	/** Aborting it ends a launch that is under way with `cancelled`; nothing stays behind. */
	readonly signal?: AbortSignal | undefined;
	/** Called with each line that the plugin prints, from its first on; it is read for ever, whether anybody listens or not. */
	readonly onOutput?: OutputListener | undefined;
	/** Called once when a plugin that was launched has ended, by a stop too. A launch that fails rejects instead. */
	readonly onExit?: ((status: ExitStatus) => void) | undefined;
}

/**
 * Starts a plugin in a process of its own, registers, boots, and lists what it has: over descriptors that it inherits, where `carrier` is
 * `fd` and it knows them, else over mutual TLS at the address of its READY line. Where any of it fails the process is ended, with all
 * that it started.
 *
 * @throws OrchestraError `start_failed` (it could not be run, or was not ready in time), `identity_mismatch` and whatever else
 * a dial throws, `deadline_exceeded`, `cancelled`; PeerError `registration_rejected`, `boot_failed`
 */
export async function launchPlugin(options: LaunchOptions): Promise<LaunchedPlugin> {
	const { id, certsDir, onIdentityProblem: onProblem } = options;
	const dialler = id ? `orchestrator-to-${id}` : 'orchestrator';
	let source: IdentitySource | undefined;
	const identity = async () => {
		source ??= await openDirectoryIdentity(certsDir, dialler, { onProblem });
		return source;
	};
	// A plugin that has descriptors needs no certificate, unless it does not know them.
	if (!isOnLine(options)) await identity();
	// The one that dials the plugin, and the one that it dials.
	const hosts = [...new Set([dialler, options.orchestratorName ?? 'orchestrator'])];
	try {
		const launched = await launchAs(identity, hosts, options);
		void launched.exited.then(() => source?.close());
		return launched;
	} catch (error) {
		source?.close();
		throw error;
	}
}

async function launchAs(
	identity: () => Promise<IdentitySource>,
	hosts: readonly string[],
	options: LaunchOptions,
): Promise<LaunchedPlugin> {
	const { certsDir, id, refuseId, signal } = options;
	const name = id ?? options.command;
	if (signal?.aborted) throw startCancelled(name, signal);
	const process = await PluginProcess.start(
		{
			command: options.command,
			args: [...(options.args ?? []), ...contractArgs(options)],
			cwd: options.cwd,
			env: { ...pluginEnvironment(options), ORCHESTRA_HOSTS: hosts.join(' ') },
			hasLine: isOnLine(options),
		},
		{ onOutput: options.onOutput },
	);
	const admission = { certsDir, expectedId: id, refuseId };
	const line = process.line && new PluginLine(process.line, process.pid, { ...admission, ...options.host });
	const { oneTimeIdentity, onIdentityProblem: onProblem } = options;
	const handover = oneTimeIdentity
		? new IdentityHandover(process, { ...admission, hosts, onProblem, isExpected: !line })
		: undefined;
	const reported = new ReportedFailure();
	let client: PluginClient | undefined;
	try {
		const address = await firstSign(line, signal, (until) =>
			waitForReady(process, {
				name,
				command: options.command,
				cwd: options.cwd,
				timeoutMs: options.readyTimeoutMs ?? defaultReadyTimeoutMs,
				signal: until,
				watch: handover && ((text) => handover.watch(text) || reported.watch(text)),
			}),
		);
		if (address) {
			launchLog?.(`${name} is ready at ${formatAddress(address)}`);
			// Built before there were any.
			if (line) process.dropLine();
			assertReached(name, address, handover, options);
		}
		const expectPeer = id ?? handover?.id;
		const timeoutMs = options.stepTimeoutMs ?? 10_000;
		const connection = address
			? await untilExit(process, name, signal, async (until) =>
					dial(address, {
						identity: await identity(),
						expectPeer,
						timeoutMs,
						signal: until,
						onProblem: options.onConnectionProblem,
					}),
				)
			: (line as PluginLine).connect();
		client = createClient(connection);
		const met = client;
		const { config = {} } = options;
		const facts = await untilExit(process, name, signal, (until) =>
			meetPlugin(met, {
				id: expectPeer ?? connection.peer.name,
				config,
				timeoutMs,
				bootTimeoutMs: options.bootTimeoutMs ?? options.stepTimeoutMs ?? bootTimeoutMs,
				inOrder: address === undefined,
				signal: until,
			}),
		);
		return new LaunchedPlugin(
			process,
			client,
			{ ...facts, address },
			{ stop: options.stop ?? {}, onExit: options.onExit },
		);
	} catch (error) {
		handover?.close();
		await client?.close();
		await stopProcess(process, options.stop);
		throw handover?.failure ?? reported.error ?? error;
	}
}

/** The address at which a plugin listens; undefined where it registers over its line, which comes first then. */
async function firstSign(
	line: PluginLine | undefined,
	signal: AbortSignal | undefined,
	wait: (signal: AbortSignal | undefined) => Promise<Address>,
): Promise<Address | undefined> {
	if (!line) return wait(signal);
	const waiting = new AbortController();
	const giveUp = () => waiting.abort(signal?.reason);
	if (signal?.aborted) giveUp();
	else signal?.addEventListener('abort', giveUp, { once: true });
	const listening = wait(waiting.signal);
	listening.catch(() => {});
	try {
		return await Promise.race([line.registered.then(() => undefined), listening]);
	} finally {
		signal?.removeEventListener('abort', giveUp);
		waiting.abort();
	}
}

/** @throws OrchestraError `start_failed` where a plugin listens in another way than it was asked to */
function assertReached(
	name: string,
	address: Address,
	handover: IdentityHandover | undefined,
	{ carrier }: LaunchOptions,
): void {
	if (carrier && carrier !== 'fd' && address.carrier !== carrier) {
		throw new OrchestraError(
			'start_failed',
			`${name} listens on ${address.carrier} at ${formatHostPort(address)}, but ${carrier} was asked for`,
			{ hint: 'Plugins of the Go SDK speak QUIC only.', details: { carrier: address.carrier } },
		);
	}
	if (handover && handover.id === undefined) {
		throw new OrchestraError('start_failed', `${name} is ready, but never asked for its certificate`, {
			hint: 'It was built for an older contract: start it as an executable.',
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
