import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findCycle } from '../../../src/toolchain/configuration/dependency-order.ts';

const id = fc.integer({ min: 0, max: 7 }).map(String);
const graph = fc.uniqueArray(fc.record({ id, dependsOn: fc.array(id, { maxLength: 4 }) }), {
	selector: (plugin) => plugin.id,
});

test('a circle is found exactly where plugins cannot be put in order', () => {
	fc.assert(
		fc.property(graph, (plugins) => {
			const cycle = findCycle(plugins);
			// What waits for nobody starts, again and again.
			let waiting = plugins;
			for (let before = -1; before !== waiting.length; ) {
				before = waiting.length;
				waiting = waiting.filter(({ dependsOn }) =>
					dependsOn.some((other) => waiting.some((p) => p.id === other)),
				);
			}
			expect(cycle === undefined).toBe(waiting.length === 0);
			if (!cycle) return;
			expect(cycle[0]).toBe(cycle.at(-1));
			expect(cycle.length).toBeGreaterThan(1);
			for (const [index, from] of cycle.slice(0, -1).entries()) {
				expect(plugins.find((plugin) => plugin.id === from)?.dependsOn).toContain(cycle[index + 1]);
			}
		}),
	);
});
