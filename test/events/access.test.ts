import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { accessControl } from '../../src/runtime/orchestrator/access.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { eventsServiceDefinition } from '../../src/runtime/services/events-service.ts';
import { serviceClient } from '../../src/runtime/services/service-client.ts';

const rule = {
	name: 'agents',
	certificates: ['agent-*'],
	tools: [],
	prompts: [],
	publish: ['jobs.*'],
	subscribe: ['jobs.*', 'news'],
	storage: [],
	administer: false,
};

describe('a certificate that a rule names', () => {
	let orchestrator: Orchestrator;
	let agent: PluginClient;

	beforeEach(() => {
		orchestrator = new Orchestrator();
		orchestrator.intercept(accessControl([rule], () => {}));
		agent = createClient(orchestrator.connect('agent-1'));
	});
	afterEach(() => orchestrator.stop());

	test.each([
		[['jobs.a'], true],
		[['jobs.*'], true],
		[['jobs.**.done'], true],
		[['news', 'jobs.a'], true],
		[['other'], false],
		[['*'], false],
		[['**'], false],
		[['news.*'], false],
		[['jobs.a', 'other'], false],
		// Where ** stands for nothing it means jobs, too.
		[['jobs.**'], false],
		[['**.jobs.a'], false],
		[['jobs.**.**'], false],
		[[`jobs.${Array(9).fill('**').join('.')}.x`], false],
	])('subscribes to %j: %j', async (topics, allowed) => {
		const outcome = await agent
			.events(topics)
			.ready()
			.then(
				() => 'allowed',
				(error: { code: string }) => error.code,
			);
		expect(outcome).toBe(allowed ? 'allowed' : 'permission_denied');
		expect(orchestrator.subscriptions).toHaveLength(allowed ? 1 : 0);
	});

	test('publishes what it may, by either way', async () => {
		const service = serviceClient(eventsServiceDefinition, agent.connection);
		await agent.publish({ topic: 'jobs.a', eventType: '' });
		await service.publish({ topic: 'jobs.a' });
		const denied = { code: 'permission_denied', details: { rule: 'agents', kind: 'publish', name: 'news' } };
		await expect(agent.publish({ topic: 'news', eventType: '' })).rejects.toMatchObject(denied);
		await expect(service.publish({ topic: 'news' })).rejects.toMatchObject(denied);
		await expect(service.publish({ topic: 1 as never })).rejects.toMatchObject({ code: 'permission_denied' });
	});

	test('hears nothing else of the past either; others are not held to the rule', async () => {
		const other = createClient(orchestrator.connect('other'));
		await other.publish({ topic: 'secret', eventType: '' });
		await other.publish({ topic: 'jobs.a', eventType: '' });
		const events = agent.events('jobs.*', { replay: 10 });
		expect((await events.next()).value?.topic).toBe('jobs.a');
		const all = other.events('**', { replay: 10 });
		expect((await all.next()).value?.topic).toBe('secret');
	});
});
