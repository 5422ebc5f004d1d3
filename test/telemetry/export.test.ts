import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { OtlpReceiver, type ReceivedSpan } from './otlp-receiver.ts';

const hops = 'test/telemetry/fixtures/hops.ts';
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = `00-${traceId}-00f067aa0ba902b7-01`;
const scratch = scratchFolder('telemetry');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

const hopOf = ({ attributes }: ReceivedSpan) =>
	`${attributes['orchestra.hop']} ${attributes['rpc.method']}`.replace('test.hops/', '');

/** The spans from the innermost outwards, by their parents. */
function chainOf(spans: readonly ReceivedSpan[], innermost: string): ReceivedSpan[] {
	const chain: ReceivedSpan[] = [];
	let span = spans.find((one) => hopOf(one) === innermost);
	while (span) {
		chain.push(span);
		const { parentSpanId } = span;
		span = spans.find(({ spanId }) => spanId === parentSpanId);
	}
	return chain;
}

describe.each(['node', 'deno'] as const)('on %s', (runtime) => {
	const deno = runtime === 'deno' ? { OTEL_DENO: 'true' } : {};

	test.each([[[]], [['--spawn', '--carrier', 'tcp']]])(
		'a trace goes over two hops without anybody who records it %j',
		async (how) => {
			const words = ['call', hops, 'relay', '--json', ...how];
			const { code, stdout, stderr } = await runCli([...words, '--trace-parent', parent], { env, runtime });
			expect(code, stderr).toBe(0);
			const { here, there } = JSON.parse(stdout);
			expect([here.slice(3, 35), there.slice(3, 35)]).toEqual([traceId, traceId]);
			expect(new Set([parent, here, there]).size).toBe(3);
		},
	);

	test.each([
		['in this process', []],
		['in a process of its own', ['--spawn', '--carrier', 'tcp']],
	])('each hop of a call is a span, with the plugin %s', async (_what, how) => {
		await using receiver = await OtlpReceiver.open();
		const { code, stdout, stderr } = await runCli(['call', hops, 'relay', '--json', ...how], {
			runtime,
			env: { ...env, ...receiver.env, ...deno, TRACEPARENT: parent },
		});
		expect(code, stderr).toBe(0);
		const spans = await receiver.until(6);
		const chain = chainOf(spans, 'handler inner');
		expect(chain.map(hopOf).reverse()).toEqual([
			'client relay',
			'route relay',
			'handler relay',
			'client inner',
			'route inner',
			'handler inner',
		]);
		expect(chain.at(-1)?.parentSpanId).toBe('00f067aa0ba902b7');
		expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
		const isApart = how.length > 0;
		// 1 within a process, 2 what came from another, 3 what was asked for.
		expect(chain.map(({ kind }) => kind).reverse()).toEqual(
			isApart ? [3, 1, 2, 3, 2, 2] : [3, 1, 1, 3, 1, 1],
		);
		// What handlers see is their own span: what they ask others for with it belongs there.
		const { here, there } = JSON.parse(stdout);
		expect([here.slice(36, 52), there.slice(36, 52)]).toEqual([chain[3]?.spanId, chain[0]?.spanId]);
		if (runtime === 'node') {
			expect(chain[0]?.service).toBe(isApart ? 'test.hops' : 'orchestra');
			expect(chain.at(-1)?.service).toBe('orchestra');
		}
		expect(chain[1]?.attributes).toMatchObject({
			'rpc.system.name': 'orchestra',
			'rpc.method': 'test.hops/inner',
			'rpc.response.status_code': 'ok',
			'orchestra.kind': 'tool',
			'orchestra.plugin': 'test.hops',
			'orchestra.caller': 'test.hops',
		});
	});

	test('an error is recorded at each hop, and calls are measured', async () => {
		await using receiver = await OtlpReceiver.open();
		const { code } = await runCli(['call', hops, 'broken'], {
			runtime,
			env: { ...env, ...receiver.env, ...deno },
		});
		expect(code).toBe(5);
		for (const span of await receiver.until(3)) {
			expect(span.status.code, hopOf(span)).toBe(2);
			expect(span.attributes).toMatchObject({
				'error.type': 'handler_error',
				'rpc.response.status_code': 'handler_error',
			});
			expect(span.events).toEqual([
				expect.objectContaining({
					name: 'exception',
					attributes: expect.objectContaining({ 'exception.type': 'handler_error' }),
				}),
			]);
		}
		const point = (name: string) => receiver.points.find((one) => one.name === name);
		for (const name of ['rpc.client.call.duration', 'rpc.server.call.duration', 'orchestra.call.duration']) {
			await expect.poll(() => point(name), { message: name }).toMatchObject({ value: 1 });
			expect(point(name)?.attributes).toMatchObject({ 'error.type': 'handler_error' });
		}
		expect(point('orchestra.calls')?.value).toBe(1);
		expect(point('orchestra.calls.in_flight')?.value).toBe(0);
	});
});

test('a malformed context is ignored, and told of a flag: a new trace begins', async () => {
	const words = ['call', hops, 'relay', '--json'];
	const [flag, variable] = await Promise.all([
		runCli([...words, '--trace-parent', 'bad'], { env }),
		runCli(words, { env: { ...env, TRACEPARENT: 'bad' } }),
	]);
	expect(JSON.parse(flag.stderr)).toMatchObject({
		level: 'warn',
		message: '--trace-parent "bad" is no W3C trace context (00-TRACE-PARENT-FLAGS): a new trace begins',
	});
	expect(variable.stderr).toBe('');
	for (const { stdout } of [flag, variable]) expect(JSON.parse(stdout).here).toMatch(/^00-[\da-f]{32}-/);
});

test('where nobody takes what is exported, a call goes well and says so once', async () => {
	const { code, stdout, stderr } = await runCli(['call', hops, 'inner', '--json'], {
		env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
	});
	expect([code, stdout.trim()]).toEqual([0, expect.stringContaining('traceParent')]);
	expect(stderr.trim().split('\n')).toHaveLength(1);
	expect(JSON.parse(stderr).message).toMatch(/^OpenTelemetry: .*not (be )?exported/);
});
