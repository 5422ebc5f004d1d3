import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { NatsLink } from './nats/nats-link.ts';
import type { OwnTimers } from './own-timers.ts';
import type { Membership } from './registry/membership.ts';
import type { Placement } from './registry/placement.ts';
import type { CataloguePlugin } from './registry/records.ts';

/** Needs of {@link Joining}. */
export interface JoiningOptions {
	readonly node: string;
	readonly link: NatsLink;
	readonly membership: Membership;
	readonly placement: Placement;
	readonly timers: OwnTimers;
	/** Milliseconds after which it is tried again. */
	readonly againMs: number;
	readonly catalogue: () => CataloguePlugin[];
	readonly isDraining: () => boolean;
	readonly onJoined: () => void;
	readonly onProblem: (error: OrchestraError) => void;
}

/** Taking part in a cluster: at the first connection, after each that is lost, and again where it fails. */
export class Joining {
	readonly #options: JoiningOptions;
	#last: Promise<void> | undefined;

	constructor(options: JoiningOptions) {
		this.#options = options;
	}

	/** Settles when the attempt under way has ended. Never rejects. */
	get settled(): Promise<void> {
		return this.#last ?? Promise.resolve();
	}

	/** Joins over each connection to come. */
	begin(): void {
		this.#options.link.onUp(() => this.#try());
	}

	#try(): void {
		this.#last = this.#join();
	}

	async #join(): Promise<void> {
		const { node, link, membership, placement, timers, againMs, ...rest } = this.#options;
		try {
			if (membership.state === 'joining') {
				await membership.offer(rest.catalogue());
				await membership.join();
			} else membership.restored();
			placement.restored();
			if (!rest.isDraining()) await placement.begin();
			rest.onJoined();
		} catch (error) {
			if (!link.up || timers.closed) return;
			rest.onProblem(OrchestraError.from(error, 'cluster_unavailable', `node ${node} has not joined`));
			timers.after(againMs, () => {
				if (link.up) this.#try();
			});
		}
	}
}
