import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { nearest } from '../nearest.ts';
import type { PluginStore } from './store/plugin-store.ts';
import { Registry } from './store/registry.ts';

/** The error for an id that nothing is installed under, with the one that was probably meant. */
export function notInstalled(store: PluginStore, id: string): OrchestraError {
	const ids = [...Registry.read(store).entries.values()].map((entry) => entry.id);
	const near = nearest(id, ids);
	return new OrchestraError('plugin_not_installed', `no plugin ${JSON.stringify(id)} is installed`, {
		hint: near ? `Did you mean ${near}?` : 'orchestra plugins lists what is.',
		details: { id },
	});
}
