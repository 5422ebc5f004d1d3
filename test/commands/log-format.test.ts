import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const hops = 'test/telemetry/fixtures/hops.ts';
const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const scratch = scratchFolder('log-format');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

const documents = (text: string) =>
	text
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line));

describe.each([[[]], [['--spawn', '--carrier', 'tcp']]])('a plugin that is started %j', (how) => {
	test('logs a document a line, with the trace of its call', async () => {
		const words = ['call', hops, 'relay', '--log-format', 'json', '--trace-parent', parent, ...how];
		const { code, stderr } = await runCli(words, { env });
		expect(code).toBe(0);
		expect(documents(stderr)).toEqual([
			{
				time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
				level: 'info',
				message: 'relaying',
				plugin: 'test.hops',
				tool: 'relay',
				traceId: parent.slice(3, 35),
				spanId: expect.stringMatching(/^[\da-f]{16}$/),
				requestId: expect.any(String),
			},
		]);
	});

	test('fails with a document each for its log and for the command, and the variable asks for them too', async () => {
		const { code, stderr } = await runCli(['call', hops, 'broken', ...how], {
			env: { ...env, ORCHESTRA_LOG_FORMAT: 'json' },
		});
		expect(code).toBe(5);
		expect(documents(stderr)).toEqual([
			expect.objectContaining({
				level: 'error',
				message: 'tool broken of plugin test.hops failed',
				plugin: 'test.hops',
				tool: 'broken',
				code: 'handler_error',
				failure: expect.stringContaining('hops.ts:15:'),
			}),
			{ time: expect.any(String), level: 'error', message: 'the fuse blew', code: 'handler_error' },
		]);
	});
});

test('the flag wins over the variable, and a format that is none is refused', async () => {
	const [text, odd] = await Promise.all([
		runCli(['call', hops, 'broken', '--log-format', 'text'], {
			env: { ...env, ORCHESTRA_LOG_FORMAT: 'json' },
		}),
		runCli(['call', hops, 'broken'], { env: { ...env, ORCHESTRA_LOG_FORMAT: 'xml' } }),
	]);
	expect(text.stderr).toMatch(/^\[test\.hops\] error tool broken/);
	expect(odd.code).toBe(2);
	expect(odd.stderr).toContain('ORCHESTRA_LOG_FORMAT is text or json, not "xml"');
});
