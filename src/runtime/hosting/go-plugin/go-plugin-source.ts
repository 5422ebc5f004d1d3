import { attachGoPlugin, type GoPluginAttachment } from '../../launching/go-plugin/attach-go-plugin.ts';
import { launchGoPlugin } from '../../launching/go-plugin/go-plugin-process.ts';
import type { GoPluginSettings } from '../../launching/go-plugin/go-plugin-settings.ts';
import { HclogReader } from '../../launching/go-plugin/hclog-line.ts';
import type { HostedPlugin } from '../hosted-plugin.ts';
import { idOfLabel } from '../id-of-label.ts';
import type { PluginHost, PluginSource } from '../plugin-source.ts';
import { commandOf, type ProcessOptions } from '../process-options.ts';
import { hostGoPlugin } from './hosted-go-plugin.ts';
import type { HostedGoPluginOptions } from './hosted-go-plugin-options.ts';

/** Options of hosting a go-plugin. It has no OnBoot: its environment is how it is configured. */
export interface GoPluginOptions extends ProcessOptions, GoPluginSettings, HostedGoPluginOptions {
	/** Milliseconds from the start of the process to its handshake. Default 10 s. */
	readonly handshakeTimeoutMs?: number | undefined;
}

/**
 * An unmodified go-plugin over gRPC. Each method of its services is a tool: what it takes and gives is asked of the plugin itself, by
 * gRPC reflection.
 *
 * @example
 * import { goPlugin } from 'orchestra-toolchain/go-plugin';
 * import { Orchestrator } from 'orchestra-toolchain/host';
 *
 * await using orchestrator = new Orchestrator();
 * const cookie = { key: 'BASIC_PLUGIN', value: 'hello' };
 * await orchestrator.host(goPlugin({ label: 'kv', command: { command: './kv-go-grpc' }, cookie, versions: [1] }));
 */
export function goPlugin(options: GoPluginOptions): PluginSource {
	return {
		label: options.label,
		kind: 'launched',
		start: (host, signal) => start(options, host, signal),
	};
}

/** A go-plugin that runs already, and its options. */
export interface RunningGoPluginOptions extends GoPluginAttachment, HostedGoPluginOptions {
	/** Name for people before the plugin's id is known. */
	readonly label: string;
}

/**
 * A go-plugin that somebody else has started, without AutoMTLS: one that is debugged, say. It is neither signalled nor shut down: that is for
 * whoever started it.
 */
export function runningGoPlugin(options: RunningGoPluginOptions): PluginSource {
	return {
		label: options.label,
		kind: 'remote',
		async start(host, signal) {
			const id = host.expectedId ?? idOfLabel(options.label.replace(/\.exe$/i, ''), 'go-plugin');
			const connection = await attachGoPlugin(id, options, signal);
			try {
				return await hostGoPlugin(connection, 'remote', options, host, signal);
			} catch (error) {
				await connection.stop();
				throw error;
			}
		},
	};
}

async function start(options: GoPluginOptions, host: PluginHost, signal: AbortSignal): Promise<HostedPlugin> {
	const id = host.expectedId ?? idOfLabel(options.label.replace(/\.exe$/i, ''), 'go-plugin');
	const { command, args, cwd } = await commandOf(options);
	const hclog = new HclogReader();
	const connection = await launchGoPlugin({
		name: id,
		command,
		args,
		cwd,
		env: options.env,
		inheritEnv: options.inheritEnv,
		settings: options,
		handshakeTimeoutMs: options.handshakeTimeoutMs,
		stop: options.stop,
		signal,
		onOutput(line, stream) {
			const entry = stream === 'stderr' ? hclog.read(line) : undefined;
			if (entry) host.log({ ...entry, plugin: id });
			else host.output(id, line);
		},
	});
	try {
		return await hostGoPlugin(connection, 'launched', options, host, signal);
	} catch (error) {
		await connection.stop();
		throw await connection.failureOf(error);
	}
}
