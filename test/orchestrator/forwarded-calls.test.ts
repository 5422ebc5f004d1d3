import { createPlugin } from 'orchestra-toolchain';
import { expect, test } from 'vitest';
import type { Address } from '../../src/runtime/carrier/address.ts';
import type { ExchangeHandler } from '../../src/runtime/carrier/carrier.ts';
import { dial, listen } from '../../src/runtime/carrier/network-carrier.ts';
import type { PeerError } from '../../src/runtime/client/peer-error.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { remote } from '../../src/runtime/hosting/remote-source.ts';
import { ChangingIdentity } from '../../src/runtime/identity/sources/identity-source.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import type { Plugin } from '../../src/runtime/plugin/definition/plugin.ts';
import { createDispatcher } from '../../src/runtime/plugin/serving/dispatcher.ts';
import { loneServices } from '../../src/runtime/plugin/serving/lone-services.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { runAfterEach } from '../support/run-after-each.ts';

// A plugin that is reached over the network, behind an orchestrator that is, too.

expectNothingLeftBehind();

const authority = createAuthority();
const at = { carrier: 'tcp', host: '127.0.0.1', port: 0 } as const;
const any = { description: '' };

const afterwards = runAfterEach();

async function chain(
	plugin: Plugin,
	wrap: (handler: ExchangeHandler) => ExchangeHandler = (handler) => handler,
): Promise<{ client: PluginClient; orchestrator: Orchestrator }> {
	const { handle } = createDispatcher(
		plugin,
		loneServices(plugin.id, () => {}),
	);
	const served = await listen(at, { identity: issueIdentity(authority, plugin.id), handler: wrap(handle) });
	afterwards(() => served.close());
	const identity = issueIdentity(authority, 'orchestrator');
	const orchestrator = new Orchestrator();
	afterwards(() => orchestrator.stop());
	await orchestrator.host(remote({ address: served.address, identity }));
	const { address } = await orchestrator.listen(at, identity);
	const connection = await dial(address, { identity: issueIdentity(authority, 'tester') });
	afterwards(() => connection.close());
	return { client: createClient(connection), orchestrator };
}

test('a cancel reaches the handler', async () => {
	let begun: () => void = () => {};
	const running = new Promise<void>((resolve) => {
		begun = resolve;
	});
	let told: (reason: unknown) => void = () => {};
	const heard = new Promise<unknown>((resolve) => {
		told = resolve;
	});
	const { client } = await chain(
		createPlugin('far')
			.registerTool('wait', any, (_args, { signal }) => {
				signal.addEventListener('abort', () => told(signal.reason));
				begun();
				return heard;
			})
			.build(),
	);
	const caller = new AbortController();
	const call = client.callTool('wait', {}, { signal: caller.signal }).catch((error: unknown) => error);
	await running;
	caller.abort();
	expect(await heard).toMatchObject({ code: 'cancelled' });
	expect(await call).toMatchObject({ code: 'cancelled' });
});

test('a slow reader slows the plugin', async () => {
	let sent = 0;
	const { client } = await chain(
		createPlugin('far')
			.registerStreamingTool('flood', any, async function* () {
				for (; sent < 400; sent++) yield new Uint8Array(64 * 1024);
			})
			.build(),
	);
	const stream = client.streamTool('flood');
	await stream.next();
	// It stands still when nothing more came for a while.
	for (let before = -1; before !== sent; ) {
		before = sent;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	expect(sent).toBeLessThan(100);
	let read = 1;
	for await (const _ of stream) read++;
	expect(read).toBe(400);
});

test('a call that takes longer than the last answers get is still answered during a stop', async () => {
	let answer: (() => void) | undefined;
	const { client, orchestrator } = await chain(
		createPlugin('far')
			.registerTool('slow', any, () => new Promise((resolve) => (answer = () => resolve('done'))))
			.build(),
	);
	const call = client.callTool('slow');
	await expect.poll(() => answer).toBeDefined();
	const stopped = orchestrator.stop();
	await expect(client.callTool('slow')).rejects.toMatchObject({ code: 'shutting_down' });
	setTimeout(() => answer?.(), 700);
	expect(await call).toEqual({ text: 'done' });
	await stopped;
});

test('a front end in this process is refused during a stop, too', async () => {
	const orchestrator = new Orchestrator();
	const client = createClient(orchestrator.connect('front', { forwards: true }));
	await orchestrator.stop();
	await expect(client.callTool('any')).rejects.toMatchObject({ code: 'shutting_down' });
	await client.close();
});

test('a plugin does not speak for the orchestrator', async () => {
	const { client } = await chain(
		createPlugin('far')
			.registerTool('work', any, () => 1)
			.build(),
		(handler) => (exchange) => {
			if (!exchange.request.toolCall) return handler(exchange);
			const error = { code: 'tool_not_found', message: 'it lies', origin: 'orchestrator' };
			exchange.finish({ toolCall: { success: false }, error });
		},
	);
	const error: PeerError = await client.callTool('work').then(
		() => expect.unreachable('it was answered'),
		(reason) => reason,
	);
	expect(error).toMatchObject({ code: 'tool_not_found', message: 'it lies' });
	expect(error.origin).toBeUndefined();
});

test('an address that is an orchestrator is no plugin; a plugin elsewhere that is stopped has not crashed', async () => {
	const { client, orchestrator } = await chain(
		createPlugin('far')
			.registerTool('work', any, () => 1)
			.build(),
	);
	const [address] = orchestrator.addresses;
	const other = new Orchestrator();
	afterwards(() => other.stop());
	const source = remote({ address: address as Address, identity: issueIdentity(authority, 'orchestrator') });
	await expect(other.host(source)).rejects.toMatchObject({ code: 'not_a_plugin' });
	const slot = orchestrator.slot('far');
	await slot?.stop();
	expect(slot?.state).toBe('stopped');
	await expect(client.callTool('work')).rejects.toMatchObject({ code: 'plugin_unavailable' });
});

test('a plugin that was removed gets no events', async () => {
	const heard: unknown[] = [];
	const { client, orchestrator } = await chain(
		createPlugin('far')
			.subscribe('news', ({ payload }) => void heard.push(payload.n))
			.build(),
	);
	await client.publish({ topic: 'news', eventType: 'x', payload: { n: 1 } });
	await expect.poll(() => heard).toEqual([1]);
	expect(orchestrator.subscriptions).toMatchObject([{ plugin: 'far', topics: ['news'] }]);
	const complaints: unknown[] = [];
	orchestrator.bus.subscribe({ name: 'probe', deliver: (events) => void complaints.push(...events) }).close();
	await orchestrator.remove('far');
	expect(orchestrator.subscriptions).toEqual([]);
	await client.publish({ topic: 'news', eventType: 'x', payload: { n: 2 } });
	await client.health();
	expect(heard).toEqual([1]);
});

test('an orchestrator that has stopped follows its own identity no more', async () => {
	const identity = new ChangingIdentity(issueIdentity(authority, 'orchestrator'));
	const orchestrator = new Orchestrator({ identity });
	await orchestrator.listen(at);
	await orchestrator.stop();
	expect(identity.closed).toBe(true);
});
