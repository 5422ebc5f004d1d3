import { lineVariable } from '../../carrier/fd/line-descriptors.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { isPlugin, type Plugin } from '../definition/plugin.ts';
import { manifestJson } from './manifest-json.ts';
import { stdoutForManifest } from './manifest-output.ts';
import { contractFlags, flagsUsage, parseRunFlags, type RunFlags } from './run-flags.ts';
import type { RunOptions } from './run-options.ts';

/** Set while this process runs a plugin; from the global registry, since a bundle may hold this module twice. */
const runningKey = Symbol.for('orchestra.running-plugin');

/**
 * Runs a plugin as this process, by the process contract: flags, certificates, `READY host:port` on stderr, registration with
 * the orchestrator, serving, one shutdown. It ends the process and never returns: exit code 0 after a stop, 1 when it was run by
 * hand without flags, 2 for a wrong flag, 3 for an invalid plugin, 4 where it could not listen or register.
 *
 * A process runs one plugin: a second call waits for the first.
 *
 * @example
 * import { createPlugin, runPlugin } from 'orchestra-toolchain';
 *
 * await runPlugin(createPlugin('greeter').listenAddr('localhost:0').build());
 */
export function runPlugin(plugin: Plugin, options: RunOptions = {}): Promise<void> {
	const registry = globalThis as { [runningKey]?: Promise<void> };
	registry[runningKey] ??= run(plugin, options);
	return registry[runningKey];
}

async function run(plugin: Plugin, options: RunOptions): Promise<void> {
	try {
		process.exit(await runToEnd(plugin, options.argv ?? process.argv.slice(2)));
	} catch (caught) {
		const error = OrchestraError.from(caught, 'internal');
		await print(process.stderr, `${error.message}\n${error.hint ? `${error.hint.trimEnd()}\n` : ''}`);
		process.exit(exitCode(error));
	}
}

async function runToEnd(plugin: Plugin, argv: readonly string[]): Promise<number> {
	if (!isPlugin(plugin)) {
		throw new OrchestraError('invalid_plugin', 'what is to be run is no plugin', {
			hint: "Make one with createPlugin('my.id') … .build().",
		});
	}
	const flags = parseRunFlags(argv);
	if (flags.help) {
		await print(process.stdout, `The flags of plugin ${plugin.id}:\n${flagsUsage}`);
		return 0;
	}
	if (flags.manifest) {
		await print(process.stdout, `${manifestJson(plugin.manifest)}\n`, stdoutForManifest());
		return 0;
	}
	if (flags.others) await warnOfMisspelt(plugin, flags.others);
	if (runByHand(plugin, flags)) {
		await print(process.stderr, explanation(plugin));
		return 1;
	}
	// Loaded here: what is above needs neither TLS nor QUIC.
	const { runProcess } = await import('./run-process.ts');
	return runProcess(plugin, flags);
}

/** Flags that are not ours are the plugin's own. One that is nearly ours would be passed over without a word. */
async function warnOfMisspelt({ id }: Plugin, others: readonly string[]): Promise<void> {
	const { misspeltFlags } = await import('./misspelt-flags.ts');
	for (const { given, meant } of misspeltFlags(others, contractFlags)) {
		await print(process.stderr, `WARN  plugin ${id} passes over --${given}: did you mean --${meant}?\n`);
	}
}

/** Whether neither a host nor the author said where to listen. */
function runByHand({ settings }: Plugin, flags: RunFlags): boolean {
	return (
		!flags.any &&
		!process.env[lineVariable] &&
		settings.listenAddr === undefined &&
		settings.orchestratorAddr === undefined
	);
}

function explanation({ id, tools }: Plugin): string {
	const [tool = 'TOOL'] = tools.keys();
	return `This is the orchestra plugin ${id}. A host starts it; run by hand it has nothing to do.

To try it:         orchestra call <its folder or file> ${tool}
To serve it:       orchestra serve <its folder or file>
To run it anyway:  add --listen-addr=tcp://localhost:0, which prints READY and its address
`;
}

function exitCode(error: OrchestraError): number {
	if (error.code === 'usage') return 2;
	if (error.code === 'invalid_plugin' || error.code === 'invalid_schema') return 3;
	return error.code === 'internal' ? 1 : 4;
}

/** Resolves when the text has left: `process.exit` drops what still waits in a pipe. */
function print(
	stream: NodeJS.WriteStream,
	text: string,
	write: (text: string, done: () => void) => unknown = stream.write.bind(stream),
): Promise<void> {
	return new Promise((resolve) => {
		// A reader that has gone is no reason to stay.
		stream.once('error', () => resolve());
		write(text, () => resolve());
	});
}
