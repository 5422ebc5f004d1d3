import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { goBinaries, titled } from './support/go-binaries.ts';
import { type GoMessage, GoPeer } from './support/go-peer.ts';

const go = await goBinaries();
const scratch = scratchFolder('go-client');
const dir = join(scratch, 'certs');
const env = { ORCHESTRA_CERTS_DIR: dir, ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

describe.skipIf(go.missing)(titled('a Go client of what we serve', go), () => {
	let running: RunningCli;
	let peer: GoPeer;
	let quic = '';
	let plain = '';
	let client: number;

	beforeAll(async () => {
		running = new RunningCli(
			[
				...['serve', 'test/commands/fixtures/kitchen.ts', 'examples/weather', 'examples/notes', '--json'],
				...['--listen', 'quic://127.0.0.1:0', '--listen', 'tcp+plain://127.0.0.1:0'],
			],
			{ env },
		);
		const [line] = await running.until(/^.*"event":"ready".*$/m);
		[quic = '', plain = ''] = JSON.parse(line).addresses.map((address: string) =>
			address.replace(/^.*\/\//, ''),
		);
		peer = new GoPeer(go.peer);
		client = await peer.dial(dir, 'go-client', quic);
	});
	afterAll(async () => {
		await peer?.[Symbol.asyncDispose]();
		await running?.[Symbol.asyncDispose]();
	});

	const start = (toolName: string, args: object = {}) => ({
		requestId: 'go',
		streamStart: { streamId: `s-${toolName}`, toolName, arguments: args },
	});

	test('lists the tools and prompts of all plugins', async () => {
		const { listTools } = await peer.send(client, { requestId: 'l', listTools: {} });
		expect(listTools?.tools?.map((tool) => tool.name)).toEqual(
			expect.arrayContaining(['greet', 'forecast', 'add_line', 'count']),
		);
		expect(await peer.send(client, { requestId: 'p', listPrompts: {} })).toEqual({
			requestId: 'p',
			listPrompts: {},
		});
		expect(await peer.send(client, { requestId: 'h', health: {} })).toMatchObject({
			health: { status: 'STATUS_HEALTHY' },
		});
	});

	test.each([
		['greet', { name: 'Ada' }, { success: true, result: { text: 'hello Ada' } }],
		['greet', {}, { errorCode: 'invalid_arguments', errorMessage: expect.stringContaining('/name') }],
		['fail', {}, { errorCode: 'burnt', errorMessage: 'the dish is burnt' }],
		['crash', {}, { errorCode: 'handler_error', errorMessage: 'the oven exploded' }],
		['nope', {}, { errorCode: 'tool_not_found', errorMessage: 'no plugin provides the tool nope' }],
	])('calls %s %j', async (tool, args, answer) => {
		expect(await peer.call(client, tool, args)).toMatchObject(answer);
	});

	test('uses the storage of a plugin', async () => {
		const entry = { path: 'go.md', storageType: 'notes' };
		const content = Buffer.from('from Go').toString('base64');
		expect(await peer.send(client, { storageWrite: { ...entry, content } })).toMatchObject({
			storageWrite: { success: true, newVersion: '1' },
		});
		expect(await peer.send(client, { storageWrite: { ...entry, content } })).toMatchObject({
			storageWrite: { error: expect.stringContaining('go.md') },
		});
		expect(await peer.send(client, { storageRead: entry })).toMatchObject({ storageRead: { content } });
	});

	test('registers, if its certificate is that plugin', async () => {
		const register = (id: string) => peer.send(client, { requestId: 'r', register: { id } });
		expect(await register('go-client')).toEqual({ requestId: 'r', register: { accepted: true } });
		expect((await register('weather')).register).toMatchObject({
			rejectReason: expect.stringContaining('go-client'),
		});
	});

	test('gets unknown_request for what is not known, and works on', async () => {
		expect(await peer.send(client, { requestId: 'u' }, { unknownField: 999 })).toMatchObject({
			toolCall: { errorCode: 'unknown_request' },
		});
		expect(await peer.call(client, 'greet', { name: 'Bo' })).toMatchObject({ success: true });
	});

	test('streams, and cancels a stream', async () => {
		expect(await peer.stream(client, start('count', { to: 2 }))).toMatchObject([
			{ streamChunk: { data: Buffer.from('1\n').toString('base64') } },
			{ streamChunk: { sequence: '1' } },
			{ streamEnd: { success: true, totalChunks: '2' } },
		]);
		expect(await peer.stream(client, start('nope'))).toMatchObject([
			{ streamEnd: { errorCode: 'tool_not_found' } },
		]);
		const file = join(scratch, 'ticked');
		expect(await peer.stream(client, start('tick', { file }), { cancelAfter: 2 })).toHaveLength(2);
		await waitUntil(() => existsSync(file));
	});

	test('that hangs up cancels what it asked for', async () => {
		const file = join(scratch, 'waiting');
		const other = await peer.dial(dir, 'go-client', quic);
		const waiting = peer.call(other, 'wait', { file }).catch((error) => error);
		await waitUntil(() => existsSync(file));
		await peer.ask('hang_up', { client: other });
		expect(await waiting).toBeInstanceOf(Error);
		await waitUntil(() => readFileSync(file, 'utf8') === 'cancelled');
	});

	test('of another CA is refused', async () => {
		await expect(peer.dial(join(scratch, 'other'), 'go-client', quic)).rejects.toThrow(/unknown authority/);
	});

	test('without any certificate is refused', async () => {
		const refused = async () => {
			// With TLS 1.3 the client is done before the server has seen that there is none.
			const params = { dir, name: 'go-client', address: quic, anonymous: true };
			const dialled = await peer.ask<{ client: number }>('dial', params);
			await peer.call(dialled.client, 'greet', { name: 'Eve' });
		};
		await expect(refused).rejects.toThrow(/certificate required|CRYPTO_ERROR/);
	});

	describe('over plaintext TCP', () => {
		const ask = (request: object, more: object = {}): Promise<GoMessage[]> =>
			peer.ask('tcp_send', { address: plain, request, ...more });

		test.each([false, true])(
			'gets its answer, and the end of the connection (half closed: %s)',
			async (halfClose) => {
				const toolCall = { toolName: 'greet', arguments: { name: 'Ada' } };
				expect(await ask({ requestId: 't', toolCall }, { halfClose })).toEqual([
					{ requestId: 't', toolCall: { success: true, result: { text: 'hello Ada' } } },
				]);
			},
		);

		test.each([false, true])('gets a stream (half closed: %s)', async (halfClose) => {
			expect(await ask(start('count', { to: 3 }), { halfClose })).toMatchObject([
				{ streamChunk: {} },
				{ streamChunk: {} },
				{ streamChunk: {} },
				{ streamEnd: { success: true, totalChunks: '3' } },
			]);
		});

		test('cancels a stream on its connection', async () => {
			const file = join(scratch, 'plain-ticked');
			const responses = await ask(start('tick', { file }), { cancelAfter: 2 });
			expect(responses.at(-1)).toMatchObject({ streamEnd: { errorCode: 'cancelled' } });
			await waitUntil(() => existsSync(file));
		});

		test('gets unknown_request', async () => {
			expect(await ask({ requestId: 'u' })).toMatchObject([{ toolCall: { errorCode: 'unknown_request' } }]);
		});
	});
});

describe.skipIf(go.missing)(titled('we, as a client of Go servers', go), () => {
	let peer: GoPeer;
	beforeAll(async () => {
		peer = new GoPeer(go.peer);
		await ensureIdentity(dir, 'cli');
	});
	afterAll(() => peer?.[Symbol.asyncDispose]());

	const cli = (...args: string[]) => runCli(args, { env });

	describe.each(['quic', 'tcp+plain'])('over %s', (scheme) => {
		let address = '';
		beforeAll(async () => {
			const served =
				scheme === 'quic'
					? await peer.serve('sdk_serve', { dir, name: 'go-server' })
					: await peer.serve('tcp_serve');
			address = `${scheme}://${served.address}`;
		});

		test('inspect shows what a core peer tells', async () => {
			const { code, stdout, stderr } = await cli('inspect', address, '--json');
			expect(code, stderr).toBe(0);
			const shown = JSON.parse(stdout);
			expect(shown).toMatchObject({
				how: 'connected',
				plugins: [],
				health: { status: 'healthy' },
				connection: { protocol: 'core', peer: scheme === 'quic' ? 'go-server' : '' },
			});
			expect(shown.tools.map((tool: { name: string }) => tool.name)).toContain('echo');
		});

		test('calls', async () => {
			const { code, stdout } = await cli('call', address, 'echo', 'city=Oslo', 'days=3', '--json');
			expect({ code, result: JSON.parse(stdout) }).toEqual({ code: 0, result: { city: 'Oslo', days: 3 } });
			expect(await cli('call', address, 'app_error')).toMatchObject({ code: 5 });
			expect(await cli('call', address, 'odd', 'what=bad_utf8')).toMatchObject({ code: 4 });
			expect((await cli('call', address, 'nope')).code).toBe(2);
		});

		test('streams', async () => {
			expect(await cli('call', address, 'count', 'to=3')).toMatchObject({ code: 0, stdout: '1\n2\n3\n' });
		});

		test('cancels a stream', async () => {
			const file = join(scratch, `endless-${scheme}`);
			const { code } = await cli('call', address, 'endless', `file=${file}`, '--timeout', '3s');
			expect(code).toBe(6);
			await waitUntil(() => existsSync(file));
		});

		test('cancels a stream that says nothing, and leaves at once', async () => {
			const file = join(scratch, `silent-${scheme}`);
			const { code } = await cli('call', address, 'silent', `file=${file}`, '--timeout', '3s');
			expect(code).toBe(6);
			await waitUntil(() => existsSync(file));
		});
	});
});
