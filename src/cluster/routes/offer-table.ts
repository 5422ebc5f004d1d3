import type { SeenNode } from '../registry/membership.ts';
import type { NodeRecord } from '../registry/records.ts';
import type { Offer } from './plugin-route.ts';

/** Offers of other nodes, by plugin. Asked for each call: made anew when a node has changed only. */
export class OfferTable {
	readonly #self: string;
	readonly #nodes: () => readonly SeenNode[];
	#table: Map<string, Offer[]> | undefined;

	constructor(self: string, nodes: () => readonly SeenNode[]) {
		this.#self = self;
		this.#nodes = nodes;
	}

	/** Nodes that run a plugin. */
	of(plugin: string): readonly Offer[] {
		return this.#made().get(plugin) ?? [];
	}

	/** The other nodes that have a plugin, running or stopped. */
	having(plugin: string): NodeRecord[] {
		return this.#nodes()
			.filter(({ record, compatible }) => compatible && record.node !== this.#self)
			.filter(({ plugins }) => plugins.some(({ id, state }) => id === plugin && state !== 'standby'))
			.map(({ record }) => record);
	}

	/** Plugins that other nodes run. */
	get plugins(): Iterable<string> {
		return this.#made().keys();
	}

	/** Takes note that a node has changed. */
	changed(): void {
		this.#table = undefined;
	}

	#made(): Map<string, Offer[]> {
		if (this.#table) return this.#table;
		const table = new Map<string, Offer[]>();
		for (const { record, plugins, compatible } of this.#nodes()) {
			if (!compatible || record.node === this.#self) continue;
			for (const plugin of plugins) {
				if (plugin.state !== 'running') continue;
				const offers = table.get(plugin.id);
				if (offers) offers.push({ record, plugin });
				else table.set(plugin.id, [{ record, plugin }]);
			}
		}
		this.#table = table;
		return table;
	}
}
