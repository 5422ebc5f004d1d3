import type { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { ClusterSource } from './cluster-source.ts';
import type { OfferTable } from './offer-table.ts';
import type { RouteWays } from './plugin-route.ts';
import type { SlotStarts } from './slot-starts.ts';

/** Needs of {@link Elsewhere}. */
export interface ElsewhereOptions {
	readonly orchestrator: Orchestrator;
	readonly offers: OfferTable;
	readonly ways: RouteWays;
	readonly starts: SlotStarts;
	/** Whether the configuration has a plugin of that id: it is about to be added. */
	readonly isOwn: (id: string) => boolean;
}

/** Plugins that other nodes run, each with a slot here. */
export class Elsewhere {
	readonly #options: ElsewhereOptions;
	readonly #sources = new Map<string, ClusterSource>();

	constructor(options: ElsewhereOptions) {
		this.#options = options;
	}

	/** The source of a plugin; always the same one. */
	source(id: string): ClusterSource {
		const source = this.#sources.get(id) ?? new ClusterSource(id, this.#options.ways);
		this.#sources.set(id, source);
		return source;
	}

	/** Sees to it that what others run now has its slots, and that what nobody runs any more has ended. */
	route(): void {
		for (const id of this.#options.offers.plugins) this.#route(id);
		for (const [id, source] of this.#sources) {
			source.changed(
				new OrchestraError('node_lost', `no node of the cluster runs plugin ${id} any more`, {
					retryable: true,
				}),
			);
		}
	}

	/** Settles when what others run can be called here, as far as it can be. Never rejects. */
	async usable(): Promise<void> {
		const starting = this.#options.orchestrator.slots.filter(
			({ source, state }) => source instanceof ClusterSource && state === 'starting',
		);
		await Promise.allSettled(starting.map((slot) => slot.start()));
	}

	#route(id: string): void {
		const { orchestrator, starts, isOwn } = this.#options;
		const slot = orchestrator.slot(id);
		if (slot) {
			if (slot.source instanceof ClusterSource) starts.begin(slot);
			return;
		}
		if (isOwn(id)) return;
		try {
			starts.begin(orchestrator.add(this.source(id), { id }));
		} catch {
			// It stops.
		}
	}
}
