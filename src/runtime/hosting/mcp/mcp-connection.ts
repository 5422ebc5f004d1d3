import { ProtocolError, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { type EnvironmentOptions, pluginEnvironment } from '../../launching/plugin-environment.ts';
import { PluginProcess } from '../../launching/plugin-process.ts';
import { type ProcessStopOptions, stopProcess } from '../../launching/stop-process.ts';
import { type ExitStatus, formatExit } from '../../platform/exit-status.ts';
import { settlesWithin } from '../../platform/settles-within.ts';
import { softwareVersion } from '../../plugin/serving/software.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { McpSettings } from './mcp-settings.ts';
import { ProcessTransport } from './process-transport.ts';
import { TaskClient } from './task-client.ts';

/** Bytes of a message, at most. */
const maxLineBytes = 16 * 1024 * 1024;

/** Milliseconds from its start to its first answer. `npx` may have to fetch it first. */
export const defaultConnectMs = 60_000;

/** Milliseconds in which the era of a server is found out: old ones may never answer a question that they do not know. */
const probeMs = 5_000;

/** Milliseconds from the end of its input to SIGTERM. */
const exitGraceMs = 500;

/** Milliseconds in which the system reports the end of a process whose connection broke. */
const exitNoticeMs = 250;

/** Capabilities that we state: a server's question is passed to whoever calls, as an error that says what is needed. */
export const clientCapabilities = { elicitation: { form: {} }, sampling: {}, roots: {} };

/** Options of a connection to an MCP server. */
export interface McpConnectionOptions extends Pick<EnvironmentOptions, 'env' | 'inheritEnv'> {
	readonly settings: McpSettings;
	readonly connectTimeoutMs?: number | undefined;
	readonly stop?: ProcessStopOptions | undefined;
	readonly onOutput: (line: string) => void;
	/** Called when it sends something that is no message. */
	readonly onFault: (message: string) => void;
	/** Called when its lists have changed. */
	readonly onListChanged: () => void;
}

/** A connection to an MCP server, and its process where we started one. Whoever made it closes it. */
export class McpConnection {
	readonly name: string;
	readonly client: TaskClient;
	readonly process: PluginProcess | undefined;
	/** Settles when it is over: its process has ended, or it was closed. Never rejects. */
	readonly ended: Promise<ExitStatus | undefined>;
	readonly #stop: ProcessStopOptions | undefined;
	#closing: Promise<void> | undefined;

	private constructor(
		name: string,
		client: TaskClient,
		process: PluginProcess | undefined,
		stop: ProcessStopOptions | undefined,
	) {
		this.name = name;
		this.client = client;
		this.process = process;
		this.#stop = stop;
		this.ended = process ? process.exited : new Promise((resolve) => this.#onClose(() => resolve(undefined)));
	}

	/** Starts or reaches a server, and finds out which revisions it speaks. @throws OrchestraError `start_failed`, `unreachable`, `cancelled` */
	static async open(
		name: string,
		options: McpConnectionOptions,
		signal: AbortSignal,
	): Promise<McpConnection> {
		const { settings, onFault } = options;
		const timeoutMs = options.connectTimeoutMs ?? defaultConnectMs;
		const changed = { onChanged: options.onListChanged, autoRefresh: false, debounceMs: 100 };
		const client = new TaskClient(
			{ name: 'orchestra', version: softwareVersion },
			{
				capabilities: clientCapabilities,
				inputRequired: { autoFulfill: false },
				versionNegotiation: { mode: 'auto', probe: { timeoutMs: Math.min(probeMs, timeoutMs) } },
				listChanged: { tools: changed, prompts: changed, resources: changed },
			},
		);
		// Servers of the era before 2026 ask while a call waits. Nobody is here to answer.
		client.setRequestHandler('elicitation/create', () => ({ action: 'cancel' as const }));
		client.setRequestHandler('roots/list', () => ({ roots: [] }));
		client.setRequestHandler('sampling/createMessage', () => {
			throw new Error('nobody answers for a model here');
		});
		client.onerror = ({ message }) => onFault(message);
		const process = 'command' in settings ? await startServer(settings, options) : undefined;
		const connection = new McpConnection(name, client, process, options.stop);
		try {
			const transport = process
				? new ProcessTransport(process, name)
				: httpTransport(settings as { url: string });
			const expires = AbortSignal.timeout(timeoutMs);
			const ended = process?.exited.then((exit) => {
				throw earlyEnd(name, process, exit);
			});
			ended?.catch(() => {});
			await Promise.race([
				client.connect(transport as Transport, {
					timeout: timeoutMs,
					signal: AbortSignal.any([signal, expires]),
				}),
				...(ended ? [ended] : []),
			]);
			return connection;
		} catch (error) {
			// Its end says more than what the connection makes of it.
			const exit =
				process && (await settlesWithin(process.exited, exitNoticeMs)) ? await process.exited : undefined;
			await connection.close();
			if (signal.aborted)
				throw new OrchestraError('cancelled', `the start of ${name} was given up`, { cause: error });
			if (process && exit) throw earlyEnd(name, process, exit);
			throw notConnected(name, settings, timeoutMs, error);
		}
	}

	/** Whether it was told to end. */
	get closing(): boolean {
		return this.#closing !== undefined;
	}

	/** Asks whether it is there. @throws what the client throws */
	async ping(timeoutMs: number): Promise<void> {
		const { client } = this;
		try {
			if (client.getProtocolEra() === 'modern') await client.discover({ timeout: timeoutMs });
			else await client.ping({ timeout: timeoutMs });
		} catch (error) {
			// Not every server knows the question; it has answered.
			if (!(error instanceof ProtocolError)) throw error;
		}
	}

	/** Cause of a failed call: where the process has ended, or ends in a moment, that. */
	async failureOf(error: unknown): Promise<unknown> {
		const { process } = this;
		if (!process || this.#closing || !(await settlesWithin(process.exited, exitNoticeMs))) return error;
		return endOf(this.name, process, await process.exited);
	}

	/** Ends it. Never rejects; calls share one end. */
	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	#closed: (() => void)[] = [];

	#onClose(listener: () => void): void {
		this.#closed.push(listener);
	}

	async #close(): Promise<void> {
		await this.client.close().catch(() => {});
		if (this.process) {
			// It ends with its input where it follows MCP.
			this.process.closeStdin();
			await stopProcess(
				this.process,
				{ exitGraceMs, ...this.#stop },
				{ shutdown: () => Promise.resolve(true) },
			).catch(() => {});
		}
		for (const listener of this.#closed) listener();
	}
}

function startServer(
	{ command, args = [], cwd }: Extract<McpSettings, { command: string }>,
	{ env, inheritEnv, onOutput }: McpConnectionOptions,
): Promise<PluginProcess> {
	return PluginProcess.start(
		{ command, args, cwd, env: pluginEnvironment({ env, inheritEnv }) },
		{ onOutput, maxLineBytes },
	);
}

function httpTransport({
	url,
	headers,
}: {
	url: string;
	headers?: Readonly<Record<string, string>> | undefined;
}): Transport {
	return new StreamableHTTPClientTransport(
		new URL(url),
		headers ? { requestInit: { headers: { ...headers } } } : {},
	) as Transport;
}

function earlyEnd(name: string, { outputTail }: PluginProcess, exit: ExitStatus): OrchestraError {
	return new OrchestraError(
		'start_failed',
		`MCP server ${name} ended while it was started (${formatExit(exit)})`,
		{
			hint: outputTail.length > 0 ? `Its last output:\n${outputTail.join('\n')}` : 'It printed nothing.',
			details: { exitCode: exit.code, signal: exit.signal, output: [...outputTail] },
			retryable: true,
		},
	);
}

function endOf(name: string, { outputTail }: PluginProcess, exit: ExitStatus): OrchestraError {
	return new OrchestraError('connection_lost', `MCP server ${name} has ended (${formatExit(exit)})`, {
		hint: outputTail.length > 0 ? `Its last output:\n${outputTail.join('\n')}` : undefined,
		details: { exitCode: exit.code, signal: exit.signal },
		retryable: true,
	});
}

function notConnected(
	name: string,
	settings: McpSettings,
	timeoutMs: number,
	error: unknown,
): OrchestraError {
	const { message } = error as Error;
	if ('url' in settings) {
		return new OrchestraError('unreachable', `no MCP server answers at ${settings.url}: ${message}`, {
			hint: 'Check the address, and the headers that it wants.',
			details: { url: settings.url },
			retryable: true,
			cause: error,
		});
	}
	return new OrchestraError(
		'start_failed',
		`${name} does not speak MCP on its stdin and stdout: ${message}`,
		{
			hint: `Run it by hand to see what it says; it had ${timeoutMs} ms.`,
			details: { command: settings.command },
			cause: error,
		},
	);
}
