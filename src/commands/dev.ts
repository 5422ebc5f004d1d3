import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { readBootConfiguration } from '../cli/boot-configuration.ts';
import { bootConfigurationFlag } from '../cli/boot-configuration-flag.ts';
import { carrierFlag } from '../cli/carrier-flag.ts';
import { contain } from '../cli/containment.ts';
import { debuggerIn, openDebugger } from '../cli/debugger.ts';
import { DevTitle, devDocument, devLines, formatDevEvent } from '../cli/dev-output.ts';
import { checkDuration } from '../cli/duration-flag.ts';
import { environmentFlags } from '../cli/environment-flags.ts';
import { formatStopping } from '../cli/format-stopping.ts';
import { readInheritedEnvironment } from '../cli/inherited-environment.ts';
import { logsJson } from '../cli/log-format.ts';
import { exitOnNextSignal, nextSignal } from '../cli/next-signal.ts';
import { parseDuration } from '../cli/parse-duration.ts';
import { PluginOutput } from '../cli/plugin-output.ts';
import { readCarrier } from '../cli/read-carrier.ts';
import { recordCalls } from '../cli/record-calls.ts';
import { graceFlag, listenAddresses, servingFlags } from '../cli/serving-flags.ts';
import { formatServing, formatWait, servingPlugins } from '../cli/serving-output.ts';
import { hurryOutput } from '../cli/stdout.ts';
import { style } from '../cli/style.ts';
import { assertTerminal, hasTerminal } from '../cli/terminal-check.ts';
import { formatAddress } from '../runtime/carrier/address.ts';
import type { Orchestrator } from '../runtime/orchestrator/orchestrator.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { DevEvent } from '../toolchain/dev/dev-event.ts';
import { DevSession } from '../toolchain/dev/dev-session.ts';
import { devSet } from '../toolchain/dev/dev-set.ts';
import { PluginCode } from '../toolchain/dev/plugin-code.ts';
import { TypeChecks } from '../toolchain/dev/type-checks.ts';
import { startServing } from '../toolchain/serve/start-serving.ts';

export default class Dev extends BaseCommand {
	static override summary = 'Run a plugin while you write it: each save takes effect at once.';
	static override description =
		'Serves the plugin of a folder or module as serve does, and puts what is saved in the place of what runs, without a call or ' +
		'a connection being lost: calls under way end on the code where they began. What does not compile or start leaves the last ' +
		"version as it is. Types are checked beside that, with the project's own TypeScript.";
	static override examples = [
		'<%= config.bin %> dev',
		'<%= config.bin %> dev weather --spawn --inspect',
		'<%= config.bin %> dev . --listen tcp://127.0.0.1:0 --no-tui',
	];
	static override args = {
		dir: Args.string({ description: 'Folder or module of the plugin.', default: '.' }),
	};
	static override flags = {
		...servingFlags,
		spawn: Flags.boolean({ description: 'Give each version a process of its own.' }),
		carrier: carrierFlag,
		inspect: Flags.boolean({
			description:
				'Let a debugger attach, from this machine: to this process, or with --spawn to that of each version.',
		}),
		check: Flags.boolean({ description: 'Check types too.', default: true, allowNo: true }),
		config: bootConfigurationFlag,
		...environmentFlags,
		drain: Flags.string({
			description: 'How long calls get to end on the version where they began.',
			helpValue: 'DURATION',
			default: '10m',
			parse: checkDuration,
		}),
		grace: graceFlag('2s'),
	};

	/** Takes what happens to the plugin; on the whole terminal somebody else shows it. */
	private show: (event: DevEvent) => void = (event) => {
		if (this.jsonEnabled()) this.line(devDocument(event));
		else process.stdout.write(`${formatDevEvent(event)}\n`);
	};

