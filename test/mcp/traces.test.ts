import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { OtlpReceiver } from '../telemetry/otlp-receiver.ts';
import { publicServer, serveHttp, stdioClient } from './mcp-files.ts';

const scratch = scratchFolder('mcp-traces');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
const hops = 'test/telemetry/fixtures/hops.ts';

/** Calls a tool that calls another, and gives the spans from the innermost outwards. */
async function chainOf(receiver: OtlpReceiver, client: Client, traceId: string): Promise<unknown[]> {
	const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
	const result = await client.callTool({ name: 'relay', arguments: {}, _meta: { traceparent } });
	const { here, there } = result.structuredContent as { here: string; there: string };
	expect([here.slice(3, 35), there.slice(3, 35)]).toEqual([traceId, traceId]);
	const ours = () => receiver.spans.filter((span) => span.traceId === traceId);
	for (let count = 1; ours().length < 7; count++) await receiver.until(count);
	const chain: string[] = [];
	let span = ours().find(
		({ attributes }) =>
			attributes['rpc.method'] === 'test.hops/inner' && attributes['orchestra.hop'] === 'handler',
	);
	while (span) {
		chain.push(`${span.attributes['orchestra.hop']} ${span.name}`);
		const { parentSpanId, kind, attributes } = span;
		span = ours().find(({ spanId }) => spanId === parentSpanId);
		if (span) continue;
		expect({ parentSpanId, kind, attributes }).toMatchObject({
			parentSpanId: '00f067aa0ba902b7',
			// A server, to whom its client is another program.
			kind: 2,
			attributes: {
				'mcp.method.name': 'tools/call',
				'gen_ai.tool.name': 'relay',
				'orchestra.plugin': 'test.hops',
			},
		});
	}
	return chain;
}

const expected = [
	'handler test.hops/inner',
	'route test.hops/inner',
	'client inner',
	'handler test.hops/relay',
	'route test.hops/relay',
	'client test.hops/relay',
	'front tools/call relay',
];

test('a call over MCP is a span in the trace of its client, over stdio and HTTP, on the SDK’s way and past it', async () => {
	await using receiver = await OtlpReceiver.open();
	const otel = { ...env, ...receiver.env, OTEL_BSP_SCHEDULE_DELAY: '100' };
	const { client } = await stdioClient([hops], { env: otel });
	expect(await chainOf(receiver, client, '4bf92f3577b34da6a3ce929d0e0e4701')).toEqual(expected);
	expect(await chainOf(receiver, client, '4bf92f3577b34da6a3ce929d0e0e4702')).toEqual(expected);
	await client.close();
	const { cli, url } = await serveHttp([hops], { env: otel });
	await using _server = cli;
	const web = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
	await web.connect(new StreamableHTTPClientTransport(new URL(url)) as never);
	expect(await chainOf(receiver, web, '4bf92f3577b34da6a3ce929d0e0e4703')).toEqual(expected);
	expect(await chainOf(receiver, web, '4bf92f3577b34da6a3ce929d0e0e4704')).toEqual(expected);
	await web.close();
}, 120_000);

test('an MCP server as a plugin is told where spans go, and neither keys nor the name of its host', async () => {
	await using receiver = await OtlpReceiver.open();
	const { code, stdout, stderr } = await runCli(
		['call', `mcp:${process.execPath} ${publicServer}`, 'get-env', '--json'],
		{
			env: {
				...env,
				...receiver.env,
				OTEL_SERVICE_NAME: 'the-host',
				OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer planted-secret',
				OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-api-key=planted-secret',
				OTEL_EXPORTER_OTLP_CLIENT_KEY: '/planted-secret.key',
				OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://user:planted-secret@127.0.0.1:1',
			},
		},
	);
	expect(code, stderr).toBe(0);
	const seen = JSON.parse(JSON.parse(stdout).text) as Record<string, string>;
	expect(
		Object.keys(seen)
			.filter((name) => name.startsWith('OTEL_'))
			.sort(),
	).toEqual([
		'OTEL_EXPORTER_OTLP_ENDPOINT',
		'OTEL_EXPORTER_OTLP_PROTOCOL',
		// Set by the host for itself and its plugins: what is found out about a process may be secret.
		'OTEL_NODE_RESOURCE_DETECTORS',
	]);
	expect(stdout + stderr).not.toContain('planted-secret');
}, 60_000);
