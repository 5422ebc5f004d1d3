import { expect, test } from 'vitest';
import type { IncomingExchange } from '../../src/runtime/carrier/incoming-exchange.ts';
import { connectInProcess } from '../../src/runtime/carrier/memory/memory-connection.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

expectNothingLeftBehind();

const never = { timeoutMs: 600_000 };

function connect(handle: (exchange: IncomingExchange) => void) {
	return createClient(connectInProcess(handle, { callerName: 'tester', plugin: 'p' }));
}

test('a handler that watches the deadline and answers leaves no timer', async () => {
	const client = connect((exchange) => {
		exchange.onCancel(() => {});
		exchange.finish({ toolCall: { success: true, result: {} } });
	});
	expect(await client.callTool('t', {}, never)).toEqual({});
	await client.close();
});

test('a call that was answered leaves no listener on the signal of its caller', async () => {
	const client = connect((exchange) => exchange.finish({ toolCall: { success: true, result: {} } }));
	const caller = new AbortController();
	expect(await client.callTool('t', {}, { signal: caller.signal })).toEqual({});
	await client.close();
});

test('a handler whose caller gives up leaves no timer, answered or not', async () => {
	const caller = new AbortController();
	const cancelled = new Promise<OrchestraError>((resolve) => {
		const client = connect((exchange) => {
			exchange.onCancel(resolve);
			caller.abort();
		});
		client.callTool('t', {}, { ...never, signal: caller.signal }).catch(() => {});
	});
	expect(await cancelled).toBeInstanceOf(OrchestraError);
});
