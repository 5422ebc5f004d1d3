import type { Orchestrator } from '../runtime/orchestrator/orchestrator.ts';
import type { PlacedPlugins } from './placed-plugins.ts';
import type { CataloguePlugin } from './registry/records.ts';
import { ClusterSource } from './routes/cluster-source.ts';

/** Plugins that a node runs or may run, as it tells others. */
export function catalogueOf(orchestrator: Orchestrator, placed: PlacedPlugins): CataloguePlugin[] {
	return orchestrator.slots.flatMap(({ id, source, known, state }) => {
		if (source instanceof ClusterSource || !known) return [];
		const { manifest, tools, prompts } = known;
		const isPlaced = placed.has(id);
		const token = placed.token(id);
		const runs = state === 'running' && (!isPlaced || placed.holds(id));
		return {
			id,
			version: manifest.version ?? '',
			state: runs ? ('running' as const) : isPlaced ? ('standby' as const) : ('stopped' as const),
			tools: tools.map(({ name = '' }) => name),
			prompts: prompts.map(({ name = '' }) => name),
			storage: manifest.providesStorage ?? [],
			providers: manifest.providesAi ?? [],
			...(token === undefined ? {} : { exclusive: true as const, token }),
		};
	});
}
