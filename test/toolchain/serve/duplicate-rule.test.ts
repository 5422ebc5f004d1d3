import { expect, test } from 'vitest';
import type { PluginSlot } from '../../../src/runtime/hosting/plugin-slot.ts';
import { NameTable } from '../../../src/runtime/orchestrator/name-table.ts';
import type { Configuration } from '../../../src/toolchain/configuration/configuration.ts';
import { goRules } from '../../../src/toolchain/configuration/format-rules.ts';
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
