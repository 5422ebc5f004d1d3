import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { readBootConfiguration } from '../cli/boot-configuration.ts';
import { carrierFlag } from '../cli/carrier-flag.ts';
import { contain } from '../cli/containment.ts';
import { environmentFlags } from '../cli/environment-flags.ts';
import { formatStopping } from '../cli/format-stopping.ts';
import { goPluginFlags } from '../cli/go-plugin-flags.ts';
import { InfoFile } from '../cli/info-file.ts';
import { readInheritedEnvironment } from '../cli/inherited-environment.ts';
import { logsJson } from '../cli/log-format.ts';
import { mcpFlags, mcpToken, parseMcpAddress, withMcpAddress } from '../cli/mcp-flags.ts';
import { loadMcpSoon, type McpServing, serveMcp } from '../cli/mcp-serving.ts';
import { exitOnNextSignal, nextSignal } from '../cli/next-signal.ts';
import { parseDuration } from '../cli/parse-duration.ts';
import { PluginOutput } from '../cli/plugin-output.ts';
import { readCarrier } from '../cli/read-carrier.ts';
import { readGoPluginFlags } from '../cli/read-go-plugin-flags.ts';
import { recordCalls } from '../cli/record-calls.ts';
import { configurationFile, formatWarning, goNotices, splitConfigWords } from '../cli/serve-configuration.ts';
import { graceFlag, listenAddresses, servingFlags } from '../cli/serving-flags.ts';
import { formatReload, formatServing, formatWait, servingPlugins } from '../cli/serving-output.ts';
import { hurryOutput } from '../cli/stdout.ts';
import { assertTerminal, hasTerminal } from '../cli/terminal-check.ts';
import type { Cluster } from '../cluster/index.ts';
import { type Address, formatAddress, isLoopback } from '../runtime/carrier/address.ts';
import type { ReloadResult } from '../runtime/orchestrator/administration/administration-service.ts';
import type { Orchestrator } from '../runtime/orchestrator/orchestrator.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { ClusterConfiguration, Configuration } from '../toolchain/configuration/configuration.ts';
import { readConfiguration } from '../toolchain/configuration/read-configuration.ts';
import { type MonitorAddress, parseMonitorAddress } from '../toolchain/monitoring/monitor-address.ts';
import { ServerMonitor } from '../toolchain/monitoring/server-monitor.ts';
import type { SourceContext } from '../toolchain/serve/plugin-to-serve.ts';
import { Reloader } from '../toolchain/serve/reloader.ts';
import { servedConfiguration } from '../toolchain/serve/served-configuration.ts';
import { servedTargets } from '../toolchain/serve/served-targets.ts';
import { startServing } from '../toolchain/serve/start-serving.ts';

export default class Serve extends BaseCommand {
	static override summary = 'Serve plugins to other programs, over QUIC and TCP with mutual TLS.';
	static override description =
		'Modules run in this process, or with --spawn in one each; executables in processes of their own. A plugin that cannot ' +
		'be started is named, and the others are served. Without a target it serves what orchestra.yaml, orchestra.yml or the Go ' +
		"orchestrator's plugins.yaml in this folder says. SIGINT and SIGTERM let the calls under way end, then stop everything.";
	static override examples = [
		'<%= config.bin %> serve examples/*',
		'<%= config.bin %> serve . --listen tcp://127.0.0.1:0 --json',
		'<%= config.bin %> serve notes/ ./go-notes --prefer notes',
		'<%= config.bin %> serve --config deploy/orchestra.yaml',
	];
	static override usage = 'serve [TARGET...] [FLAGS]';
	static override strict = false;
	static override args = {
		targets: Args.string({
			description: 'Folders, modules or executables; none where a configuration file names the plugins.',
		}),
	};
	static override flags = {
		...servingFlags,
		spawn: Flags.boolean({
			description: 'Give each module a process of its own, so that none can hurt another.',
		}),
		carrier: carrierFlag,
		strict: Flags.boolean({ description: 'Serve all plugins or none.' }),
		prefer: Flags.string({
			multiple: true,
			multipleNonGreedy: true,
			description: 'The plugin that answers for a name which several have, more than once if need be.',
			helpValue: 'ID',
		}),
		config: Flags.string({
			multiple: true,
			multipleNonGreedy: true,
			description:
				'A configuration file; or what plugins are booted with, more than once if need be: a key and its value, or @FILE with a JSON object.',
			helpValue: 'FILE|KEY=VALUE',
		}),
		...environmentFlags,
		...goPluginFlags,
		...mcpFlags,
		grace: graceFlag('10s'),
		'info-file': Flags.string({
			description: 'Write a file that says where it runs, as JSON, while it does: for editors and scripts.',
			helpValue: 'FILE',
		}),
		monitor: Flags.string({
			description:
				'Answer GET /metrics (Prometheus) and /healthz over plain HTTP there; on loopback where only a port is given, 0 takes any.',
			helpValue: '[HOST:]PORT',
		}),
	};

