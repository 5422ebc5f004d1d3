import { expect, test } from 'vitest';
import type { Connection } from '../../src/runtime/carrier/carrier.ts';
import { connectInProcess } from '../../src/runtime/carrier/memory/memory-connection.ts';
import { maxMessageBytes } from '../../src/runtime/wire/limits.ts';
import { disposeAfterEach } from '../support/dispose-after-each.ts';
import { chunk, echo, SilentHandler, streamEnd } from './handlers.ts';
import { Recorder, streamStart, toolCall } from './recorder.ts';

const keep = disposeAfterEach();

function connect(...[handler]: [Parameters<typeof connectInProcess>[0]]): Connection {
	return keep(connectInProcess(handler, { callerName: 'caller', plugin: 'plugin' }));
}

test('a value and a run of bytes have the limit that a message has on the wire', async () => {
	const connection = connect((exchange) => exchange.finish({ storageWrite: { success: true } }));
	const write = (bytes: number) => ({ storageWrite: { path: 'p', content: new Uint8Array(bytes) } });
	expect((await new Recorder(connection, write(maxMessageBytes + 1)).error()).code).toBe('message_too_large');
	await new Recorder(connection, write(maxMessageBytes)).response();
	const long = toolCall({ text: 'x'.repeat(maxMessageBytes) });
	expect((await new Recorder(connection, long).error()).code).toBe('message_too_large');
});

test('bytes are copies, of a Buffer too', async () => {
	const content = Buffer.from('abc');
	let seen: Uint8Array | undefined;
	const connection = connect((exchange) => {
		seen = exchange.request.storageWrite?.content;
		exchange.finish({ storageRead: { content } });
	});
	const call = new Recorder(connection, { storageWrite: { path: 'p', content } });
	const { storageRead } = await call.response();
	content.fill(0);
	expect(Buffer.from(seen ?? []).toString()).toBe('abc');
	expect(Buffer.from(storageRead?.content ?? []).toString()).toBe('abc');
});

test('nested messages are copies', async () => {
	const config = { key: 'value' };
	const connection = connect((exchange) => {
		Object.assign(exchange.request.boot?.config ?? {}, { key: 'changed' });
		exchange.finish({ listTools: { tools: [{ name: 't', inputSchema: schema }] } });
	});
	const schema = { type: 'object' };
	const { listTools } = await new Recorder(connection, { boot: { config } }).response();
	Object.assign(listTools?.tools?.[0]?.inputSchema ?? {}, { type: 'changed' });
	expect(config).toEqual({ key: 'value' });
	expect(schema).toEqual({ type: 'object' });
});

test('a handler that throws fails its call only', async () => {
	let calls = 0;
	const connection = connect((exchange) => {
		calls += 1;
		if (calls === 1) throw new Error('a bug');
		echo(exchange);
	});
	const first = new Recorder(connection, toolCall());
	const second = new Recorder(connection, toolCall({ n: 2 }));
	const error = await first.error();
	expect(error.code).toBe('handler_error');
	expect(error.message).toContain('a bug');
	await second.response();
});

test('the handler is not called for what was cancelled before it could be', async () => {
	const handler = new SilentHandler();
	const connection = connect(handler.handle);
	new Recorder(connection, toolCall()).exchange.cancel();
	new Recorder(connection, toolCall());
	await handler.reached(1);
	expect(handler.exchanges).toHaveLength(1);
});

test('send gives no promise as long as there is room', async () => {
	const rooms: unknown[] = [];
	const connection = connect((exchange) => {
		for (let i = 0; i < 3; i += 1) rooms.push(exchange.send(chunk(i, new Uint8Array(100))));
		exchange.finish(streamEnd());
	});
	await new Recorder(connection, streamStart(), { hold: true, windowBytes: 300 }).response();
	expect(rooms.map((room) => room instanceof Promise)).toEqual([false, true, true]);
});

test('closing ends calls that were not delivered yet', async () => {
	const handler = new SilentHandler();
	const connection = connect(handler.handle);
	const call = new Recorder(connection, toolCall());
	await connection.close();
	expect((await call.error()).code).toBe('connection_closed');
	expect(handler.exchanges).toHaveLength(0);
});