	async run(): Promise<void> {
		const { args, flags } = await this.parse(Dev);
		const { spawn } = flags;
		const json = this.jsonEnabled();
		const config = readBootConfiguration(flags.config);
		const inheritEnv = readInheritedEnvironment(flags);
		const addresses = listenAddresses(flags.listen);
		const shows = flags.tui ?? (hasTerminal() && !json && !logsJson());
		if (shows) assertTerminal('dev --tui', 'Leave --tui out: everything is printed then.', json);
		const code = new PluginCode(args.dir, spawn);
		const output = new PluginOutput({ ...flags, json });
		await recordCalls(output);
		const graceMs = parseDuration(flags.grace);
		const debuggedAt = flags.inspect && !spawn ? await openDebugger() : undefined;
		using _containment = contain({
			output,
			json,
			tells: !json || flags.verbose,
			signalGraceMs: graceMs,
			isDebugged: flags.inspect,
		});
		const stopSignal = nextSignal('SIGINT', 'SIGTERM');
		const { set, source } = devSet(code, {
			label: args.dir,
			spawn,
			carrier: readCarrier(flags),
			inspect: flags.inspect,
			config,
			inheritEnv,
		});
		const session = new DevSession({
			code,
			source,
			drainMs: parseDuration(flags.drain),
			types: flags.check ? new TypeChecks(args.dir) : undefined,
			tell: (event) => this.show(event),
			onSlow: (error) =>
				this.note(`changes are found within 2 s: the system does not tell of them (${error})`),
		});
		let orchestrator: Orchestrator | undefined;
		try {
			await session.open();
			orchestrator = await startServing(set, {
				addresses,
				certsDir: flags['certs-dir'],
				staysUp: true,
				signal: stopSignal.aborted,
				onLog: output.log,
				onOutput: (label, line) => {
					const url = flags.inspect ? debuggerIn(line) : undefined;
					if (url === undefined) output.line(label, line);
					else this.tellDebugger(url, output);
				},
				onFailure: () => {},
			});
			this.announce(orchestrator);
			if (debuggedAt !== undefined) this.tellDebugger(debuggedAt, output);
			const [slot] = orchestrator.slots;
			if (!slot) throw new OrchestraError('internal', 'there is no plugin to follow');
			const screen = shows && this.showScreen(orchestrator, output, stopSignal.aborted);
			session.follow(slot);
			const signal = await Promise.race([stopSignal.received, ...(screen ? [screen] : [])]);
			hurryOutput();
			// The terminal is given back before anything is said on it.
			await screen;
			// A second signal means now.
			exitOnNextSignal();
			this.note(formatStopping(signal));
		} finally {
			const closed = session.close();
			await orchestrator?.stop({ graceMs, onWait: (calls) => this.note(formatWait(calls, graceMs)) });
			await closed;
		}
		if (json) this.line({ event: 'stopped' });
	}

	/** Shows what happens on the whole terminal, until somebody leaves. @returns why it ended */
	private async showScreen(
		orchestrator: Orchestrator,
		output: PluginOutput,
		signal: AbortSignal,
	): Promise<string> {
		const title = new DevTitle(orchestrator.addresses.map(formatAddress));
		const early: DevEvent[] = [];
		const printed = this.show;
		this.show = (event) => void early.push(event);
		const { connectLocally, runTui, ServerFeed } = await import('../tui/index.ts');
		const feed = new ServerFeed({
			title: () => title.text,
			connection: connectLocally(orchestrator),
			events: { topics: ['**'] },
			followsLogs: false,
			onOpen: () => {
				for (const event of early.splice(0)) this.show(event);
			},
		});
		const log = (level: string, text: string) =>
			feed.log({ plugin: orchestrator.slots[0]?.id ?? 'dev', level, text, time: Date.now() });
		this.show = (event) => {
			title.take(event);
			const { level, lines } = devLines(event);
			for (const text of lines) log(level, text);
		};
		output.divert((line) => feed.log({ ...line, plugin: line.plugin || 'orchestrator' }));
		try {
			return await runTui({ feed, signal, onText: (text) => log('output', text.trimEnd()) });
		} finally {
			output.divert(undefined);
			this.show = printed;
		}
	}

	/** Says what is served. */
	private announce(orchestrator: Orchestrator): void {
		const addresses = orchestrator.addresses.map(formatAddress);
		if (!this.jsonEnabled()) {
			process.stdout.write(`${formatServing(orchestrator.slots, addresses)}\n`);
			return;
		}
		const plugins = servingPlugins(orchestrator.slots);
		this.line({ event: 'ready', addresses, plugins });
	}

	/** Says where a debugger can attach. */
	private tellDebugger(url: string, output: PluginOutput): void {
		if (this.jsonEnabled()) this.line({ event: 'debugger', url });
		else
			output.log({
				level: 'info',
				plugin: '',
				message: `a debugger can attach at ${logsJson() ? url : style.bold(url)}`,
			});
	}
}