	/** Remarks, where each line of stderr is to be a JSON document. */
	#remark: ((text: string) => void) | undefined;

	async run(): Promise<void> {
		this.argv = withMcpAddress(this.argv);
		const { flags, argv } = await this.parse(Serve);
		const mcpHttp = flags['mcp-http'] === undefined ? undefined : parseMcpAddress(flags['mcp-http']);
		if (flags.mcp && this.jsonEnabled()) {
			throw new OrchestraError('usage', "with --mcp, stdout is the client's: there is no --json then", {
				hint: 'Serve MCP over HTTP with --mcp-http, which goes with --json.',
			});
		}
		const words = splitConfigWords(flags.config);
		const bootConfig = readBootConfiguration(words.boot);
		const inheritEnv = readInheritedEnvironment(flags);
		const goPlugin = readGoPluginFlags(flags);
		const targets = argv as string[];
		const file = configurationFile(words.file, targets);
		const configuration = file === undefined ? undefined : await readConfiguration(file);
		if (configuration && goPlugin) {
			throw new OrchestraError(
				'usage',
				'--cookie is for executables that are named, but a configuration file is served',
				{
					hint: 'Give the binary a go_plugin in the file.',
				},
			);
		}
		const addresses: readonly Address[] =
			(flags.listen && listenAddresses(flags.listen)) ??
			(flags.mcp ? [] : undefined) ??
			configuration?.listen ??
			listenAddresses();
		const monitorAddress =
			flags.monitor === undefined ? configuration?.monitor : parseMonitorAddress(flags.monitor);
		const plain = addresses.find((address) => address.carrier === 'tcp+plain');
		if (plain) {
			this.note(
				`${formatAddress(plain)} is neither encrypted nor authenticated: anyone on this machine can call`,
			);
		}
		const graceMs = parseDuration(flags.grace);
		const asJson = logsJson();
		const shows = flags.tui ?? (hasTerminal() && !this.jsonEnabled() && !asJson && !flags.mcp);
		if (shows)
			assertTerminal('serve --tui', 'Leave --tui out: everything is printed then.', this.jsonEnabled());
		const output = new PluginOutput({ ...flags, json: this.jsonEnabled() });
		await recordCalls(output);
		if (asJson) this.#remark = (message) => output.log({ level: 'info', plugin: 'orchestrator', message });
		this.warnOfMonitor(monitorAddress);
		const json = this.jsonEnabled();
		using _containment = contain({ output, json, tells: !json || flags.verbose, signalGraceMs: graceMs });
		const stopSignal = nextSignal('SIGINT', 'SIGTERM');
		for (const warning of configuration?.warnings ?? []) {
			this.note(`warning: ${formatWarning(configuration as Configuration, warning)}`);
		}
		for (const notice of configuration ? goNotices(configuration) : []) this.note(notice);
		const { spawn, prefer } = flags;
		const additions = { spawn, carrier: readCarrier(flags), config: bootConfig, inheritEnv };
		const set = configuration
			? servedConfiguration(configuration, { ...additions, prefer, onLog: output.log })
			: servedTargets(targets, { ...additions, prefer, goPlugin, config: { '*': bootConfig } });
		if (flags.mcp || mcpHttp) loadMcpSoon();
		const cluster = configuration?.cluster && (await joinCluster(configuration.cluster, output));
		let reloader: Reloader | undefined;
		let mcp: McpServing | undefined;
		let info: InfoFile | undefined;
		let context: SourceContext | undefined;
		const orchestrator = await startServing(set, {
			administration: {
				...(configuration ? { reload: () => reload(reloader) } : {}),
			},
			onContext: (given) => {
				context = given;
			},
			addresses,
			cluster,
			certsDir: flags['certs-dir'] ?? configuration?.certsDir,
			strict: flags.strict,
			signal: stopSignal.aborted,
			onLog: (entry) => {
				output.log(entry);
				mcp?.front.log(entry);
			},
			onOutput: output.line,
			onFailure: ({ id }, { message, hint }) =>
				output.log({ level: 'error', plugin: id, message: hint ? `${message}. ${hint}` : message }),
		});
		const monitor = new ServerMonitor(orchestrator);
		if (configuration && context) {
			reloader = new Reloader(configuration, {
				orchestrator,
				context,
				additions,
				cluster,
				moveMonitor:
					flags.monitor === undefined
						? async (to) => {
								this.warnOfMonitor(to);
								await monitor.move(to);
								return monitor.url;
							}
						: undefined,
				onReload: (result) => this.tellReload(result),
				onFault: (error) => this.tellReloadFailure(error, output),
			});
			reloader.watch();
			process.on('SIGHUP', () => void reloader?.reloadAndTell());
		}
		try {
			if (monitorAddress) await monitor.move(monitorAddress);
			if (flags.mcp || mcpHttp) {
				mcp = await serveMcp(orchestrator, {
					stdio: flags.mcp,
					http: mcpHttp && { ...mcpHttp, token: mcpToken() },
					discovery: flags['mcp-discovery'],
					storage: flags['mcp-storage'],
					onLog: output.log,
				});
			}
			if (flags['info-file'] !== undefined) {
				info = new InfoFile(flags['info-file'], {
					pid: process.pid,
					addresses: [...orchestrator.addresses.map(formatAddress), ...(mcp?.url ? [mcp.url] : [])],
					plugins: orchestrator.slots.map(({ id, state }) => ({ id, state })),
				});
			}
			if (!flags.mcp) this.announce(orchestrator, configuration, { mcpUrl: mcp?.url, monitor: monitor.url });
			const screen = shows && this.show(orchestrator, output, { signal: stopSignal.aborted, reloader });
			const signal = await Promise.race([
				stopSignal.received,
				...(screen ? [screen] : []),
				...(mcp?.ended ? [mcp.ended.then(() => clientGone)] : []),
			]);
			hurryOutput();
			// The terminal is given back before anything is said on it.
			await screen;
			// A second signal means now.
			exitOnNextSignal();
			if (signal !== clientGone) this.note(formatStopping(signal));
		} finally {
			info?.[Symbol.dispose]();
			reloader?.close();
			await mcp?.close();
			await monitor.close();
			await cluster?.drain();
			await orchestrator.stop({ graceMs, onWait: (calls) => this.note(formatWait(calls, graceMs)) });
			await cluster?.leave();
		}
		if (this.jsonEnabled()) this.line({ event: 'stopped' });
	}

