import { distance } from 'fastest-levenshtein';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { PluginStore } from './store/plugin-store.ts';
import { Registry } from './store/registry.ts';

/** The error for an id that nothing is installed under, with the one that was probably meant. */
export function notInstalled(store: PluginStore, id: string): OrchestraError {
	const ids = [...Registry.read(store).entries.values()].map((entry) => entry.id);
	const [nearest] = ids
		.map((other) => ({ other, far: distance(other, id) }))
		.filter(({ far }) => far <= Math.max(1, id.length / 3))
		.sort((a, b) => a.far - b.far);
	return new OrchestraError('plugin_not_installed', `no plugin ${JSON.stringify(id)} is installed`, {
		hint: nearest ? `Did you mean ${nearest.other}?` : 'orchestra plugins lists what is.',
		details: { id },
	});
}
