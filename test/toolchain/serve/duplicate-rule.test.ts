import { expect, test } from 'vitest';
import type { PluginSlot } from '../../../src/runtime/hosting/plugin-slot.ts';
import { NameTable } from '../../../src/runtime/orchestrator/name-table.ts';
import type { Configuration } from '../../../src/toolchain/configuration/configuration.ts';
import { goRules, orchestraRules } from '../../../src/toolchain/configuration/format-rules.ts';
import { duplicateRule } from '../../../src/toolchain/serve/duplicate-rule.ts';

test('where the later wins, it does when others come and go, too', () => {
	const slot = (id: string) => ({ id }) as PluginSlot;
	const [one, two, three, added] = [slot('one'), slot('two'), slot('three'), slot('added')];
	const configuration = {
		plugins: [one, two, three],
		routes: { tools: {}, prompts: {}, storage: {} },
		rules: goRules,
	} as unknown as Configuration;
	const table = new NameTable('tool', duplicateRule(configuration));
	for (const each of [three, one, two]) table.set(each, ['t']);
	expect(table.get('t')).toBe(three);
	// Started anew by a reload, it still stands where it stands in the file.
	table.delete(one);
	table.set(one, ['t']);
	expect(table.get('t')).toBe(three);
	table.delete(three);
	expect(table.get('t')).toBe(two);
	table.set(added, ['t']);
	expect(table.get('t')).toBe(added);
});

test.each([orchestraRules, goRules])(
	'what is preferred wins over a route, and that over the rule, with %j',
	(rules) => {
		const [one, two, three] = ['one', 'two', 'three'].map((id) => ({ id }) as PluginSlot);
		const slots = [one, two, three] as PluginSlot[];
		const routes = { tools: { t: 'two' }, prompts: {}, storage: {} };
		const configuration = { plugins: slots, routes, rules } as unknown as Configuration;
		expect(duplicateRule(configuration, ['none', 'one'])('tool', 't', slots)).toBe(one);
		expect(duplicateRule(configuration, ['none'])('tool', 't', slots)).toBe(two);
		// The route is for tools.
		expect(duplicateRule(configuration)('prompt', 't', slots)).toBe(rules === goRules ? three : undefined);
	},
);