	/** Shows what happens on the whole terminal, until somebody leaves. @returns why it ended */
	private async show(
		orchestrator: Orchestrator,
		output: PluginOutput,
		{ signal, reloader }: { readonly signal: AbortSignal; readonly reloader: Reloader | undefined },
	): Promise<string> {
		const { connectLocally, runTui, ServerFeed } = await import('../tui/index.ts');
		const feed = new ServerFeed({
			title: orchestrator.addresses.map(formatAddress).join('  '),
			connection: connectLocally(orchestrator),
			events: { topics: ['**'] },
			followsLogs: false,
		});
		output.divert((line) => feed.log({ ...line, plugin: line.plugin || 'orchestrator' }));
		try {
			return await runTui({
				feed,
				signal,
				quitQuestion: 'stop the server, and its plugins?',
				hangsUp: reloader === undefined,
				onText: (text) =>
					feed.log({ plugin: 'orchestrator', level: 'output', text: text.trimEnd(), time: Date.now() }),
			});
		} finally {
			output.divert(undefined);
		}
	}

	/** Writes a remark, as a line of the log where that is JSON. */
	protected override note(text: string): void {
		if (this.#remark) this.#remark(text);
		else super.note(text);
	}

	/** Says that whoever reaches the monitor reads it, where that is not only this machine. */
	private warnOfMonitor(address: MonitorAddress | undefined): void {
		if (!address || isLoopback(address.host)) return;
		this.note(
			`the monitor on ${address.host} is neither encrypted nor authenticated: whoever reaches it reads the names of plugins and tools`,
		);
	}

	/** Says what a reload did, with `--json` as an event. */
	private tellReload(result: ReloadResult): void {
		if (this.jsonEnabled()) this.line({ event: 'reloaded', ...result });
		else this.note(formatReload(result));
	}

	/** Says that nothing was reloaded and why, with `--json` as an event. */
	private tellReloadFailure({ code, message, hint, details }: OrchestraError, output: PluginOutput): void {
		if (this.jsonEnabled()) this.line({ event: 'reload_failed', error: { code, message, hint, details } });
		const text = `nothing was reloaded: ${message}${hint ? `. ${hint}` : ''}`;
		output.log({ level: 'error', plugin: 'orchestrator', message: text });
	}

	/** Says what is served, and with `--json` from then on each change of a plugin. */
	private announce(
		orchestrator: Orchestrator,
		configuration: Configuration | undefined,
		{ mcpUrl, monitor }: { readonly mcpUrl: string | undefined; readonly monitor: string | undefined },
	): void {
		const addresses = [...orchestrator.addresses.map(formatAddress), ...(mcpUrl ? [mcpUrl] : [])];
		if (!this.jsonEnabled()) {
			process.stdout.write(`${formatServing(orchestrator.slots, addresses)}\n`);
			if (monitor) process.stdout.write(`monitor  ${monitor}/metrics  ${monitor}/healthz\n`);
			return;
		}
		const plugins = servingPlugins(orchestrator.slots);
		const from = configuration && { configuration: configuration.file, warnings: configuration.warnings };
		this.line({ event: 'ready', addresses, plugins, ...(monitor ? { monitor } : {}), ...from });
		orchestrator.onChange((change) => {
			if (change.kind !== 'plugin') return;
			const { id = '', state = '', reason = '' } = change.slot.status;
			this.line({ event: 'plugin', id, state, ...(reason ? { reason } : {}) });
		});
	}
}

/** Reason for stopping where the client of --mcp has closed its end. */
const clientGone = 'the client has gone';

/** A node of a cluster; NATS is loaded here, and nowhere else. */
async function joinCluster(configuration: ClusterConfiguration, output: PluginOutput): Promise<Cluster> {
	const { Cluster } = await import('../cluster/index.ts');
	return new Cluster({ ...configuration, onLog: output.log });
}

/** @throws OrchestraError `plugin_unavailable` where the server is still starting */
function reload(reloader: Reloader | undefined): Promise<ReloadResult> {
	if (reloader) return reloader.reload();
	throw new OrchestraError('plugin_unavailable', 'the server is still starting', {
		retryable: true,
		hint: 'Reload when it runs.',
	});
}
