import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Address } from '../../src/runtime/carrier/address.ts';
import { dial } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { launchPlugin } from '../../src/runtime/launching/launch-plugin.ts';
import type { LaunchedPlugin } from '../../src/runtime/launching/launched-plugin.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { eventually } from './support/eventually.ts';
import { goBinaries, titled } from './support/go-binaries.ts';

const go = await goBinaries();
const folder = scratchFolder('go-streams');
const certsDir = join(folder, 'certs');

const chunkBytes = 64 * 1024;

describe.skipIf(go.missing)(titled('a stream of a Go plugin', go), () => {
	let launched: LaunchedPlugin;
	let client: PluginClient;

	beforeAll(async () => {
		launched = await launchPlugin({ command: go.plugin, id: 'go-tools', certsDir });
		client = launched.client;
	});
	afterAll(() => launched?.stop());

	async function text(tool: string, args: Record<string, number>): Promise<string> {
		const decoder = new TextDecoder();
		let all = '';
		for await (const chunk of client.streamTool(tool, args))
			all += decoder.decode(chunk.data, { stream: true });
		return all;
	}

	/** Waits until the cancelled handler has written its file. */
	const cancelled = (file: string) => waitUntil(() => existsSync(file));

	test('comes in order and ends', async () => {
		const chunks = [];
		for await (const chunk of client.streamTool('count', { to: 3 })) chunks.push(chunk);
		expect(chunks).toEqual(
			[1, 2, 3].map((n, sequence) => ({
				data: new TextEncoder().encode(`${n}\n`),
				contentType: 'application/octet-stream',
				sequence,
			})),
		);
	});

	test('may be empty', async () => {
		expect(await text('count', { to: 0 })).toBe('');
	});

	test('may be many at once: more than the peer allows streams', async () => {
		const all = await Promise.all(Array.from({ length: 150 }, (_, i) => text('count', { to: i })));
		expect(all.map((one) => one.split('\n').length - 1)).toEqual(all.map((_, i) => i));
	});

	test('that fails gives what came before, then the error', async () => {
		const chunks: string[] = [];
		const reading = (async () => {
			for await (const chunk of client.streamTool('break')) chunks.push(new TextDecoder().decode(chunk.data));
		})();
		await expect(reading).rejects.toMatchObject({
			name: 'PeerError',
			code: 'handler_error',
			message: 'the Go stream broke',
		});
		expect(chunks).toEqual(['one', 'two']);
	});

	test.each(['no_such_stream', 'echo'])(
		'of a tool that does not stream (%s): tool_not_found',
		async (tool) => {
			await expect(client.streamTool(tool).next()).rejects.toMatchObject({ code: 'tool_not_found' });
		},
	);

	test('may have a chunk of 16 MB', async () => {
		const bytes = 16 * 1024 * 1024 - 200;
		let got = 0;
		for await (const chunk of client.streamTool('one_chunk', { bytes })) got += chunk.data.length;
		expect(got).toBe(bytes);
	});

	test('with a chunk that Go cannot send fails alone', async () => {
		const reading = client.streamTool('one_chunk', { bytes: 16 * 1024 * 1024 }).next();
		await expect(reading).rejects.toMatchObject({ code: 'connection_lost' });
		expect(await client.callTool('echo', { ok: true })).toEqual({ ok: true });
	});

	test('stops when its reader does, and goes on with it', async () => {
		// 256 MB, which no window takes; what QUIC holds for one stream is bounded by its flow control.
		const chunks = 4096;
		const produced = async () => (await client.callTool('produced')).chunks as number;
		const stream = client.streamTool('flood', { chunks }, { timeoutMs: Number.POSITIVE_INFINITY });
		await stream.next();
		let last = -1;
		for (let now = await produced(); now !== last; now = await produced()) {
			last = now;
			await sleep(150);
		}
		expect(last * chunkBytes).toBeLessThan(64 * 1024 * 1024);
		let got = 1;
		for (; got < 1000; got++) await stream.next();
		await eventually(produced).toBeGreaterThan(last);
		await stream.return?.();
		expect(await client.callTool('echo', { ok: true })).toEqual({ ok: true });
	});

	test('all of 64 MB arrives', async () => {
		let got = 0;
		for await (const chunk of client.streamTool('flood', { chunks: 1024 })) got += chunk.data.length;
		expect(got).toBe(1024 * chunkBytes);
	});

	test('that is left early: the handler is cancelled', async () => {
		const file = join(folder, 'left');
		for await (const _ of client.streamTool('endless', { file })) break;
		await cancelled(file);
	});

	test('that is aborted: the handler is cancelled, and the reader hears it', async () => {
		const file = join(folder, 'aborted');
		const controller = new AbortController();
		const stream = client.streamTool('endless', { file }, { signal: controller.signal });
		await stream.next();
		controller.abort();
		await expect(
			(async () => {
				for await (const _ of stream);
			})(),
		).rejects.toMatchObject({ code: 'cancelled' });
		await cancelled(file);
	});

	test('that says nothing can be cancelled all the same', async () => {
		const file = join(folder, 'silent');
		const controller = new AbortController();
		const reading = client.streamTool('silent', { file, first: 1 }, { signal: controller.signal });
		await reading.next();
		const next = reading.next();
		controller.abort();
		await expect(next).rejects.toMatchObject({ code: 'cancelled' });
		await cancelled(file);
	});

	test('whose deadline passes: the handler is cancelled', async () => {
		const file = join(folder, 'late');
		await expect(client.streamTool('silent', { file }, { timeoutMs: 2000 }).next()).rejects.toMatchObject({
			code: 'deadline_exceeded',
		});
		await cancelled(file);
	});

	test('whose caller closes the connection: the handler is cancelled by its next chunk', async () => {
		const file = join(folder, 'closed');
		const identity = await ensureIdentity(certsDir, 'somebody');
		const connection = await dial(launched.address as Address, { identity, expectPeer: 'go-tools' });
		await using other = createClient(connection);
		const stream = other.streamTool('endless', { file });
		await stream.next();
		await other.close();
		await cancelled(file);
	});

	test('300 streams that are left do not use up what the peer allows', async () => {
		for (let i = 0; i < 300; i++) {
			for await (const _ of client.streamTool('endless', { file: join(folder, `many-${i}`) })) break;
		}
		expect(await client.callTool('echo', { ok: true })).toEqual({ ok: true });
	});
});
