import { dirname } from 'node:path';
import type { NetworkCarrier } from '../../carrier/address.ts';
import { inheritedLine } from '../../carrier/fd/inherited-line.ts';
import { type Line, lineVariable } from '../../carrier/fd/line-descriptors.ts';
import { startTelemetry, stopTelemetry } from '../../telemetry/start-telemetry.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { stackOf } from '../../wire/thrown-value.ts';
import type { Plugin } from '../definition/plugin.ts';
import { softwareVersion } from '../serving/software.ts';
import type { HandedIdentity } from './handed-identity.ts';
import { readHostInput } from './host-input.ts';
import { flushLog, writeContractLine, writeLogEntry } from './process-log.ts';
import type { RunFlags } from './run-flags.ts';
import { serveOnLine } from './serve-on-line.ts';
import type { ServedPlugin } from './served-plugin.ts';

/** Milliseconds from the death of the host to the end of this process, whatever its shutdown does. */
const orphanGraceMs = 5_000;

/** The same for every other reason to stop. */
const stopGraceMs = 15_000;

/** Milliseconds that a host gets to read the answer to its shutdown request and to hang up. */
const hangUpMs = 500;

/** Milliseconds in which the last spans and metrics are sent. Less than the host waits for the end of the process. */
const lastExportMs = 1_000;

/** Milliseconds in which the system reports that the parent of this process has changed. */
const reparentedMs = 1_000;

/** The carrier that the host asks for in the environment. */
function hostCarrier(env: NodeJS.ProcessEnv): NetworkCarrier | undefined {
	const name = env.ORCHESTRA_CARRIER;
	if (name === undefined || name === '') return undefined;
	if (name === 'tcp' || name === 'quic') return name;
	throw new OrchestraError('usage', `ORCHESTRA_CARRIER is quic or tcp, not ${JSON.stringify(name)}`);
}

/** Whether the host gives this process its identity over stdin. */
function isHanded(env: NodeJS.ProcessEnv): boolean {
	const how = env.ORCHESTRA_IDENTITY;
	if (how === undefined || how === '') return false;
	if (how === 'stdin') return true;
	throw new OrchestraError('usage', `ORCHESTRA_IDENTITY is stdin, not ${JSON.stringify(how)}`);
}

/** Names on the certificates of the host, where whoever started this process has said them. */
function hostNames({ ORCHESTRA_HOSTS = '' }: NodeJS.ProcessEnv): readonly string[] | undefined {
	const names = ORCHESTRA_HOSTS.split(' ').filter(Boolean);
	return names.length > 0 ? names : undefined;
}

async function handedIdentity({ id }: Plugin): Promise<HandedIdentity> {
	// Whoever is on a line needs nothing of certificates.
	const { HandedIdentity } = await import('./handed-identity.ts');
	return new HandedIdentity(id, (error) =>
		writeLogEntry({
			level: 'warn',
			plugin: id,
			message: `its certificate stays as it is: ${error.message}`,
		}),
	);
}

/**
 * Runs a plugin as this process, until a shutdown request, SIGTERM, SIGINT or SIGHUP, the end of stdin where the host watches it
 * so (`ORCHESTRA_PARENT_WATCH=stdin`), or the death of a host that does not. Returns the exit code.
 *
 * @throws OrchestraError whatever {@link servePlugin} throws; `usage`
 */
