import type { Configuration } from './configuration.ts';
import { Secret } from './secret.ts';

/** Parts of a configuration besides its plugins. `plugins` is their order, where it decides which of two serves a name. */
export type ChangedKey =
	| 'listen'
	| 'certs_dir'
	| 'plugins'
	| 'routes'
	| 'providers'
	| 'default_provider'
	| 'access'
	| 'cluster'
	| 'dialect';

/** Work of a reload. */
export interface ConfigurationChanges {
	/** Ids of plugins that are new, in the order of the file. */
	readonly added: readonly string[];
	/** Ids of plugins that are gone. */
	readonly removed: readonly string[];
	/** Ids of plugins about which anything is different. */
	readonly changed: readonly string[];
	readonly keys: readonly ChangedKey[];
}

/** Compares two configurations. Secrets are compared too, and not shown. */
export function configurationChanges(before: Configuration, after: Configuration): ConfigurationChanges {
	const former = new Map(before.plugins.map((plugin) => [plugin.id, plugin]));
	const ids = new Set(after.plugins.map((plugin) => plugin.id));
	const kept = after.plugins.filter((plugin) => former.has(plugin.id));
	const keptBefore = before.plugins.filter((plugin) => ids.has(plugin.id));
	const sameOrder = kept.every((plugin, index) => plugin.id === keptBefore[index]?.id);
	const different: Readonly<Record<ChangedKey, boolean>> = {
		listen: !same(before.listen, after.listen),
		certs_dir: before.certsDir !== after.certsDir,
		plugins: after.rules.duplicates === 'later-wins' && !sameOrder,
		routes: !same(before.routes, after.routes),
		providers: !same(before.providers, after.providers),
		default_provider: before.defaultProvider !== after.defaultProvider,
		access: !same(before.access, after.access),
		cluster: !same(before.cluster, after.cluster),
		dialect: before.dialect !== after.dialect,
	};
	return {
		added: after.plugins.filter((plugin) => !former.has(plugin.id)).map((plugin) => plugin.id),
		removed: before.plugins.filter((plugin) => !ids.has(plugin.id)).map((plugin) => plugin.id),
		changed: kept.filter((plugin) => !same(former.get(plugin.id), plugin)).map((plugin) => plugin.id),
		keys: (Object.keys(different) as ChangedKey[]).filter((key) => different[key]),
	};
}

/** Whether two parts are equal all the way down. Keys may stand in another order, items of lists not. */
function same(a: unknown, b: unknown): boolean {
	if (a === b) return true;
	if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
	if (a instanceof Secret || b instanceof Secret) {
		return a instanceof Secret && b instanceof Secret && a.equals(b);
	}
	if (Array.isArray(a) !== Array.isArray(b)) return false;
	const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
	const keys = Object.keys(left);
	if (keys.length !== Object.keys(right).length) return false;
	return keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]));
}
