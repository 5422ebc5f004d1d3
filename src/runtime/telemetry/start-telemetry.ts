import { onDeno } from '../platform/on-deno.ts';
import { asksForExport, isOn } from './export-request.ts';
import { setTelemetry, type Telemetry, telemetry } from './telemetry.ts';
import type { TelemetryOptions } from './telemetry-options.ts';

/** Milliseconds that a process waits at its end for what was recorded to be sent. */
export const lastExportMs = 2_000;

let warn: TelemetryOptions['warn'] = () => {};

/** Whether the program around us has registered OpenTelemetry itself, as `node --import` does and Deno with `OTEL_DENO`. */
function isRegistered(): boolean {
	const registered = (globalThis as { [key: symbol]: { trace?: unknown; metrics?: unknown } | undefined })[
		Symbol.for('opentelemetry.js.api.1')
	];
	return registered?.trace !== undefined || registered?.metrics !== undefined;
}

/**
 * Records calls from now on, where the standard variables of OpenTelemetry ask for it, or the program around us has registered providers. The SDK
 * is the user's: where it is not installed, that is told and nothing is recorded. Where nobody asks, nothing is loaded. Orchestrators that were
 * made before are not recorded.
 *
 * @example
 * await startTelemetry({ service: 'my-host', version: '1.0.0', from: [process.cwd()], warn: console.warn });
 * await using orchestrator = new Orchestrator();
 * @returns undefined where nothing is recorded
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry | undefined> {
	const { env = process.env } = options;
	const running = telemetry();
	if (running) return running;
	let flush: (() => Promise<void>) | undefined;
	if (!isRegistered()) {
		if (!asksForExport(env)) return undefined;
		if (onDeno) {
			if (!isOn(env.OTEL_DENO)) options.warn('nothing is exported: Deno does it itself. Set OTEL_DENO=true');
			return undefined;
		}
		const { startSdk } = await import('./start-sdk.ts');
		flush = await startSdk(options, env);
		if (!flush) return undefined;
	}
	const { openTelemetry } = await import('./open-telemetry.ts');
	const started = openTelemetry(options.version, flush ?? (async () => {}));
	setTelemetry(started);
	warn = options.warn;
	return started;
}

/** Sends what was recorded, where something is: the process ends. @param timeoutMs how long it waits for that at most */
export async function stopTelemetry(timeoutMs: number = lastExportMs): Promise<void> {
	const active = telemetry();
	if (!active) return;
	setTelemetry(undefined);
	if (!(await active.close(timeoutMs)))
		warn(`the last spans and metrics were not exported: nothing took them within ${timeoutMs} ms`);
}
