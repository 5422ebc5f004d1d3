/** Something with an id that other things can depend on. */
export interface Dependent {
	readonly id: string;
	readonly dependsOn: readonly string[];
}

/**
 * A way round from a plugin back to itself along its dependencies, such as `a, b, a`; undefined where there is none. Ids that nobody
 * has are passed over.
 */
export function findCycle(plugins: readonly Dependent[]): string[] | undefined {
	const byId = new Map(plugins.map((plugin) => [plugin.id, plugin]));
	const done = new Set<string>();
	for (const { id } of plugins) {
		// The way to where we are, each with the dependencies that are still to be followed. No recursion: a chain may be long.
		const way: { id: string; rest: string[] }[] = [];
		const onWay = new Set<string>();
		const enter = (next: string) => {
			way.push({ id: next, rest: [...(byId.get(next)?.dependsOn ?? [])] });
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
