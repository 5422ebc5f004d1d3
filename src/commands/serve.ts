import { Args, Flags } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../cli/base-command.ts';
import { bootConfigurationFlag, readBootConfiguration } from '../cli/boot-configuration.ts';
import { checkDuration, parseDuration } from '../cli/duration.ts';
import { nextSignal } from '../cli/next-signal.ts';
import { PluginOutput } from '../cli/plugin-output.ts';
import { formatServing, formatWait } from '../cli/serving-output.ts';
import { formatAddress, parseAddress } from '../runtime/carrier/address.ts';
import type { Orchestrator } from '../runtime/orchestrator/orchestrator.ts';
import { startServing } from '../toolchain/serve/start-serving.ts';

/** Where plugins are served if nothing else is said. The Go orchestrator's defaults; its TCP has no TLS, ours has. */
const defaultAddresses = ['quic://127.0.0.1:50100', 'tcp://127.0.0.1:50101'];

export default class Serve extends BaseCommand {
	static override summary = 'Serve plugins to other programs, over QUIC and TCP with mutual TLS.';
	static override description =
		'Modules run in this process, or with --spawn in one each; executables in processes of their own. A plugin that cannot ' +
		'be started is named, and the others are served. SIGINT and SIGTERM let the calls under way end, then stop everything.';
	static override examples = [
		'<%= config.bin %> serve examples/*',
		'<%= config.bin %> serve . --listen tcp://127.0.0.1:0 --json',
		'<%= config.bin %> serve notes/ ./go-notes --prefer notes',
	];
	static override usage = 'serve TARGET... [FLAGS]';
	static override strict = false;
	static override args = {
		targets: Args.string({ description: 'Folders, modules or executables, one or more.', required: true }),
	};
	static override flags = {
		listen: Flags.string({
			char: 'l',
			multiple: true,
			multipleNonGreedy: true,
			description: `Where to listen, more than once if need be; port 0 takes any. [default: ${defaultAddresses.join(', ')}]`,
			helpValue: 'ADDRESS',
		}),
		'certs-dir': certsDirFlag,
		spawn: Flags.boolean({
			description: 'Give each module a process of its own, so that none can hurt another.',
		}),
		strict: Flags.boolean({ description: 'Serve all plugins or none.' }),
		prefer: Flags.string({
			multiple: true,
			multipleNonGreedy: true,
			description: 'The plugin that answers for a name which several have, more than once if need be.',
			helpValue: 'ID',
		}),
		config: bootConfigurationFlag,
		grace: Flags.string({
			description: 'How long calls under way get to end when it stops.',
			helpValue: 'DURATION',
			default: '10s',
			parse: checkDuration,
		}),
		verbose: Flags.boolean({ char: 'v', description: 'Show everything that plugins log, even with --json.' }),
	};

	async run(): Promise<void> {
		const { flags, argv } = await this.parse(Serve);
		const addresses = (flags.listen ?? defaultAddresses).map((text) => parseAddress(text));
		const plain = addresses.find((address) => address.carrier === 'tcp+plain');
		if (plain) {
			this.note(
				`${formatAddress(plain)} is neither encrypted nor authenticated: anyone on this machine can call`,
			);
		}
		const graceMs = parseDuration(flags.grace);
		const output = new PluginOutput({ ...flags, json: this.jsonEnabled() });
		const stopSignal = nextSignal('SIGINT', 'SIGTERM');
		const orchestrator = await startServing(argv as string[], {
			addresses,
			certsDir: flags['certs-dir'],
			spawn: flags.spawn,
			strict: flags.strict,
			prefer: flags.prefer,
			config: { '*': readBootConfiguration(flags.config) },
			signal: stopSignal.aborted,
			onLog: output.log,
			onOutput: output.line,
			onFailure: ({ id }, { message, hint }) =>
				output.log({ level: 'error', plugin: id, message: hint ? `${message}. ${hint}` : message }),
		});
		try {
			this.announce(orchestrator);
			const signal = await stopSignal.received;
			// A second signal means now.
			nextSignal('SIGINT', 'SIGTERM').received.then(() => process.exit(130));
			this.note(`${signal}: stopping. Another Ctrl-C ends it at once, whatever is under way.`);
		} finally {
			await orchestrator.stop({ graceMs, onWait: (calls) => this.note(formatWait(calls, graceMs)) });
		}
		if (this.jsonEnabled()) this.line({ event: 'stopped' });
	}

	/** Says what is served, and with `--json` from then on each change of a plugin. */
	private announce(orchestrator: Orchestrator): void {
		const addresses = orchestrator.addresses.map(formatAddress);
		if (!this.jsonEnabled()) {
			process.stdout.write(`${formatServing(orchestrator.slots, addresses)}\n`);
			return;
		}
		const plugins = orchestrator.slots.map(({ id, state, known, status }) => ({
			id,
			state,
			tools: known?.tools.map(({ name }) => name) ?? [],
			...(status.reason ? { reason: status.reason } : {}),
		}));
		this.line({ event: 'ready', addresses, plugins });
		orchestrator.onChange((change) => {
			if (change.kind !== 'plugin') return;
			const { id = '', state = '', reason = '' } = change.slot.status;
			this.line({ event: 'plugin', id, state, ...(reason ? { reason } : {}) });
		});
	}
}
