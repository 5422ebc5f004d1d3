import type { ProcessStopOptions } from '../../launching/stop-process.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { HostedPlugin } from '../hosted-plugin.ts';
import { idOfLabel } from '../id-of-label.ts';
import type { PluginHost, PluginSource } from '../plugin-source.ts';
import { HostedMcpServer } from './hosted-mcp-server.ts';
import { McpConnection } from './mcp-connection.ts';
import { mcpPlugin } from './mcp-plugin.ts';
import type { McpSettings } from './mcp-settings.ts';

/** Options of hosting an MCP server. */
export interface McpServerOptions {
	/** Name for people; its id, made to a name, unless its host knows another. */
	readonly label: string;
	readonly settings: McpSettings;
	/** Variables of its own; they win over what is passed on. */
	readonly env?: Readonly<Record<string, string>> | undefined;
	/** Part of the host's environment that it sees besides the harmless variables. Default: none. */
	readonly inheritEnv?: boolean | readonly string[] | undefined;
	/** Milliseconds until it has answered for the first time. Default 60 s. */
	readonly connectTimeoutMs?: number | undefined;
	/** The graces of its stop. */
	readonly stop?: ProcessStopOptions | undefined;
}

/**
 * An MCP server as a plugin: its tools, prompts and resources are those of the plugin, and follow what it says of changes. In a process
 * of its own it is started, guarded and ended as every plugin is.
 *
 * @example
 * import { Orchestrator } from 'orchestra-toolchain/host';
 * import { mcpServer } from 'orchestra-toolchain/mcp';
 *
 * await using orchestrator = new Orchestrator();
 * await orchestrator.host(mcpServer({ label: 'files', settings: { command: 'some-mcp-server', args: ['--stdio'] } }));
 */
export function mcpServer(options: McpServerOptions): PluginSource {
	const kind = 'url' in options.settings ? 'remote' : 'launched';
	return {
		label: options.label,
		kind,
		start: (host, signal) => start(options, kind, host, signal),
	};
}

async function start(
	{ label, settings, ...options }: McpServerOptions,
	kind: HostedPlugin['kind'],
	host: PluginHost,
	signal: AbortSignal,
): Promise<HostedPlugin> {
	const id = host.expectedId ?? idOfLabel(label, 'mcp');
	const warn = (message: string) => host.log({ level: 'warn', plugin: id, message });
	let hosted: HostedMcpServer | undefined;
	let isReading = false;
	let again = false;
	const readAgain = async (): Promise<void> => {
		isReading = true;
		do {
			again = false;
			try {
				const plugin = await mcpPlugin(connection, id, warn, AbortSignal.timeout(listMs));
				await hosted?.replace(plugin);
			} catch (error) {
				if (!connection.closing)
					warn(`its lists have changed and could not be read: ${(error as Error).message}`);
			}
		} while (again);
		isReading = false;
	};
	const connection = await McpConnection.open(
		label,
		{
			...options,
			settings,
			onOutput: (line) => host.output(id, line),
			onFault: (message) => host.log({ level: 'debug', plugin: id, message }),
			onListChanged: () => {
				if (!hosted) return;
				again = true;
				if (!isReading) void readAgain();
			},
		},
		signal,
	);
	try {
		hosted = await HostedMcpServer.host(
			connection,
			kind,
			host,
			await mcpPlugin(connection, id, warn, signal),
		);
		return hosted;
	} catch (error) {
		const failure = await connection.failureOf(error);
		await connection.close();
		throw OrchestraError.from(failure, 'start_failed', `MCP server ${label} could not be read`);
	}
}

/** Milliseconds in which all lists are read again. */
const listMs = 60_000;
