import { createPlugin } from 'orchestra-toolchain';
import { serviceClient } from 'orchestra-toolchain/client';
import { Orchestrator } from 'orchestra-toolchain/host';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { catalogueService } from '../../src/runtime/orchestrator/catalogue.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

expectNothingLeftBehind();

let orchestrator: Orchestrator;
afterEach(() => orchestrator.stop({ graceMs: 0 }));

async function host(): Promise<Orchestrator> {
	orchestrator = new Orchestrator();
	const weather = createPlugin('weather')
		.registerTool('forecast', { description: 'The weather of the next days.' }, () => 'sun')
		.registerTool('wind', { description: 'How strong it blows.' }, () => '3');
	const notes = createPlugin('notes')
		.registerTool('add_note', { description: 'Adds a note, about the weather for example.' }, () => 'ok')
		.registerTool('list_notes', { description: 'Lists notes.' }, () => []);
	await orchestrator.embed(weather.build());
	await orchestrator.embed(notes.build());
	return orchestrator;
}

describe('the catalogue', () => {
	test('lists by name in pages, counts, and looks up', async () => {
		const { catalogue } = await host();
		expect(catalogue.list({ limit: 3 })).toMatchObject({
			total: 4,
			tools: [{ name: 'add_note', plugin: 'notes' }, { name: 'forecast' }, { name: 'list_notes' }],
		});
		expect(catalogue.list({ offset: 3 }).tools.map(({ name }) => name)).toEqual(['wind']);
		expect(catalogue.list({ plugin: 'notes' }).total).toBe(2);
		expect(catalogue.count()).toBe(4);
		expect(catalogue.count('weather')).toBe(2);
		expect(catalogue.plugins).toEqual(['weather', 'notes']);
		expect(catalogue.get('wind')).toMatchObject({ plugin: 'weather', description: 'How strong it blows.' });
		expect(() => catalogue.get('rain')).toThrow(expect.objectContaining({ code: 'tool_not_found' }));
	});

	test('finds tools that have every word, those first that have it in their name', async () => {
		const { catalogue } = await host();
		expect(catalogue.search('note').tools.map(({ name }) => name)).toEqual(['add_note', 'list_notes']);
		expect(catalogue.search('weather').tools.map(({ name }) => name)).toEqual([
			'add_note',
			'forecast',
			'wind',
		]);
		expect(catalogue.search('add weather').tools.map(({ name }) => name)).toEqual(['add_note']);
		expect(catalogue.search('nothing').total).toBe(0);
	});

	test('is a service that any peer may read', async () => {
		await host();
		const client = serviceClient(catalogueService, orchestrator.connect('anybody'));
		expect(await client.search({ text: 'wind' })).toMatchObject({ total: 1, tools: [{ name: 'wind' }] });
		expect(await client.count({})).toEqual({ count: 4 });
		expect(await client.get({ name: 'forecast' })).toMatchObject({ tool: { plugin: 'weather' } });
		await expect(client.get({ name: 'rain' })).rejects.toMatchObject({ code: 'tool_not_found' });
	});
});

describe('tools that call each other', () => {
	test('in a circle are stopped, and the error shows the circle', async () => {
		orchestrator = new Orchestrator();
		for (const [id, next] of [
			['ping', 'pong'],
			['pong', 'ping'],
		] as const) {
			await orchestrator.embed(
				createPlugin(id)
					.needsTools(next)
					.registerTool(id, { description: '' }, (_args, ctx) => ctx.callTool(next))
					.build(),
			);
		}
		await expect(createClient(orchestrator.connect('tester')).callTool('ping')).rejects.toMatchObject({
			// Each handler passes on what it got, as its own failure.
			code: 'handler_error',
			message: '32 tools have called each other: ping → pong → ping',
		});
	});

	test('with less to do each time come to an end', async () => {
		orchestrator = new Orchestrator();
		const count = createPlugin('count').registerTool<{ n: number }>(
			'down',
			{ description: '', input: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } },
			async ({ n }, ctx) => (n === 0 ? 'done' : ctx.callTool('down', { n: n - 1 })),
		);
		await orchestrator.embed(count.build());
		expect(await createClient(orchestrator.connect('tester')).callTool('down', { n: 20 })).toEqual({
			text: 'done',
		});
	});
});
