import type { IncomingExchange } from '../runtime/carrier/incoming-exchange.ts';
import type { Orchestrator } from '../runtime/orchestrator/orchestrator.ts';
import type { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { PluginToServe } from '../toolchain/serve/plugin-to-serve.ts';
import type { OwnTimers } from './own-timers.ts';
import { fencingFault } from './registry/fencing.ts';
import type { Placement } from './registry/placement.ts';
import type { Elsewhere } from './routes/elsewhere.ts';
import type { OfferTable } from './routes/offer-table.ts';
import { PlacedSource } from './routes/placed-source.ts';
import type { SlotStarts } from './routes/slot-starts.ts';

/** Needs of {@link PlacedPlugins}. */
export interface PlacedPluginsOptions {
	readonly node: string;
	readonly orchestrator: Orchestrator;
	readonly placement: Placement;
	readonly elsewhere: Elsewhere;
	readonly offers: OfferTable;
	readonly starts: SlotStarts;
	readonly timers: OwnTimers;
	readonly connected: () => boolean;
	/** Called when one has stopped here. */
	readonly onStopped: () => void;
}

/** Milliseconds that the start of a placed plugin waits for its place at most: who serves begins meanwhile. */
const placeWaitMs = 2_000;

/** Milliseconds between looks at where it runs. */
const lookMs = 50;

/** Plugins of this node's configuration of which the cluster decides where they run. */
export class PlacedPlugins {
	readonly #options: PlacedPluginsOptions;
	/** Whether each is a singleton, by id. */
	readonly #singleton = new Map<string, boolean>();

	constructor(options: PlacedPluginsOptions) {
		this.#options = options;
	}

	has(id: string): boolean {
		return this.#singleton.has(id);
	}

	/** Whether it is this node's to run now. */
	holds(id: string): boolean {
		return this.#options.placement.token(id) !== undefined;
	}

	/** The fencing token of a singleton that is held here. One with several replicas has none: any of them may serve a call. */
	token(id: string): number | undefined {
		return this.#singleton.get(id) ? this.#options.placement.token(id) : undefined;
	}

	/** Makes a plugin one that runs here where it is its turn. */
	place(plugin: PluginToServe, replicas: number): PluginToServe {
		const { id = '', singleton = false } = plugin;
		const { orchestrator, placement, elsewhere, onStopped } = this.#options;
		const source = new PlacedSource(plugin.source, elsewhere.source(id), {
			holds: () => this.holds(id),
			admit: (exchange) => (singleton ? this.#fence(exchange, id) : undefined),
			decided: (signal) => this.#decided(id, signal),
		});
		this.#singleton.set(id, singleton);
		if (!placement.has(id)) {
			placement.add({
				plugin: id,
				replicas,
				start: async () => {
					// One that is not added yet is started when it is.
					await orchestrator.slot(id)?.swap({ drainMs: 0 });
				},
				stop: async () => {
					await orchestrator.slot(id)?.stop();
					onStopped();
				},
			});
		}
		return { ...plugin, source };
	}

	/** Forgets one, and gives back what it holds. */
	remove(id: string): void {
		if (this.#singleton.delete(id)) void this.#options.placement.remove(id);
	}

	/** Starts those that rest and can run, here or elsewhere. */
	startDue(): void {
		const { orchestrator, offers, starts } = this.#options;
		for (const id of this.#singleton.keys()) {
			const slot = orchestrator.slot(id);
			if (slot && (this.holds(id) || offers.of(id).length > 0)) starts.begin(slot);
		}
	}

	async #decided(id: string, signal: AbortSignal): Promise<void> {
		const { offers, timers, connected } = this.#options;
		for (let ms = 0; ms < placeWaitMs && !signal.aborted && !timers.closed; ms += lookMs) {
			if (this.holds(id) || offers.of(id).length > 0 || !connected()) return;
			await timers.wait(lookMs);
		}
	}

	#fence({ request }: IncomingExchange, plugin: string): OrchestraError | undefined {
		const { node, placement } = this.#options;
		const held = placement.token(plugin);
		const sent = request.cluster?.token || undefined;
		const fault = fencingFault({ plugin, node, held, sent });
		if (!fault && held !== undefined) request.cluster = { ...request.cluster, plugin, token: held };
		return fault;
	}
}
