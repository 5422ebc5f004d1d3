import { onDeno } from '../platform/on-deno.ts';

/** Variables that name where to export to. */
const endpoints = [
	'OTEL_EXPORTER_OTLP_ENDPOINT',
	'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
	'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
];

/** Variables that name how to export, if at all. */
const exporters = ['OTEL_TRACES_EXPORTER', 'OTEL_METRICS_EXPORTER'];

/**
 * Whether an environment asks for the export of spans or metrics by the standard variables of OpenTelemetry. Those that only say how
 * (a service name, say) ask for nothing.
 */
export function asksForExport(env: NodeJS.ProcessEnv): boolean {
	if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return false;
	// Deno has an SDK of its own, which exports to the usual place on this machine where nothing else is said.
	if (onDeno && isOn(env.OTEL_DENO)) return true;
	const named = exporters.map((name) => env[name]?.trim()).filter(Boolean);
	if (named.some((exporter) => exporter !== 'none')) return true;
	return endpoints.some((name) => env[name]?.trim()) && named.length < exporters.length;
}

/** Whether Deno's own SDK was asked for: Deno itself reads the variable at its start. */
export function isOn(value: string | undefined): boolean {
	return value === 'true' || value === '1';
}
