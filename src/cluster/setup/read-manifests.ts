import type { PluginConfiguration } from '../../toolchain/configuration/configuration.ts';
import { loadPlugin } from '../../toolchain/load/load-plugin.ts';
import { configuredTarget } from '../../toolchain/serve/configured-source.ts';
import type { NeedingPlugin } from './node-needs.ts';

/** Manifests of the plugins of a node. */
export interface ReadManifests {
	readonly plugins: readonly NeedingPlugin[];
	/** Ids of those whose manifest nobody knows before they are started. */
	readonly unknown: readonly string[];
}

/** Reads manifests without starting anything: modules are loaded, whatever else there is has none to read. Rejects as loading does. */
export async function readManifests(configured: readonly PluginConfiguration[]): Promise<ReadManifests> {
	const plugins: NeedingPlugin[] = [];
	const unknown: string[] = [];
	for (const plugin of configured.filter(({ enabled }) => enabled)) {
		const { id, source, replicas, providesStorage, providesAi } = plugin;
		const target = source.kind === 'module' ? configuredTarget(id, source) : undefined;
		if (target?.kind !== 'module') {
			unknown.push(id);
			continue;
		}
		const { manifest } = await loadPlugin(target.entry);
		plugins.push({
			manifest: {
				...manifest,
				providesStorage: [...(manifest.providesStorage ?? []), ...providesStorage],
				providesAi: [...(manifest.providesAi ?? []), ...providesAi],
			},
			isPlaced: replicas !== undefined,
		});
	}
	return { plugins, unknown };
}