export async function runProcess(plugin: Plugin, flags: RunFlags): Promise<number> {
	const { settings } = plugin;
	const parent = process.ppid;
	let served: ServedPlugin | undefined;
	let exitCode = 0;
	let stopRequested = false;
	let wake: () => void = () => {};
	const stopped = new Promise<void>((resolve) => {
		wake = resolve;
	});
	const requestStop = (graceMs: number, code = 0): void => {
		// Never unconditionally: the host's death shortens a shutdown that is under way.
		setTimeout(() => process.exit(1), graceMs).unref();
		exitCode ||= code;
		stopRequested = true;
		wake();
	};
	const onSignal = (signal: NodeJS.Signals): void => {
		// Asked twice by a person: at once.
		if (stopRequested && signal === 'SIGINT') process.exit(130);
		requestStop(stopGraceMs);
	};
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
	process.on('unhandledRejection', (reason) =>
		logStray(plugin, 'a promise was rejected and nobody heard it', reason),
	);
	process.on('uncaughtException', (error) => {
		// Nobody knows what state this leaves behind: end, and let the host start anew.
		logStray(plugin, 'an exception was thrown outside of every handler', error);
		requestStop(stopGraceMs, 1);
	});
	// A host that closed its end of our output, or died: nobody is left to be told.
	for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
	const line = inheritedLine(process.env);
	const handed = !line && isHanded(process.env) ? await handedIdentity(plugin) : undefined;
	const watched = process.env.ORCHESTRA_PARENT_WATCH === 'stdin';
	if (handed || watched) {
		readHostInput({
			line: (text) => handed?.line(text),
			gone() {
				handed?.gone();
				if (watched) requestStop(orphanGraceMs);
			},
		});
	}
	const hosts = hostNames(process.env);
	// Processes that this one starts have another stdin, and another host.
	delete process.env.ORCHESTRA_IDENTITY;
	delete process.env.ORCHESTRA_HOSTS;
	delete process.env[lineVariable];

	try {
		await recordCalls(plugin);
		served = line ? await onLine(line) : await onNetwork();
		if (!served) return exitCode;
		const { dispatcher, listener } = served;
		await Promise.race([stopped, dispatcher.ended]);
		if (!stopRequested) {
			// Shut down by request: the answer is on its way.
			requestStop(stopGraceMs);
			const endsAt = Date.now() + hangUpMs;
			while (listener.connectionCount > 0 && Date.now() < endsAt) {
				await new Promise((resolve) => setTimeout(resolve, 10));
			}
		}
		return exitCode;
	} finally {
		await served?.stop();
		await stopTelemetry(lastExportMs);
		await flushLog();
	}

	async function onLine(line: Line): Promise<ServedPlugin> {
		return serveOnLine(plugin, line, {
			hosts,
			log: writeLogEntry,
			onHostGone: () => requestStop(orphanGraceMs),
			stopped,
		});
	}

	/** Undefined where it is to stop before it has an identity. */
	async function onNetwork(): Promise<ServedPlugin | undefined> {
		const first = handed?.first(() => writeContractLine(`IDENTIFY ${plugin.id}`));
		const identity = first && (await Promise.race([first, stopped.then(() => undefined)]));
		if (stopRequested) return undefined;
		const { servePlugin } = await import('./serve-plugin.ts');
		return servePlugin(plugin, {
			listenAddr: flags.listenAddr ?? settings.listenAddr,
			carrier: hostCarrier(process.env),
			orchestratorAddr: flags.orchestratorAddr || settings.orchestratorAddr,
			certsDir: flags.certsDir ?? settings.certsDir,
			identity,
			hosts: handed?.hosts ?? hosts,
			log: writeLogEntry,
			onListening: (address) => writeContractLine(`READY ${address}`),
			stopped,
			onOrchestratorLost: () => {
				// A host that was killed says nothing; its children get another parent.
				setTimeout(() => {
					if (process.ppid !== parent) requestStop(orphanGraceMs);
				}, reparentedMs).unref();
			},
		});
	}
}

/** Records calls, where the host's environment asks for it. */
async function recordCalls({ id }: Plugin): Promise<void> {
	await startTelemetry({
		service: id,
		version: softwareVersion,
		from: [...(process.argv[1] ? [dirname(process.argv[1])] : []), process.cwd(), import.meta.dirname],
		warn: (message) => writeLogEntry({ level: 'warn', plugin: id, message }),
	});
}

function logStray(plugin: Plugin, message: string, reason: unknown): void {
	writeLogEntry({ level: 'error', message, fields: { error: stackOf(reason) }, plugin: plugin.id });
}
