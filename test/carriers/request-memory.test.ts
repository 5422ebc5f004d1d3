import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, expect, test } from 'vitest';
import type { ConnectionMemory } from '../../src/runtime/carrier/connection-memory.ts';
import type { Peer } from '../../src/runtime/carrier/peer.ts';
import { RequestMemory } from '../../src/runtime/carrier/request-memory.ts';
import { encodeRequestFrame, frameHeaderBytes } from '../../src/runtime/wire/frame.ts';

const MiB = 1024 * 1024;

let memory: RequestMemory;
let gaveWay: string[];

beforeEach(() => {
	memory = new RequestMemory(64 * MiB);
	gaveWay = [];
});

function join(name: string, label = name): ConnectionMemory {
	const peer: Peer = { name, carrier: 'tcp', address: 'tcp://127.0.0.1:1' };
	return memory.join(peer, (error) => gaveWay.push(`${label} ${error.code}`));
}

/** Takes a request with so many MiB of text; its bytes, 0 where it was refused. */
function request(connection: ConnectionMemory, mebibytes: number): number {
	const text = 'x'.repeat(mebibytes * MiB);
	const frame = encodeRequestFrame({ requestId: 'r', toolCall: { toolName: 't', arguments: { text } } });
	try {
		return connection.admit(connection.decode(frame.subarray(frameHeaderBytes)));
	} catch (error) {
		expect(error).toMatchObject({ code: 'overloaded' });
		return 0;
	}
}

test('the requests of one certificate take three quarters at most, over all its connections, until they are answered', () => {
	const [first, second] = [join('a'), join('a')];
	const held = [request(first, 15), request(second, 15), request(first, 15)];
	expect(held.every((bytes) => bytes > 15 * MiB)).toBe(true);
	expect(request(second, 4)).toBe(0);
	expect(request(join('b'), 4)).toBeGreaterThan(0);
	first.release(held[0] as number);
	expect(request(second, 4)).toBeGreaterThan(0);
	expect(gaveWay).toEqual([]);
});

test('beyond the limit the certificate that holds most gives way to another, with its largest connection', () => {
	const [small, large] = [join('a', 'small'), join('a', 'large')];
	request(small, 4);
	request(large, 15);
	request(large, 15);
	const other = join('b');
	request(other, 15);
	expect(request(other, 15)).toBeGreaterThan(0);
	expect(gaveWay).toEqual(['large overloaded']);
});

test('incomplete messages and waiting answers of one certificate take a quarter at most; the connection with most of it ends', () => {
	const [quiet, one, two] = [join('a', 'quiet'), join('a', 'one'), join('a', 'two')];
	request(quiet, 15);
	one.setIncomplete(10 * MiB);
	two.setAnswers(5 * MiB);
	expect(gaveWay).toEqual([]);
	two.setAnswers(8 * MiB);
	expect(gaveWay).toEqual(['one overloaded']);
});

test('native memory of a connection that is over counts against its certificate until it is collected', async () => {
	let native: object | undefined = {};
	const peer: Peer = { name: 'a', carrier: 'quic', address: 'quic://127.0.0.1:1' };
	const over = memory.join(peer, () => undefined, native);
	over.setEngine(15 * MiB);
	over.over();
	join('a', 'next').setIncomplete(2 * MiB);
	join('b').setIncomplete(15 * MiB);
	expect(gaveWay).toEqual(['next overloaded']);
	native = undefined;
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as () => void;
	await expect
		.poll(() => {
			collect();
			gaveWay = [];
			const another = join('a', 'another');
			another.setIncomplete(2 * MiB);
			another.over();
			return gaveWay;
		})
		.toEqual([]);
});

test('calls under way do not make an incomplete message end their connection', () => {
	const busy = join('a');
	for (let index = 0; index < 3; index++) expect(request(busy, 15)).toBeGreaterThan(0);
	busy.setIncomplete(15 * MiB);
	expect(gaveWay).toEqual([]);
});

test('a request that does not fit is read no further, and nothing of it is counted', () => {
	const connection = join('a');
	request(connection, 15);
	const { used } = memory;
	const many = { list: new Array(1_000_000).fill({}) };
	const frame = encodeRequestFrame({ requestId: 'r', toolCall: { toolName: 't', arguments: many } });
	expect(() => connection.decode(frame.subarray(frameHeaderBytes))).toThrow(
		expect.objectContaining({ code: 'overloaded', retryable: true, details: { requestId: 'r' } }),
	);
	expect(memory.used).toBe(used);
});

test('a connection that is over gives back all but what its handlers still hold, and that when they end', () => {
	const connection = join('a');
	const bytes = request(connection, 1);
	connection.setIncomplete(MiB);
	connection.over();
	expect(memory.used).toBe(bytes);
	connection.setIncomplete(MiB);
	connection.release(bytes);
	expect(memory.used).toBe(0);
});

test('a cancel is read where no memory is left', () => {
	const connection = join('a');
	for (let index = 0; index < 3; index++) request(connection, 15);
	const frame = encodeRequestFrame({ requestId: 'r', streamCancel: { streamId: 's' } });
	expect(connection.decode(frame.subarray(frameHeaderBytes)).streamCancel).toEqual({ streamId: 's' });
});
