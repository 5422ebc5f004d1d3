import type { PluginSlot } from '../hosting/plugin-slot.ts';

/**
 * Stops slots, those that others need after these others: what a plugin asks for while it shuts down is still there. Slots that do
 * not need each other stop at the same time.
 */
export async function stopInOrder(slots: readonly PluginSlot[]): Promise<void> {
	const left = new Set(slots);
	while (left.size > 0) {
		const free = [...left].filter((slot) => ![...left].some((other) => other !== slot && needs(other, slot)));
		// Plugins that need each other in a circle stop together.
		const wave = free.length > 0 ? free : [...left];
		await Promise.all(wave.map((slot) => slot.stop()));
		for (const slot of wave) left.delete(slot);
	}
}

/** Whether one plugin says that it needs what another provides. */
function needs(one: PluginSlot, other: PluginSlot): boolean {
	const wants = one.known?.manifest;
	const has = other.known?.manifest;
	if (!wants || !has) return false;
	return (
		meet(wants.needsStorage, has.providesStorage) ||
		meet(wants.needsTools, has.providesTools) ||
		meet(wants.needsAi, has.providesAi)
	);
}

function meet(wanted: readonly string[] = [], provided: readonly string[] = []): boolean {
	return wanted.some((name) => provided.includes(name));
}
