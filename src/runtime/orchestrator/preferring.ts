import type { DuplicateRule } from './name-table.ts';

/** Lets the plugins of some ids answer for names that others have too, the first of the ids first. Other duplicates stay refused. */
export function preferring(ids: readonly string[]): DuplicateRule {
	return (_kind, _name, slots) => {
		for (const id of ids) {
			const preferred = slots.find((slot) => slot.id === id || slot.pluginId === id);
			if (preferred) return preferred;
		}
		return undefined;
	};
}
