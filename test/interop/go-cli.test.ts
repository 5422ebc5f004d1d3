import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { goBinaries, titled } from './support/go-binaries.ts';

const go = await goBinaries();
const scratch = scratchFolder('go-cli');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

const cli = (...args: string[]) => runCli(args, { env });

/** Serves plugins until the test is over. */
async function serve(...words: string[]): Promise<{ running: RunningCli; addresses: string[] }> {
	const running = new RunningCli(['serve', ...words, '--json'], { env });
	const [line] = await running.until(/^.*"event":"ready".*$/m);
	return { running, addresses: JSON.parse(line).addresses };
}

describe.skipIf(go.missing)(titled('a Go executable on our command line', go), () => {
	test('inspect shows the manifest that it registers with', async () => {
		const { code, stdout } = await cli('inspect', go.plugin, '--json');
		expect(code).toBe(0);
		const shown = JSON.parse(stdout);
		expect(shown).toMatchObject({
			how: 'spawned',
			plugins: [{ id: 'go-tools', version: '1.4.2', author: 'The Go side', language: 'go' }],
			storage: ['gostore'],
			health: { status: 'healthy' },
			connection: { carrier: 'quic', peer: 'go-tools', protocol: 'core' },
		});
		expect(shown.tools.map((tool: { name: string }) => tool.name)).toContain('echo');
		expect(shown.prompts.map((prompt: { name: string }) => prompt.name).sort()).toEqual([
			'broken',
			'hello',
			'review',
		]);
	});

	test('call types the arguments by the schema, and prints the result', async () => {
		const { code, stdout } = await cli(
			'call',
			go.plugin,
			'echo',
			'city=Zürich',
			'days=3',
			'deep:={"a":[null]}',
			// Its schema does not list `deep`.
			'--allow-unknown',
			'--json',
		);
		expect(code).toBe(0);
		expect(JSON.parse(stdout)).toEqual({ city: 'Zürich', days: 3, deep: { a: [null] } });
	});

	test('call finds out that a tool streams, which a core peer does not say', async () => {
		expect(await cli('call', go.plugin, 'count', 'to=3')).toMatchObject({ code: 0, stdout: '1\n2\n3\n' });
	});

	test.each([
		['echo', 'city=Oslo', 'days=3'],
		['count', 'to=3'],
	])(
		'call -v %s tells what is known of the time: the plugin does not say what its handler took',
		async (...words) => {
			const { stderr } = await cli('call', go.plugin, ...words, '-v');
			expect(stderr.match(/^time .*$/gm)).toHaveLength(1);
			expect(stderr).toMatch(/^time {2}connect [\d.]+ ms · TLS .* · queue .* · wire and handler [\d.]+ ms$/m);
		},
	);

	test.each([
		['an error', ['fail'], 5, /the Go tool failed/],
		['an error of its own', ['app_error'], 5, /the dish is burnt/],
		['a number that JSON cannot say', ['odd', 'what=nan'], 5, /NaN/],
		['no such tool', ['nope'], 2, /no tool named nope/],
		['a panic', ['panic'], 4, /go-tools has ended \(exit code 2\)/],
		['silence', ['slow', 'ms=60000', '--timeout', '5s'], 6, /5000 ms/],
		['a stream that breaks', ['break'], 5, /the Go stream broke/],
	])('call with %s', async (_what, words, code, said) => {
		const result = await cli('call', go.plugin, ...words);
		expect(result.stderr).toMatch(said);
		expect(result.code, result.stderr).toBe(code);
	});

	test('Ctrl-C ends a stream at the plugin too', async () => {
		const file = join(scratch, 'interrupted');
		await using running = new RunningCli(['call', go.plugin, 'endless', `file=${file}`], { env });
		await running.until(/tick/);
		running.child.kill('SIGINT');
		expect(await running.exited).toBe(130);
		expect(existsSync(file)).toBe(true);
	});

	test('--carrier tcp: exit 4, and what to do', async () => {
		const { code, stderr } = await cli('call', go.plugin, 'echo', '--carrier', 'tcp');
		expect(code).toBe(4);
		expect(stderr).toMatch(/listens on quic .* but tcp was asked for/);
		expect(stderr).toContain('Plugins of the Go SDK speak QUIC only.');
	});
});

describe.skipIf(go.missing)(titled('a Go executable that we serve with plugins of ours', go), () => {
	let running: RunningCli;
	let addresses: string[] = [];

	beforeAll(async () => {
		({ running, addresses } = await serve(
			go.plugin,
			'examples/weather',
			'test/interop/support/asks-go.ts',
			...['--listen', 'quic://127.0.0.1:0', '--listen', 'tcp://127.0.0.1:0'],
		));
	});
	afterAll(async () => {
		await running?.[Symbol.asyncDispose]();
	});

	test.each([
		['quic', 0],
		['tcp', 1],
	])('is called over %s', async (carrier, index) => {
		const address = addresses[index] ?? '';
		expect(address).toMatch(new RegExp(`^${carrier}://`));
		const { code, stdout } = await cli('call', address, 'echo', 'city=Oslo', 'days=3', '--json');
		expect({ code, result: JSON.parse(stdout) }).toEqual({ code: 0, result: { city: 'Oslo', days: 3 } });
		expect(await cli('call', address, 'count', 'to=2')).toMatchObject({ code: 0, stdout: '1\n2\n' });
		expect(await cli('call', address, 'app_error')).toMatchObject({ code: 5 });
		const file = join(scratch, `left-${carrier}`);
		expect(await cli('call', address, 'silent', `file=${file}`, '--timeout', '3s')).toMatchObject({
			code: 6,
		});
		await waitUntil(() => existsSync(file));
	});

	test('is called by one of ours', async () => {
		const { stdout } = await cli('call', addresses[1] ?? '', 'ask_go', 'n=7', '--json');
		expect(JSON.parse(stdout)).toMatchObject({ echoed: { n: 7 }, caller: 'asks-go', counted: '1\n2\n3\n' });
	});

	test('is shown by inspect beside them', async () => {
		const { stdout } = await cli('inspect', addresses[0] ?? '', '--json');
		const { plugins, health } = JSON.parse(stdout);
		expect(plugins).toMatchObject([
			{ id: 'go-tools', version: '1.4.2' },
			{ id: 'weather' },
			{ id: 'asks-go' },
		]);
		expect(health).toMatchObject({ status: 'healthy', details: { 'go-tools': 'ok' } });
	});

	test('is shut down with them', async () => {
		running.child.kill('SIGTERM');
		expect(await running.exited).toBe(0);
	});
});

describe.skipIf(go.missing)(titled('a Go executable, served where it could not dial', go), () => {
	test.each(['tcp://127.0.0.1:0', 'quic://0.0.0.0:0'])(
		'%s: it gets an address that it can',
		async (address) => {
			const { running, addresses } = await serve(go.plugin, '--listen', address);
			await using _ = running;
			const own = (addresses[0] ?? '').replace('0.0.0.0', '127.0.0.1');
			const asked = JSON.stringify({ health: {} });
			const { code, stdout, stderr } = await cli(
				'call',
				own,
				'ask_orchestrator',
				`request:=${asked}`,
				'--json',
			);
			expect(code, stderr).toBe(0);
			expect(JSON.parse(stdout)).toMatchObject({ health: { status: 'STATUS_HEALTHY' } });
		},
	);
});
