import type { PluginSlot } from '../../runtime/hosting/plugin-slot.ts';
import type { DuplicateRule, NameKind } from '../../runtime/orchestrator/name-table.ts';
import { preferring } from '../../runtime/orchestrator/preferring.ts';
import type { Configuration, RoutesConfiguration } from '../configuration/configuration.ts';

const routeKinds: Readonly<Record<NameKind, keyof RoutesConfiguration>> = {
	tool: 'tools',
	prompt: 'prompts',
	'storage type': 'storage',
};

/**
 * Chooses which of several plugins with one name answers for it: what the command line prefers, then what a route says, then what the format
 * has as its rule.
 */
export function duplicateRule(
	{ plugins, routes, rules }: Configuration,
	prefer: readonly string[] = [],
): DuplicateRule {
	const preferred = preferring(prefer);
	const places = new Map(plugins.map(({ id }, index) => [id, index]));
	// A plugin that a reload has added comes behind all that were there.
	const place = ({ id }: PluginSlot) => places.get(id) ?? Number.POSITIVE_INFINITY;
	return (kind, name, slots) => {
		const first = preferred(kind, name, slots);
		if (first) return first;
		const names = routes[routeKinds[kind]];
		const id = Object.hasOwn(names, name) ? names[name] : undefined;
		const routed = slots.find((slot) => slot.id === id);
		if (routed || rules.duplicates === 'error') return routed;
		return slots.reduce((last, slot) => (place(slot) >= place(last) ? slot : last));
	};
}
