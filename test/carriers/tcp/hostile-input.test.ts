import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Listener } from '../../../src/runtime/carrier/carrier.ts';
import type { IncomingExchange } from '../../../src/runtime/carrier/incoming-exchange.ts';
import { encodeRequestFrame } from '../../../src/runtime/wire/frame.ts';
import type { StreamInput } from '../../../src/runtime/wire/generated/messages.ts';
import { echo } from '../handlers.ts';
import type { Network } from '../harness.ts';
import { createHarness } from '../harnesses.ts';
import { streamStart, toolCall } from '../recorder.ts';
import { RawClient } from './raw-client.ts';

let network: Network;
let listener: Listener;
let client: RawClient | undefined;
/** How the loop over the input of the last call ended. */
let loop: Promise<unknown> = Promise.resolve();

/** Streams ask for input and read none of it; `read` streams read all. */
function serve(exchange: IncomingExchange): void {
	if (exchange.request.toolCall) {
		echo(exchange);
		return;
	}
	const { input } = exchange;
	if (!input || exchange.request.streamStart?.toolName !== 'read') return;
	loop = (async () => {
		for await (const _ of input);
		return 'complete';
	})().catch((error: unknown) => error);
}

beforeAll(async () => {
	network = (await createHarness('tcp')).network as Network;
	listener = await network.listen(serve);
});

afterEach(() => client?.close());
afterAll(() => listener.close());

const input = (requestId: string, streamInput: StreamInput) => encodeRequestFrame({ requestId, streamInput });

async function connected(): Promise<RawClient> {
	client = await RawClient.connect(listener.address, network.client);
	return client;
}

/** The connection still serves. */
async function serves(raw: RawClient): Promise<void> {
	const before = raw.responses.length;
	raw.write(encodeRequestFrame({ requestId: 'after', ...toolCall() }));
	const responses = await raw.received(before + 1);
	expect(responses.at(-1)).toMatchObject({ requestId: 'after', toolCall: { success: true } });
}

test('input for an exchange that is not there is dropped', async () => {
	const raw = await connected();
	raw.write(input('nobody', { data: new Uint8Array(9) }), input('nobody', { end: true }));
	await serves(raw);
	expect(raw.responses).toHaveLength(1);
});

test('input to a request that did not announce it fails that request', async () => {
	const raw = await connected();
	raw.write(
		encodeRequestFrame({ requestId: 'a', ...streamStart() }),
		input('a', { data: new Uint8Array(1) }),
	);
	expect((await raw.received(1))[0]?.error).toMatchObject({ code: 'malformed_message' });
	await serves(raw);
});

test('more input than was granted fails its exchange, and the handler does not take it for complete', async () => {
	const raw = await connected();
	raw.write(encodeRequestFrame({ requestId: 'a', ...streamStart(), sendsInput: true }));
	expect((await raw.received(1))[0]?.inputCredit).toEqual({ bytes: 256 * 1024 });
	for (let i = 0; i < 5; i += 1) raw.write(input('a', { data: new Uint8Array(64 * 1024) }));
	expect((await raw.received(2))[1]?.error).toMatchObject({
		code: 'malformed_message',
		message: expect.stringContaining('granted'),
	});
	await serves(raw);
});

test('input after its end fails its exchange; a repeated end is dropped once it is answered', async () => {
	const raw = await connected();
	raw.write(encodeRequestFrame({ requestId: 'a', ...streamStart(), sendsInput: true }));
	await raw.received(1);
	raw.write(input('a', { end: true }), input('a', { data: new Uint8Array(1) }), input('a', { end: true }));
	expect((await raw.received(2))[1]?.error).toMatchObject({ code: 'malformed_message' });
	await serves(raw);
});

test('a caller that vanishes before its end is not taken for one that has said all', async () => {
	const raw = await connected();
	const start = { streamStart: { streamId: 's', toolName: 'read' } };
	raw.write(encodeRequestFrame({ requestId: 'a', ...start, sendsInput: true }));
	await raw.received(1);
	raw.write(input('a', { data: new Uint8Array(1) }));
	raw.close();
	expect(await loop).toMatchObject({
		code: 'malformed_message',
		message: 'the input stopped before its end',
	});
});
