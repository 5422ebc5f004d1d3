import { softwareVersion } from '../runtime/plugin/serving/software.ts';
import { startTelemetry, stopTelemetry } from '../runtime/telemetry/start-telemetry.ts';
import type { PluginOutput } from './plugin-output.ts';

/** Records the calls of this command, where the environment asks for it. @param output where it is told that nothing can be exported */
export async function recordCalls(output: PluginOutput): Promise<void> {
	await startTelemetry({
		service: 'orchestra',
		version: softwareVersion,
		from: [process.cwd(), import.meta.dirname],
		warn: (message) => output.warn(`OpenTelemetry: ${message}`),
	});
}

/** Sends what was recorded, at the end of the process. */
export { stopTelemetry };
