import { createPlugin } from 'orchestra-toolchain';
import { embedded } from 'orchestra-toolchain/host';
import { describe, expect, test } from 'vitest';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import type { DuplicateRule } from '../../src/runtime/orchestrator/name-table.ts';
import { Orchestrator, type OrchestratorOptions } from '../../src/runtime/orchestrator/orchestrator.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { runAfterEach } from '../support/run-after-each.ts';

expectNothingLeftBehind();

const afterwards = runAfterEach();

function host(options: OrchestratorOptions): {
	orchestrator: Orchestrator;
	client: PluginClient;
	warnings: string[];
} {
	const warnings: string[] = [];
	const orchestrator = new Orchestrator({ ...options, onLog: ({ message }) => warnings.push(message) });
	const client = createClient(orchestrator.connect('tester'));
	afterwards(async () => {
		await client.close();
		await orchestrator.stop();
	});
	return { orchestrator, client, warnings };
}

/** A plugin with one tool, `ask`, for AI providers. */
const bridge = (id: string, ...providers: string[]) =>
	createPlugin(id)
		.providesAi(...providers)
		.registerTool('ask', { description: 'Answers.' }, () => id)
		.build();

const ask = async (client: PluginClient, provider?: string) =>
	((await client.callTool('ask', {}, provider === undefined ? {} : { provider })) as { text: string }).text;

const lastWins: DuplicateRule = (_kind, _name, slots) => slots.at(-1);

describe('AI providers', () => {
	test('another name leads to a provider only where nobody has the name itself', async () => {
		const { orchestrator, client } = host({ providerAliases: { grok: 'openai', kimi: 'openai' } });
		await orchestrator.embed(bridge('one', 'openai'));
		await orchestrator.embed(bridge('two', 'grok'));
		expect([await ask(client, 'grok'), await ask(client, 'kimi')]).toEqual(['two', 'one']);
		// Objects have these names of themselves.
		for (const provider of ['constructor', 'toString', '__proto__']) {
			await expect(ask(client, provider)).rejects.toMatchObject({ code: 'provider_not_found' });
		}
	});

	test('a call that names none goes to the default where that has the tool, and each is told', async () => {
		const told: string[] = [];
		const { orchestrator, client } = host({
			defaultProvider: 'claude',
			onDefaultProvider: (provider, tool, slot) => told.push(`${tool} ${provider} ${slot.id}`),
		});
		await orchestrator.embed(bridge('one', 'openai'));
		expect(await ask(client)).toBe('one');
		expect(told).toEqual([]);
		await orchestrator.embed(bridge('two', 'claude'));
		await orchestrator.embed(bridge('three', 'gemini'));
		expect([await ask(client), await ask(client), await ask(client, 'gemini')]).toEqual([
			'two',
			'two',
			'three',
		]);
		expect(told).toEqual(['ask claude two', 'ask claude two']);
	});

	test('two plugins with one tool for one provider are refused, unless something decides', async () => {
		const strict = host({});
		await strict.orchestrator.embed(bridge('one', 'openai'));
		await expect(strict.orchestrator.embed(bridge('two', 'openai'))).rejects.toMatchObject({
			code: 'duplicate_provider',
		});
		const { orchestrator, client, warnings } = host({ duplicates: lastWins });
		await orchestrator.embed(bridge('one', 'openai'));
		await orchestrator.embed(bridge('two', 'openai'));
		expect(await ask(client, 'openai')).toBe('two');
		expect(warnings).toEqual(['two answers for the tool ask, which one has too']);
		await orchestrator.remove('two');
		expect(await ask(client, 'openai')).toBe('one');
	});
});

test('what nobody has while a plugin is being started for the first time is unavailable, not missing', async () => {
	const { orchestrator, client } = host({});
	let open: () => void = () => {};
	const gate = new Promise<void>((resolve) => {
		open = resolve;
	});
	const plugin = createPlugin('late')
		.registerTool('work', { description: '' }, () => 'done')
		.lifecycle({ onBoot: () => gate })
		.build();
	const started = orchestrator.add(embedded(plugin), { id: 'late' }).start();
	const unavailable = { code: 'plugin_unavailable', retryable: true, details: { starting: ['late'] } };
	await expect(client.callTool('work')).rejects.toMatchObject({
		...unavailable,
		message: 'no plugin provides the tool work yet, and late is being started',
	});
	await expect(client.streamTool('work').next()).rejects.toMatchObject(unavailable);
	await expect(client.getPrompt('ask')).rejects.toMatchObject(unavailable);
	await expect(client.storage.read('a')).rejects.toMatchObject(unavailable);
	await expect(ask(client, 'openai')).rejects.toMatchObject(unavailable);
	open();
	await started;
	expect(await client.callTool('work')).toEqual({ text: 'done' });
	await expect(client.callTool('other')).rejects.toMatchObject({ code: 'tool_not_found' });
	await expect(client.getPrompt('ask')).rejects.toMatchObject({ code: 'prompt_not_found' });
});
