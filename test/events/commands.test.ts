import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../src/runtime/carrier/address.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeModule } from '../toolchain/serve/plugin-files.ts';

const scratch = scratchFolder('event-commands');
// The command framework warns of its own in NODE_ENV=test.
const env = {
	NODE_ENV: '',
	ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
	ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
};

describe.each(['node', 'deno'] as const)('two shells and a server on %s', (runtime) => {
	async function serve() {
		writeModule(scratch, 'news.ts', {
			id: 'news',
			more: `.registerTool('tell', { description: '' }, async (args, { publish }) => { await publish('news.told', args); })`,
		});
		const server = new RunningCli(
			['serve', join(scratch, 'news.ts'), '--listen', 'tcp://127.0.0.1:0', '--json'],
			{
				env,
				runtime,
			},
		);
		const [line] = await server.until(/^.*"event":"ready".*$/m);
		const [address = ''] = (JSON.parse(line) as { addresses: string[] }).addresses;
		const run = (...words: string[]) => runCli([...words, '--address', address], { env, runtime });
		const subscribe = async (...words: string[]) => {
			const cli = new RunningCli(['events', 'subscribe', ...words, '--address', address], { env, runtime });
			await cli.until(/^listening to /m);
			return cli;
		};
		return { server, address, run, subscribe };
	}

	test('one hears what the other publishes, wildcards and filters included', async () => {
		const { server, address, run, subscribe } = await serve();
		await using _server = server;
		await using all = await subscribe('weather.*', 'news.**');
		await using cold = await subscribe('weather.**', '--filter', 'kind=cold', '--count', '1');
		const published = await run(
			'events',
			'publish',
			'weather.oslo',
			'changed',
			'{"kind":"cold","n":1}',
			'--json',
		);
		expect(JSON.parse(published.stdout)).toEqual({
			id: expect.stringMatching(/^[0-9a-f-]{36}$/),
			time: expect.stringMatching(/^\d{4}-.*Z$/),
			topic: 'weather.oslo',
			eventType: 'changed',
			payload: { kind: 'cold', n: 1 },
			source: 'cli',
		});
		expect(await cold.exited).toBe(0);
		expect(cold.stdout).toMatch(
			/^\d\d:\d\d:\d\d\.\d{3} weather\.oslo changed from cli \{"kind":"cold","n":1\}\n$/,
		);
		// A plugin is heard by its own name; what a terminal would obey is shown.
		await runCli(['call', address, 'tell', 'text=\u001b[2J', '--allow-unknown'], { env, runtime });
		await all.until(/news\.told from news .*$/m);
		expect(all.stdout).toContain('\\u001b[2J');
		expect(all.stdout).not.toContain('\u001b');
		all.child.kill('SIGINT');
		expect(await all.exited).toBe(130);
		expect(all.stderr).not.toContain('error');
		// What has passed is replayed; one document a line.
		const replayed = await run(
			...['events', 'subscribe', 'weather.*', 'news.*', '--replay', '5', '--count', '2', '--json'],
		);
		expect(replayed).toMatchObject({ code: 0, stderr: '' });
		expect(
			replayed.stdout
				.trim()
				.split('\n')
				.map((line) => JSON.parse(line)),
		).toMatchObject([
			{ topic: 'weather.oslo', source: 'cli', missed: 0, time: expect.stringMatching(/Z$/) },
			{ topic: 'news.told', source: 'news' },
		]);
		// Nobody is left behind.
		await expect.poll(() => connectionsOf(run)).toBe(0);
		// Time alone is what was asked for; with a number it is too late.
		expect((await run('events', 'subscribe', 'quiet', '--timeout', '2s')).code).toBe(0);
		const late = await run('events', 'subscribe', 'quiet', '--timeout', '2s', '--count', '1', '--json');
		expect(late.code).toBe(6);
		expect(JSON.parse(late.stderr).error.code).toBe('deadline_exceeded');
		// A server that stops says so.
		await using last = await subscribe('t');
		server.child.kill('SIGTERM');
		expect(await last.exited).toBe(4);
		expect(last.stderr).toContain('stopping');
		expect(await server.exited).toBe(0);
	});
});

test('a subscriber whose process is killed leaves nothing', async () => {
	const certsDir = env.ORCHESTRA_CERTS_DIR;
	await using orchestrator = new Orchestrator();
	const identity = await ensureIdentity(certsDir, 'orchestrator');
	const { address } = await orchestrator.listen({ carrier: 'tcp', host: '127.0.0.1', port: 0 }, identity);
	const words = ['events', 'subscribe', '**', '--address', formatAddress(address)];
	await using cli = new RunningCli(words, { env });
	await cli.until(/^listening to /m);
	expect(orchestrator.subscriptions).toMatchObject([{ plugin: 'cli', topics: ['**'] }]);
	cli.child.kill('SIGKILL');
	await expect.poll(() => orchestrator.subscriptions).toEqual([]);
});

test.each([
	['x=1', `'{"x":"1"}'`],
	['days:=3', `'{"days":3}'`],
	['{"n":1}', 'before its payload'],
])('an argument in the place of the type is refused: %s', async (word, hint) => {
	const { code, stderr } = await runCli(['events', 'publish', 'a.b', word, '--json'], { env });
	expect(code).toBe(2);
	const { error } = JSON.parse(stderr);
	expect(error).toMatchObject({ code: 'usage' });
	expect(`${error.message}. ${error.hint}`).toContain(hint);
});

/** Connections that the server has, but for the one that asks. */
async function connectionsOf(run: (...words: string[]) => ReturnType<typeof runCli>): Promise<number> {
	const { stdout } = await run('ps', '--json');
	const { listeners } = JSON.parse(stdout) as { listeners: { connections: number }[] };
	return listeners.reduce((sum, { connections }) => sum + connections, 0) - 1;
}

test.each([
	[['subscribe'], 2, 'usage'],
	[['subscribe', 'a*b'], 2, 'invalid_topic'],
	[['subscribe', ''], 2, 'invalid_topic'],
	[['subscribe', 't', '--filter', 'x'], 2, 'usage'],
	[['subscribe', 't', '--filter', 'x=1', '--filter', 'x=2'], 2, 'usage'],
	[['subscribe', 't', '--count', '0'], 2, 'usage'],
	[['subscribe', 't', '--replay', '1001'], 2, 'usage'],
	[['subscribe', 't', '--timeout', 'soon'], 2, 'usage'],
	[['subscribe', 't', '--addres', 'x'], 2, 'usage'],
	[['publish', 't'], 2, 'usage'],
	[['publish', 't.*', 'x'], 2, 'invalid_topic'],
	[['publish', 't', 'x', '[1]'], 2, 'usage'],
	[['publish', 't', 'x', '{'], 2, 'usage'],
	[['publish', 't', 'x', '--address', 'tcp://127.0.0.1:1'], 4, 'unreachable'],
	[['subscribe', 't', '--address', 'tcp://127.0.0.1:1'], 4, 'unreachable'],
])('events %j exits %i: %s', async (words, code, name) => {
	const result = await runCli(['events', ...words, '--json'], { env });
	expect(result.stdout).toBe('');
	expect(JSON.parse(result.stderr).error).toMatchObject({ code: name, message: expect.any(String) });
	expect(result.code).toBe(code);
});
