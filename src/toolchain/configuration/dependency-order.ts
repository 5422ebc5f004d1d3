/** An item with an id that other items can depend on. */
export interface Dependent {
	/** Undefined where nothing can depend on it. */
	readonly id?: string | undefined;
	readonly dependsOn?: readonly string[] | undefined;
}

/**
 * A way round from a plugin back to itself along its dependencies, such as `a, b, a`; undefined where there is none. Ids that nobody
 * has are passed over.
 */
export function findCycle(plugins: readonly Dependent[]): string[] | undefined {
	const byId = new Map(
		plugins.flatMap(({ id, dependsOn = [] }) => (id === undefined ? [] : [[id, dependsOn] as const])),
	);
	const done = new Set<string>();
	for (const id of byId.keys()) {
		// The way to where we are, each with the dependencies that are still to be followed. No recursion: a chain may be long.
		const way: { id: string; rest: string[] }[] = [];
		const onWay = new Set<string>();
		const enter = (next: string) => {
			way.push({ id: next, rest: [...(byId.get(next) ?? [])] });
			onWay.add(next);
		};
		if (!done.has(id)) enter(id);
		for (let last = way.at(-1); last; last = way.at(-1)) {
			const next = last.rest.shift();
			if (next === undefined) {
				done.add(last.id);
				onWay.delete(last.id);
				way.pop();
			} else if (onWay.has(next)) {
				const ids = way.map((step) => step.id);
				return [...ids.slice(ids.indexOf(next)), next];
			} else if (!done.has(next) && byId.has(next)) enter(next);
		}
	}
	return undefined;
}

/**
 * Plugins so that each stands behind those that it depends on, and otherwise in the order in which they came. There must be no cycle;
 * ids that nobody has are passed over.
 */
export function inDependencyOrder<T extends Dependent>(plugins: readonly T[]): T[] {
	const ordered = new Set<string | undefined>();
	const ids = new Set(plugins.map(({ id }) => id));
	const result: T[] = [];
	let left = [...plugins];
	while (left.length > 0) {
		const waiting: T[] = [];
		for (const plugin of left) {
			const free = (plugin.dependsOn ?? []).every((id) => ordered.has(id) || !ids.has(id));
			if (!free) waiting.push(plugin);
			else {
				ordered.add(plugin.id);
				result.push(plugin);
			}
		}
		if (waiting.length === left.length) throw new Error('the dependencies go round in a circle');
		left = waiting;
	}
	return result;
}
