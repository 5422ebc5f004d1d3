import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { denoExecutable } from '../support/deno.ts';
import { projectRoot, type RunningCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { everything, packageFolder, serveHttp } from './mcp-files.ts';

// The official conformance kit of MCP. It wants a newer Node than ours may be: the project's own Deno runs it.

const scratch = scratchFolder('mcp-conformance');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

/** Runs the kit to its end; what each of its scenarios came to. */
async function runKit(args: readonly string[]): Promise<{ scenarios: Map<string, boolean>; output: string }> {
	const kit = join(packageFolder('@modelcontextprotocol/conformance'), 'dist/index.js');
	const child = spawn(
		denoExecutable(),
		['run', '-A', '--quiet', kit, ...args, '-o', join(scratch, 'results')],
		{
			cwd: projectRoot,
			stdio: ['ignore', 'pipe', 'pipe'],
			env: { ...process.env, NO_COLOR: '1', ...env },
		},
	);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text: string) => {
			output += text;
		});
	}
	const timer = setTimeout(() => child.kill('SIGKILL'), 170_000);
	await new Promise((resolve) => child.once('close', resolve));
	clearTimeout(timer);
	const scenarios = new Map<string, boolean>();
	const [, summary = ''] = output.split('=== SUMMARY ===');
	for (const [, mark, name = ''] of summary.matchAll(/^([✓✗]) ([\w-]+): \d+ passed, \d+ failed/gm)) {
		scenarios.set(name, mark === '✓');
	}
	return { scenarios, output };
}

/** What does not count: extensions, and what the kit itself says is pending. */
function notScored(output: string): Set<string> {
	const [, rest = ''] = output.split('Not scored for');
	return new Set([...rest.matchAll(/^ {2}[✓✗] ([\w-]+)/gm)].map(([, name = '']) => name));
}

describe.each(['node', 'deno'] as const)('the conformance kit against serve --mcp-http on %s', (runtime) => {
	let server: { cli: RunningCli; url: string };
	beforeAll(async () => {
		server = await serveHttp([everything], { env, runtime });
	});
	afterAll(() => server?.cli[Symbol.asyncDispose]());

	test.each([
		['2026-07-28', 37],
		['2025-11-25', 30],
	])(
		'passes every scored scenario of %s',
		async (revision, least) => {
			const { scenarios, output } = await runKit(['server', '--url', server.url, '--requirements', revision]);
			const unscored = notScored(output);
			const scored = [...scenarios].filter(([name]) => !unscored.has(name));
			expect(
				scored.filter(([, passed]) => !passed).map(([name]) => name),
				output.slice(-4_000),
			).toEqual([]);
			expect(scored.length).toBeGreaterThanOrEqual(least);
			if (revision === '2025-11-25') return;
			// The extension for tasks is not scored. A tool that only runs as a task is none that we have; notices of tasks the kit skips.
			const tasks = [...scenarios].filter(([name]) => name.startsWith('tasks-'));
			const failed = tasks.filter(([, passed]) => !passed).map(([name]) => name);
			expect(failed, output.slice(-4_000)).toEqual(['tasks-required-task-error']);
			expect(tasks.length).toBeGreaterThanOrEqual(9);
		},
		180_000,
	);
});

test('the conformance kit finds our client right, where no OAuth is needed', async () => {
	const client = `${process.execPath} ${join(projectRoot, 'test/mcp/conformance-client.mjs')}`;
	const wanted = [
		'tools_call',
		'request-metadata',
		'sep-2322-client-request-state',
		'http-standard-headers',
		'http-custom-headers',
		'http-invalid-tool-headers',
		'json-schema-ref-no-deref',
	];
	const failed: string[] = [];
	for (const scenario of wanted) {
		const { output } = await runKit([
			'client',
			'--command',
			client,
			'--scenario',
			scenario,
			'--spec-version',
			'2026-07-28',
		]);
		if (!/Passed: (\d+)\/\1\b/.test(output)) failed.push(`${scenario}: ${output.slice(-1_500)}`);
	}
	expect(failed).toEqual([]);
});
