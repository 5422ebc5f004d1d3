import { Args, Flags } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../cli/base-command.ts';
import { nextSignal } from '../cli/next-signal.ts';
import { PluginOutput } from '../cli/plugin-output.ts';
import { style } from '../cli/style.ts';
import { formatAddress, parseAddress } from '../runtime/carrier/address.ts';
import { startServing } from '../toolchain/serve/start-serving.ts';

/** Where plugins are served if nothing else is said. The Go orchestrator's defaults; its TCP has no TLS, ours has. */
const defaultAddresses = ['quic://127.0.0.1:50100', 'tcp://127.0.0.1:50101'];

export default class Serve extends BaseCommand {
	static override summary = 'Serve plugins to other programs, over QUIC and TCP with mutual TLS.';
	static override description =
		'Modules run in this process, executables in processes of their own. Their tools must have different names. ' +
		'SIGINT and SIGTERM let the calls under way end, then stop everything.';
	static override examples = [
		'<%= config.bin %> serve examples/*',
		'<%= config.bin %> serve . --listen tcp://127.0.0.1:0 --json',
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
		const output = new PluginOutput({ ...flags, json: this.jsonEnabled() });
		const stopSignal = nextSignal('SIGINT', 'SIGTERM');
		const orchestrator = await startServing(argv as string[], {
			addresses,
			certsDir: flags['certs-dir'],
			signal: stopSignal.aborted,
			onLog: output.log,
			onOutput: output.line,
		});
		try {
			const listening = orchestrator.addresses.map(formatAddress);
			const plugins = orchestrator.plugins.map(({ id, tools }) => ({
				id,
				tools: tools.map((tool) => tool.name),
			}));
			if (this.jsonEnabled()) this.line({ event: 'ready', addresses: listening, plugins });
			else process.stdout.write(`${announce(listening, plugins)}\n`);
			const signal = await stopSignal.received;
			this.note(`${signal}: stopping`);
			// A second signal means now.
			nextSignal('SIGINT', 'SIGTERM').received.then(() => process.exit(130));
		} finally {
			await orchestrator.stop();
		}
		if (this.jsonEnabled()) this.line({ event: 'stopped' });
	}
}

function announce(addresses: string[], plugins: { id: string; tools: (string | undefined)[] }[]): string {
	const tools = plugins.flatMap((plugin) => plugin.tools);
	const counts = `${plugins.length} plugin${plugins.length === 1 ? '' : 's'}, ${tools.length} tools`;
	const lines = [
		`${style.green.bold('serving')} ${counts}`,
		...plugins.map((plugin) => `  ${style.cyan(plugin.id)} ${style.dim(plugin.tools.join(', '))}`),
		...addresses.map((address) => `  ${style.bold(address)}`),
	];
	return lines.join('\n');
}
