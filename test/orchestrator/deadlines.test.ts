import { createPlugin } from 'orchestra-toolchain';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/runtime/carrier/carrier.ts';
import { connectInProcess } from '../../src/runtime/carrier/memory/memory-connection.ts';
import { dial, listen } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { remote } from '../../src/runtime/hosting/remote-source.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import type { Plugin } from '../../src/runtime/plugin/definition/plugin.ts';
import { createDispatcher } from '../../src/runtime/plugin/serving/dispatcher.ts';
import { loneServices } from '../../src/runtime/plugin/serving/lone-services.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { runAfterEach } from '../support/run-after-each.ts';

expectNothingLeftBehind();

const authority = createAuthority();
const identity = (name: string) => issueIdentity(authority, name);

const afterwards = runAfterEach();

/** What the plugin at the end of a chain saw of its caller's patience. */
interface Seen {
	/** Milliseconds that were left when it was asked; undefined where it was told of no end. */
	leftMs: number | undefined;
	aborted: Promise<unknown>;
}

function farPlugin(): { plugin: Plugin; calls: Seen[] } {
	const calls: Seen[] = [];
	const plugin = createPlugin('far')
		.registerTool('wait', { description: 'Waits until nobody waits for it.' }, async (_args, ctx) => {
			const aborted = new Promise<unknown>((resolve) => {
				ctx.signal.addEventListener('abort', () => resolve(ctx.signal.reason));
			});
			calls.push({ leftMs: ctx.deadline && ctx.deadline - Date.now(), aborted });
			await aborted;
			return 'late';
		})
		.registerTool('now', { description: 'Answers at once.' }, (_args, ctx) => {
			calls.push({ leftMs: ctx.deadline && ctx.deadline - Date.now(), aborted: Promise.resolve() });
			return 'now';
		})
		.build();
	return { plugin, calls };
}

/** Waits a little and then calls on, as a handler does. */
function nearPlugin(tool: string): Plugin {
	return createPlugin('near')
		.needsTools(tool)
		.registerTool('relay', { description: 'Calls another tool.' }, async (_args, ctx) => {
			await new Promise((resolve) => setTimeout(resolve, 60));
			return ctx.callTool(tool);
		})
		.registerTool('overdue', { description: 'Calls another tool too late.' }, async (_args, ctx) => {
			await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
			return ctx.callTool(tool);
		})
		.build();
}

/** A plugin behind an orchestrator, reached over a carrier on both sides of it. */
async function chain(
	carrier: 'tcp' | 'quic',
	plugin: Plugin,
): Promise<{ client: PluginClient; orchestrator: Orchestrator }> {
	const at = { carrier, host: '127.0.0.1', port: 0 };
	const dispatcher = createDispatcher(
		plugin,
		loneServices(plugin.id, () => {}),
	);
	const served = await listen(at, { identity: identity(plugin.id), handler: dispatcher.handle });
	afterwards(() => served.close());
	const orchestrator = new Orchestrator();
	afterwards(() => orchestrator.stop());
	await orchestrator.host(remote({ address: served.address, identity: identity('orchestrator') }));
	const outer = await orchestrator.listen(at, identity('orchestrator'));
	const connection = await dial(outer.address, { identity: identity('tester') });
	afterwards(() => connection.close());
	return { client: createClient(connection), orchestrator };
}

describe.each(['tcp', 'quic'] as const)('over %s and an orchestrator', (carrier) => {
	let far: ReturnType<typeof farPlugin>;
	beforeAll(() => {
		far = farPlugin();
	});

	test('the deadline reaches the plugin, shorter with each hop', async () => {
		const { client, orchestrator } = await chain(carrier, far.plugin);
		await orchestrator.embed(nearPlugin('now'));
		far.calls.length = 0;
		await client.callTool('relay', {}, { timeoutMs: 20_000 });
		expect(far.calls[0]?.leftMs).toBeGreaterThan(5_000);
		expect(far.calls[0]?.leftMs).toBeLessThanOrEqual(19_950);
	});

	test('ends the call at all of them', async () => {
		const { client, orchestrator } = await chain(carrier, far.plugin);
		await orchestrator.embed(nearPlugin('wait'));
		far.calls.length = 0;
		await expect(client.callTool('relay', {}, { timeoutMs: 1500 })).rejects.toMatchObject({
			code: 'deadline_exceeded',
		});
		expect(await far.calls[0]?.aborted).toMatchObject({
			code: expect.stringMatching(/^(deadline_exceeded|cancelled)$/),
		});
	});

	test('a handler that is too late to call another tool does not reach it', async () => {
		const { client, orchestrator } = await chain(carrier, far.plugin);
		await orchestrator.embed(nearPlugin('now'));
		far.calls.length = 0;
		await expect(client.callTool('overdue', {}, { timeoutMs: 50 })).rejects.toMatchObject({
			code: 'deadline_exceeded',
		});
		// Whatever was sent on would be here before this answer.
		await client.callTool('now');
		expect(far.calls).toHaveLength(1);
	});

	test('no deadline stays none', async () => {
		const { client } = await chain(carrier, far.plugin);
		far.calls.length = 0;
		await client.callTool('now', {}, { timeoutMs: Number.POSITIVE_INFINITY });
		expect(far.calls[0]).toMatchObject({ leftMs: undefined });
		// The default of a client is a deadline like any other.
		await client.callTool('now');
		expect(far.calls[1]?.leftMs).toBeGreaterThan(30_000);
	});
});

test('a peer that ignores deadlines is given up on this side', async () => {
	const deaf: Connection = connectInProcess(() => {}, { callerName: 'tester', plugin: 'deaf' });
	afterwards(() => deaf.close());
	await expect(createClient(deaf).callTool('x', {}, { timeoutMs: 50 })).rejects.toMatchObject({
		code: 'deadline_exceeded',
	});
});
