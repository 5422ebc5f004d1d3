import { newTraceParent, readTraceParent } from '../runtime/wire/trace-parent.ts';
import type { PluginOutput } from './plugin-output.ts';

/**
 * The trace context that a command is part of: the flag's, else the environment's. What is none is ignored, and a new trace begins.
 *
 * @param output where that is told of a flag
 */
export function chosenTrace(flag?: string, output?: PluginOutput): string | undefined {
	const given = flag ?? process.env.TRACEPARENT ?? '';
	if (flag === undefined && given === '') return undefined;
	if (readTraceParent(given)) return given;
	if (flag !== undefined)
		output?.warn(
			`--trace-parent ${JSON.stringify(flag)} is no W3C trace context (00-TRACE-PARENT-FLAGS): a new trace begins`,
		);
	return newTraceParent();
}
