import { createPlugin } from 'orchestra-toolchain';
import { Orchestrator } from 'orchestra-toolchain/host';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { type AccessRule, accessControl, operatorsOf } from '../../src/runtime/orchestrator/access.ts';
import { matchesName } from '../../src/runtime/orchestrator/matches-name.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

expectNothingLeftBehind();

let orchestrator: Orchestrator;
afterEach(() => orchestrator?.stop({ graceMs: 0 }));

const agents: AccessRule = {
	name: 'agents',
	certificates: ['agent-*'],
	tools: ['search', 'notes.*'],
	prompts: [],
	publish: ['jobs.*'],
	subscribe: [],
	storage: ['markdown'],
	administer: false,
};

async function host(rules: readonly AccessRule[], nodes: readonly string[] = []) {
	const denied: string[] = [];
	orchestrator = new Orchestrator({ nodes });
	orchestrator.intercept(accessControl(rules, (message) => denied.push(message)));
	const store = { read: () => undefined, write: () => 1, delete: () => true, list: () => [] };
	const plugin = createPlugin('one')
		.registerTool('search', { description: '' }, (_args, ctx) => ctx.callerPlugin)
		.registerTool('notes.add', { description: '' }, () => 'added')
		.registerTool('pay', { description: '' }, () => 'paid')
		.registerPrompt('ask', { description: '' }, () => 'x')
		.providesStorage('markdown', 'secrets')
		.setStorageHandler(store);
	await orchestrator.embed(plugin.build());
	return { denied, as: (name: string) => createClient(orchestrator.connect(name)) };
}

describe('access rules', () => {
	test('hold the certificates that they name to what they allow', async () => {
		const { as, denied } = await host([agents]);
		const agent = as('agent-7');
		expect(await agent.callTool('search')).toEqual({ text: 'agent-7' });
		expect(await agent.callTool('notes.add')).toEqual({ text: 'added' });
		await expect(agent.callTool('pay')).rejects.toMatchObject({
			code: 'permission_denied',
			message: 'agent-7 may not call the tool pay: the rule agents does not allow it',
			origin: 'orchestrator',
			details: { rule: 'agents', kind: 'tools', name: 'pay' },
		});
		await expect(agent.streamTool('pay').next()).rejects.toMatchObject({ code: 'permission_denied' });
		await expect(agent.getPrompt('ask')).rejects.toMatchObject({ code: 'permission_denied' });
		await agent.publish({ topic: 'jobs.done', eventType: '' });
		await expect(agent.publish({ topic: 'audit', eventType: '' })).rejects.toMatchObject({
			code: 'permission_denied',
		});
		expect(await agent.storage.write('a.md', 'x')).toBe(1);
		await expect(agent.storage.read('a', { storageType: 'secrets' })).rejects.toMatchObject({
			code: 'permission_denied',
		});
		expect(await agent.listTools()).toHaveLength(3);
		expect(denied[0]).toBe('agent-7 may not call the tool pay: the rule agents does not allow it');
	});

	test('leave others alone, and add up', async () => {
		const { as } = await host([
			agents,
			{ ...agents, name: 'payers', certificates: ['agent-7'], tools: ['pay'] },
		]);
		expect(await as('cli').callTool('pay')).toEqual({ text: 'paid' });
		expect(await as('agent-7').callTool('pay')).toEqual({ text: 'paid' });
		await expect(as('agent-8').callTool('pay')).rejects.toMatchObject({ code: 'permission_denied' });
	});

	test('about a plugin hold its client side, too', async () => {
		const { as } = await host([{ ...agents, name: 'go', certificates: ['tools.go'] }]);
		await expect(as('tools.go-client').callTool('pay')).rejects.toMatchObject({ details: { rule: 'go' } });
		expect(await as('tools.go-client').callTool('search')).toEqual({ text: 'tools.go-client' });
	});

	test('do not let anybody name another, except nodes', async () => {
		await host([agents], ['orchestrator-b']);
		const liar = createClient(orchestrator.connect('agent-7'), { callerPlugin: 'boss' });
		expect(await liar.callTool('search')).toEqual({ text: 'agent-7' });
		const node = createClient(orchestrator.connect('orchestrator-b'), { callerPlugin: 'boss' });
		expect(await node.callTool('search')).toEqual({ text: 'boss' });
	});

	test('say who administers besides the operators', () => {
		expect(operatorsOf(['cli'], [agents, { ...agents, certificates: ['ops-*'], administer: true }])).toEqual([
			'cli',
			'ops-*',
		]);
	});
});

test.each([
	['a*c', 'abc', true],
	['a*c', 'ac', true],
	['a*a', 'a', false],
	['*', '', true],
	['exact', 'exactly', false],
	['a*b*c', 'a-b-b-c', true],
	['a*bb*b', 'abb', false],
])('the pattern %j and the name %j: %j', (pattern, name, fits) => {
	expect(matchesName(pattern, name)).toBe(fits);
});
