import { nearest } from '../nearest.ts';
import type { PluginConfiguration } from './configuration.ts';
import { findCycle } from './dependency-order.ts';
import type { DocumentReader } from './document-reader.ts';
import { childPath, itemPath, quoted } from './key-path.ts';
import { type PluginReading, readPlugin } from './read-plugin.ts';
import type { YamlNode } from './yaml-node.ts';

interface Placed {
	readonly path: string;
	readonly node: YamlNode;
	readonly plugin: PluginConfiguration;
}

/** Context of the plugins of a file. */
export interface PluginsContext extends PluginReading {
	/** A dependency that nobody can meet: a fault, or passed over with a warning, as in Go, where dependencies mean nothing. */
	readonly lostDependencies: 'fault' | 'warning';
	/** Whether a plugin that is not enabled may have the id of another: it is left out then. */
	readonly disabledTwins: boolean;
	/** Whether a plugin that does not say whether it is enabled is worth a warning. */
	readonly tellDefaultEnabled: boolean;
}

/** Reads the plugins of a file, and checks that ids are there once and that dependencies lead somewhere and to an end. */
export function readPlugins(
	reader: DocumentReader,
	list: YamlNode | undefined,
	context: PluginsContext,
): PluginConfiguration[] {
	const placed: Placed[] = [];
	for (const { index, node } of reader.items(list)) {
		const path = itemPath('plugins', index);
		const plugin = readPlugin(reader, node, path, context);
		if (plugin) placed.push({ path, node, plugin });
	}
	if (context.tellDefaultEnabled) {
		for (const { path, node, plugin } of placed) {
			if (reader.value(node, 'enabled')) continue;
			reader.faults.warn(path, node.position, `${plugin.id} is not started: it does not say enabled: true`);
		}
	}
	const distinct = withoutTwins(reader, placed, context);
	const complete = distinct.map((place) => withDependencies(reader, place, distinct, context));
	const cycle = findCycle(complete.map(({ plugin }) => plugin));
	if (cycle) {
		const place = complete.find(({ plugin }) => plugin.id === cycle[0]) as Placed;
		const { position } = reader.entry(place.node, 'depends_on') ?? place.node;
		reader.faults.add(
			childPath(place.path, 'depends_on'),
			position,
			`goes round in a circle: ${formatCycle(cycle)}`,
		);
	}
	return complete.map(({ plugin }) => plugin);
}

function formatCycle(cycle: readonly string[]): string {
	if (cycle.length <= 10) return cycle.join(' → ');
	return [...cycle.slice(0, 6), `${cycle.length - 9} more`, ...cycle.slice(-3)].join(' → ');
}

function withoutTwins(reader: DocumentReader, placed: readonly Placed[], context: PluginsContext): Placed[] {
	const kept = new Map<string, Placed>();
	for (const place of placed) {
		const { id, enabled } = place.plugin;
		const first = kept.get(id);
		if (!first) kept.set(id, place);
		else if (context.disabledTwins && !(enabled && first.plugin.enabled)) {
			// One that runs counts more than one that does not, wherever it stands.
			if (enabled) {
				kept.delete(id);
				kept.set(id, place);
			}
		} else {
			const { position } = reader.value(place.node, 'id') ?? place.node;
			reader.faults.add(childPath(place.path, 'id'), position, `${first.path} has the id ${id} already`);
		}
	}
	return [...kept.values()];
}

function withDependencies(
	reader: DocumentReader,
	place: Placed,
	all: readonly Placed[],
	context: PluginsContext,
): Placed {
	const dependsOn: string[] = [];
	const list = reader.value(place.node, 'depends_on');
	const seen = new Set<string>();
	for (const { index, node } of reader.items(list)) {
		const id = reader.text(node);
		if (id === undefined || seen.has(id)) continue;
		seen.add(id);
		const found = all.find(({ plugin }) => plugin.id === id);
		if (found?.plugin.enabled) {
			dependsOn.push(id);
			continue;
		}
		const path = itemPath(childPath(place.path, 'depends_on'), index);
		const near = nearest(
			id,
			all.map(({ plugin }) => plugin.id).filter((other) => other !== place.plugin.id),
		);
		const why = found
			? `${id} is not enabled`
			: `there is no plugin ${quoted(id)}${near ? `; did you mean ${near}?` : ''}`;
		if (context.lostDependencies === 'warning') reader.faults.warn(path, node.position, `${why}, ignored`);
		// A plugin that does not run waits for nobody.
		else if (!found || place.plugin.enabled) reader.faults.add(path, node.position, why);
	}
	return { ...place, plugin: { ...place.plugin, dependsOn } };
}
