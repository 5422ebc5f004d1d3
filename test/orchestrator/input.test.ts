import { expect, test } from 'vitest';
import { connectInProcess } from '../../src/runtime/carrier/memory/memory-connection.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { forwardExchange } from '../../src/runtime/hosting/forward-exchange.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { createDispatcher } from '../../src/runtime/plugin/serving/dispatcher.ts';
import { loneServices } from '../../src/runtime/plugin/serving/lone-services.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

expectNothingLeftBehind();

/** A client whose calls go through two hops, as those through an orchestrator do. */
function connected() {
	const plugin = createPlugin('shout')
		.version('1.0.0')
		.registerStreamingTool('shout', { description: 'repeats loudly' }, async function* (_args, { input }) {
			for await (const value of input) {
				yield value instanceof Uint8Array ? value : typeof value === 'string' ? value.toUpperCase() : value;
			}
		})
		.build();
	const { handle } = createDispatcher(
		plugin,
		loneServices('shout', () => {}),
	);
	const inner = connectInProcess(handle, { callerName: 'orchestrator', plugin: 'shout' });
	const outer = connectInProcess((exchange) => forwardExchange(exchange, inner, 'shout'), {
		callerName: 'test',
		plugin: 'orchestrator',
	});
	return createClient(outer);
}

test('ctx.input has bytes, text and JSON as they were sent, through a forwarder', async () => {
	const client = connected();
	async function* input() {
		yield 'hello';
		yield { n: 1 };
		yield Uint8Array.of(1, 2);
	}
	const seen: string[] = [];
	for await (const { data, contentType } of client.streamTool('shout', {}, { input: input() })) {
		seen.push(`${contentType} ${Buffer.from(data).toString('latin1')}`);
	}
	expect(seen).toEqual([
		'text/plain; charset=utf-8 HELLO',
		'application/json {"n":1}',
		'application/octet-stream \u0001\u0002',
	]);
	await client.close();
});

test('ctx.input is empty where the caller sends nothing', async () => {
	const client = connected();
	const seen: unknown[] = [];
	for await (const chunk of client.streamTool('shout')) seen.push(chunk);
	expect(seen).toEqual([]);
	await client.close();
});
