import { createPlugin, type PluginBuilder } from 'orchestra-toolchain';
import { Orchestrator } from 'orchestra-toolchain/host';
import { afterEach, expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { embedded } from '../../src/runtime/hosting/embedded-source.ts';
import type { PluginSource } from '../../src/runtime/hosting/plugin-source.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

expectNothingLeftBehind();

let orchestrator: Orchestrator;
afterEach(() => orchestrator?.stop({ graceMs: 0 }));

async function host(asking: PluginBuilder, options: { core?: boolean; strict?: boolean } = {}) {
	const warned: string[] = [];
	orchestrator = new Orchestrator({
		strict: options.strict,
		onLog: ({ plugin, message }) => warned.push(`${plugin}: ${message}`),
	});
	const store = { read: () => undefined, write: () => 1, delete: () => true, list: () => [] };
	await orchestrator.embed(
		createPlugin('bank')
			.registerTool('pay', { description: '' }, () => 'paid')
			.registerTool('balance', { description: '' }, () => '7')
			.providesStorage('accounts')
			.setStorageHandler(store)
			.build(),
	);
	await orchestrator.embed(
		createPlugin('model')
			.providesAi('claude')
			.registerTool('ai_prompt', { description: '' }, () => 'said')
			.build(),
	);
	const plugin = asking
		.registerTool('own', { description: '' }, () => 'mine')
		.registerTool<{ tool: string; provider?: string }>(
			'call',
			{ description: '' },
			({ tool, provider }, ctx) => ctx.callTool(tool, {}, provider === undefined ? {} : { provider }),
		)
		.registerTool<{ type: string }>('store', { description: '' }, async ({ type }, ctx) => {
			await ctx.storage.write('x', 'y', { storageType: type });
			return 'stored';
		})
		.build();
	await orchestrator.host(options.core ? core(embedded(plugin)) : embedded(plugin));
	const client = createClient(orchestrator.connect('somebody'));
	return {
		warned,
		call: (tool: string, provider?: string) => client.callTool('call', { tool, provider }),
		client,
	};
}

/** A plugin that speaks the core protocol only. */
function core(source: PluginSource): PluginSource {
	return { ...source, start: async (...how) => ({ ...(await source.start(...how)), extensions: false }) };
}

test('a plugin of ours is held to the tools, storage and providers that its manifest needs', async () => {
	const { call, client, warned } = await host(
		createPlugin('weather').needsTools('bal*').needsStorage('accounts').needsAi('claude'),
	);
	expect(await call('balance')).toEqual({ text: '7' });
	expect(await call('own')).toEqual({ text: 'mine' });
	expect(await call('ai_prompt', 'claude')).toEqual({ text: 'said' });
	expect(await call('ai_prompt')).toEqual({ text: 'said' });
	expect(await client.callTool('store', { type: 'accounts' })).toEqual({ text: 'stored' });
	expect(warned).toEqual([]);
	await expect(call('pay')).rejects.toThrow(
		'weather may not call the tool pay: its manifest does not say that it needs it (needs_tools)',
	);
	expect(warned[0]).toContain('weather: weather may not call the tool pay');
	warned.length = 0;
	// A caller that is no plugin is not held to anything.
	expect(await client.callTool('pay')).toEqual({ text: 'paid' });
	// What nobody has is missing, not forbidden.
	await expect(call('nothing')).rejects.toThrow(/nothing/);
	expect(warned.join()).not.toContain('may not');
});

test('what it may not have is permission_denied, also while it boots', async () => {
	const codes: unknown[] = [];
	await host(
		createPlugin('early').lifecycle({
			async onBoot(_config, ctx) {
				for (const asked of [ctx.callTool('pay'), ctx.storage.read('x', { storageType: 'accounts' })]) {
					codes.push(await asked.catch((error) => [error.code, error.details.rule, error.details.kind]));
				}
			},
		}),
	);
	expect(codes).toEqual([
		['permission_denied', 'manifest', 'tools'],
		['permission_denied', 'manifest', 'storage'],
	]);
});

test('a plugin of the core protocol may all the same, and is told of once for each name', async () => {
	const { call, client, warned } = await host(createPlugin('go'), { core: true });
	for (let turn = 0; turn < 3; turn++) expect(await call('pay')).toEqual({ text: 'paid' });
	await client.callTool('store', { type: 'accounts' });
	expect(warned).toEqual([
		'go: go may call the tool pay, though its manifest does not say so (needs_tools). access.strict would refuse it',
		'go: go may use the storage accounts, though its manifest does not say so (needs_storage). access.strict would refuse it',
	]);
});

test('a plugin of the core protocol that calls everything does not fill the log', async () => {
	const { call, warned } = await host(createPlugin('go'), { core: true });
	const many = createPlugin('many');
	for (let n = 0; n < 1030; n++) many.registerTool(`tool_${n}`, { description: '' }, () => 'done');
	await orchestrator.embed(many.build());
	for (let n = 0; n < 1030; n++) await call(`tool_${n}`);
	expect(warned).toHaveLength(1024);
});

test('strict holds it as well', async () => {
	const { call } = await host(createPlugin('go'), { core: true, strict: true });
	await expect(call('pay')).rejects.toThrow('go may not call the tool pay');
});
