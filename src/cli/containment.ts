import { type Containment, containPlugins } from '../runtime/hosting/containment/contain-plugins.ts';
import type { StrayError } from '../runtime/hosting/containment/stray-errors.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { messageOf, stackOf } from '../runtime/wire/thrown-value.ts';
import { installedModule } from '../toolchain/installation.ts';
import type { PluginOutput } from './plugin-output.ts';
import { describeError, reportError } from './report-error.ts';

/** Options for containing the plugins that a command embeds. */
export interface ContainOptions {
	readonly output: PluginOutput;
	readonly json: boolean;
	/** Whether people are to be told while a plugin blocks the event loop. */
	readonly tells: boolean;
	/** Milliseconds that one request may take, where it was asked for. */
	readonly deadlineMs?: number | undefined;
	/** Milliseconds between SIGTERM and the end, where a plugin blocks the event loop. */
	readonly signalGraceMs: number;
	/** Whether a debugger may hold this process: a loop that stands at a breakpoint is not blocked. Default: as it was started. */
	readonly isDebugged?: boolean | undefined;
	/** Called with each error that a plugin leaves behind, after it was logged. */
	readonly onStray?: ((error: OrchestraError) => void) | undefined;
}

/** Contains the plugins that are embedded from now on, to the end of the process. */
export function contain(options: ContainOptions): Containment {
	const { output, json, onStray } = options;
	const before = process.exitCode;
	const containment = containPlugins({
		onStray(stray) {
			const { plugin = stray.candidates.join(', '), error } = stray;
			const what = describeStray(stray);
			output.log({ level: 'error', plugin, message: what, fields: { error: stackOf(error) } });
			onStray?.(
				new OrchestraError('handler_error', `${what}: ${messageOf(error)}`, {
					hint: 'Await every promise, and catch what timers and listeners throw.',
					details: { plugin },
					cause: error,
				}),
			);
		},
		onBug(error) {
			const bug = OrchestraError.from(error, 'internal');
			if (json) process.stderr.write(`${JSON.stringify(describeError(bug).document)}\n`);
			else reportError(bug);
			process.exit(1);
		},
		onOutput: output.line,
		watch:
			options.isDebugged || isDebugged()
				? undefined
				: {
						worker: installedModule('runtime/hosting/containment/event-loop-watch-worker'),
						json,
						tells: options.tells,
						deadlineMs: options.deadlineMs,
						signalGraceMs: options.signalGraceMs,
						onBlocked: ({ ms, plugin, tool }) =>
							output.log({
								level: 'warn',
								plugin,
								message: `${tool === undefined ? 'it' : `tool ${tool}`} blocked the event loop for ${ms} ms: nothing else ran meanwhile`,
							}),
					},
	});
	// Work that plugins leave behind can run to the very end of the process.
	process.once('exit', containment.end);
	const end = () => {
		// An exit code that a plugin has set is not this command's.
		process.exitCode = before;
	};
	return { ...containment, end, [Symbol.dispose]: end };
}

function describeStray({ kind, plugin, candidates }: StrayError): string {
	const who = plugin === undefined ? `one of the plugins ${candidates.join(', ')}` : `plugin ${plugin}`;
	return kind === 'rejection'
		? `${who} left a promise behind that was rejected`
		: `${who} threw where nobody could catch it`;
}

/** A loop that stands at a breakpoint is not blocked. */
function isDebugged(): boolean {
	return process.execArgv.some((flag) => flag.startsWith('--inspect'));
}
