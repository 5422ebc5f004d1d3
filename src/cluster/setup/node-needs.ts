import { topicPattern } from '../../runtime/events/topic-pattern.ts';
import type { AccessRule } from '../../runtime/orchestrator/access.ts';
import type { PluginManifest } from '../../runtime/wire/generated/messages.ts';

/** Names, and patterns of names and topics, that are asked of other nodes, published there and heard from there. */
export interface NodeNeeds {
	readonly tools: readonly string[];
	readonly prompts: readonly string[];
	readonly storage: readonly string[];
	readonly publish: readonly string[];
	readonly subscribe: readonly string[];
}

/** A plugin of a node, as its manifest says it. */
export interface NeedingPlugin {
	readonly manifest: PluginManifest;
	/** Whether the cluster decides where it runs: this node calls it elsewhere then. */
	readonly isPlaced: boolean;
}

/**
 * The needs of a node: what the manifests of its plugins declare, and what the rules of its own configuration let its clients do.
 * Plugins get prompts without declaring it, and a plugin that needs an AI provider calls tools whose names nobody knows before.
 */
export function nodeNeeds(plugins: readonly NeedingPlugin[], rules: readonly AccessRule[]): NodeNeeds {
	const all = (of: (manifest: PluginManifest) => readonly string[] | undefined, placedOnly = false) =>
		plugins.flatMap(({ manifest, isPlaced }) => (placedOnly && !isPlaced ? [] : (of(manifest) ?? [])));
	const ofRules = (of: (rule: AccessRule) => readonly string[]) => rules.flatMap(of);
	const needsProvider = all(({ needsAi }) => needsAi).length > 0;
	return {
		tools: [
			...(needsProvider ? ['*'] : []),
			...all(({ needsTools }) => needsTools),
			...all(({ providesTools }) => providesTools, true),
			...ofRules(({ tools }) => tools),
		],
		prompts: ['*'],
		storage: [
			...all(({ needsStorage }) => needsStorage),
			...all(({ providesStorage }) => providesStorage, true),
			...ofRules(({ storage }) => storage),
		],
		publish: topics(
			all(({ providesEvents }) => providesEvents),
			ofRules(({ publish }) => publish),
		),
		subscribe: topics(
			all(({ needsEvents }) => needsEvents),
			ofRules(({ subscribe }) => subscribe),
		),
	};
}

/** Patterns of topics, each once. */
function topics(declared: readonly string[], ruled: readonly string[]): string[] {
	return [...new Set([...declared.map(asDeclared), ...ruled.map(asRuled)])];
}

/** What a manifest says that is no pattern of topics stands for all. */
function asDeclared(pattern: string): string {
	try {
		return topicPattern(pattern).text;
	} catch {
		return '**';
	}
}

/** In a rule a star stands for any characters, beyond the end of its part too. */
function asRuled(pattern: string): string {
	const parts = pattern.split('.');
	const star = parts.findIndex((part) => part.includes('*'));
	return star < 0 ? asDeclared(pattern) : [...parts.slice(0, star), '**'].join('.');
}
