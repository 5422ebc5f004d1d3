import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { asksForExport } from '../../src/runtime/telemetry/export-request.ts';
import { startTelemetry } from '../../src/runtime/telemetry/start-telemetry.ts';
import { telemetry } from '../../src/runtime/telemetry/telemetry.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scratch = scratchFolder('sdk');

const warnings: string[] = [];
afterEach(() => {
	warnings.length = 0;
});

const start = (env: Record<string, string>, from = scratch) =>
	startTelemetry({ service: 's', version: '1', from: [from], env, warn: (text) => void warnings.push(text) });

test.each([
	[{}, false],
	[{ OTEL_SERVICE_NAME: 'x', OTEL_LOG_LEVEL: 'debug' }, false],
	[{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, true],
	[{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, false],
	[{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'TRUE' }, false],
	[{ OTEL_TRACES_EXPORTER: 'console' }, true],
	[{ OTEL_TRACES_EXPORTER: 'none' }, false],
	[{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_TRACES_EXPORTER: 'none' }, true],
	[
		{
			OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318',
			OTEL_TRACES_EXPORTER: 'none',
			OTEL_METRICS_EXPORTER: 'none',
		},
		false,
	],
])('%j asks for export: %s', async (env, asked) => {
	expect(asksForExport(env)).toBe(asked);
	if (asked) return;
	expect(await start(env)).toBeUndefined();
	expect(warnings).toEqual([]);
});

test('says how the SDK is installed where it is not there', async () => {
	expect(await start({ OTEL_TRACES_EXPORTER: 'otlp' })).toBeUndefined();
	expect(warnings).toEqual([
		expect.stringMatching(
			/^nothing is exported, as OTEL_… asks: the SDK is not installed\. Install it: npm install @opentelemetry\/sdk-node/,
		),
	]);
	expect(telemetry()).toBeUndefined();
});

test('says so where what is installed does not start', async () => {
	const folder = join(scratch, 'node_modules/@opentelemetry/sdk-node');
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'index.js'), "throw new Error('no such luck')");
	expect(await start({ OTEL_TRACES_EXPORTER: 'otlp' })).toBeUndefined();
	expect(warnings).toEqual([expect.stringContaining('the SDK does not start: no such luck')]);
});
