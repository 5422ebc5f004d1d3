import { openTarget } from '../toolchain/targets/open-target.ts';
import type { OpenedTarget, OpenTargetOptions } from '../toolchain/targets/opened-target.ts';
import { resolveTarget } from '../toolchain/targets/resolve-target.ts';
import { readBootConfiguration } from './boot-configuration.ts';
import { chosenTrace } from './chosen-trace.ts';
import { ContainedWork } from './contained-work.ts';
import { readInheritedEnvironment } from './inherited-environment.ts';
import { interruptible } from './interruptible.ts';
import { parseDuration } from './parse-duration.ts';
import { PluginOutput } from './plugin-output.ts';
import { readCarrier } from './read-carrier.ts';
import { readGoPluginFlags } from './read-go-plugin-flags.ts';
import { recordCalls } from './record-calls.ts';
import type { TargetFlags } from './target-flags.ts';

/** The parts that a command gets to work with. */
export interface TargetSession {
	readonly target: OpenedTarget;
	/** Shows what plugins log and print. */
	readonly output: PluginOutput;
	/** Aborts on Ctrl-C. */
	readonly signal: AbortSignal;
	/** Milliseconds that one request may take. */
	readonly timeoutMs: number | undefined;
	/** W3C trace context that this command is part of; undefined for none. */
	readonly traceParent: string | undefined;
}

/**
 * Opens a target, works with it and closes it, whatever happens. The first Ctrl-C aborts the signal, so that calls under way
 * are cancelled at the plugin too and processes are stopped properly; a second one ends this process at once.
 *
 * @param extra what it is booted with besides the flags, and what runs beside it
 */
export async function withTarget<T>(
	word: string,
	flags: TargetFlags,
	work: (session: TargetSession) => Promise<T>,
	extra: Pick<OpenTargetOptions, 'config' | 'beside'> = {},
): Promise<T> {
	const output = new PluginOutput(flags);
	const timeoutMs = flags.timeout === undefined ? undefined : parseDuration(flags.timeout);
	await recordCalls(output);
	const traceParent = chosenTrace(flags['trace-parent'], output);
	return interruptible(async (interrupted) => {
		let contained: ContainedWork | undefined;
		try {
			const named = resolveTarget(word);
			if (named.kind === 'module' && !flags.spawn) contained = new ContainedWork(output, flags, timeoutMs);
			const signal = contained ? AbortSignal.any([interrupted, contained.failed]) : interrupted;
			await using target = await openTarget(named, {
				spawn: flags.spawn,
				carrier: readCarrier(flags),
				certsDir: flags['certs-dir'],
				timeoutMs,
				config: { ...extra.config, ...readBootConfiguration(flags.config) },
				beside: extra.beside,
				inheritEnv: readInheritedEnvironment(flags),
				goPlugin: readGoPluginFlags(flags),
				signal,
				traceParent,
				onLog: output.log,
				onOutput: output.line,
			});
			const result = await work({ target, output, signal, timeoutMs, traceParent });
			await contained?.settled();
			return result;
		} catch (error) {
			throw contained?.failure ?? error;
		} finally {
			contained?.end();
		}
	});
}
