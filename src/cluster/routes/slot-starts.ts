import type { PluginSlot } from '../../runtime/hosting/plugin-slot.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { retoldError } from '../../runtime/wire/retold-error.ts';
import type { OwnTimers } from '../own-timers.ts';

/** Needs of {@link SlotStarts}. */
export interface SlotStartsOptions {
	readonly timers: OwnTimers;
	/** Milliseconds after which a failure is looked at again. */
	readonly againMs: number;
	readonly onAgain: () => void;
	readonly onProblem: (error: OrchestraError) => void;
}

/** Starts of slots whose plugins may run on other nodes. */
export class SlotStarts {
	readonly #options: SlotStartsOptions;

	constructor(options: SlotStartsOptions) {
		this.#options = options;
	}

	/** Starts a slot that stays as it is until somebody starts it. */
	begin(slot: PluginSlot): void {
		if (!isAtRest(slot)) return;
		const { timers, againMs, onAgain, onProblem } = this.#options;
		slot.start().catch((error: unknown) => {
			const failure = OrchestraError.from(error, 'start_failed');
			const { code, message } = failure;
			// Its node may be there a moment later, and nothing else may change meanwhile.
			timers.after(againMs, onAgain);
			if (code === 'cancelled' || code === 'plugin_unavailable' || code === 'cluster_unavailable') return;
			onProblem(retoldError(failure, `plugin ${slot.id} of other nodes cannot be used: ${message}`));
		});
	}
}

function isAtRest({ state }: PluginSlot): boolean {
	return state === 'stopped' || state === 'exited' || state === 'crashed' || state === 'failed';
}
