import type { PluginSlot } from '../../runtime/hosting/plugin-slot.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { retoldError } from '../../runtime/wire/retold-error.ts';
import type { OwnTimers } from '../own-timers.ts';

/** Codes of failures that say nothing new: nobody has it now. */
const quiet: ReadonlySet<string> = new Set(['cancelled', 'plugin_unavailable', 'cluster_unavailable']);

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
	#closed = false;

	constructor(options: SlotStartsOptions) {
		this.#options = options;
	}

	/** Begins no more: the orchestrator stops, and what fails then is no fault. */
	close(): void {
		this.#closed = true;
	}

	/** Starts a slot that stays as it is until somebody starts it. */
	begin(slot: PluginSlot): void {
		if (this.#closed || !isAtRest(slot)) return;
		const { timers, againMs, onAgain, onProblem } = this.#options;
		slot.start().catch((error: unknown) => {
			const failure = OrchestraError.from(error, 'start_failed');
			const { code, message } = failure;
			// Its node may be there a moment later, and nothing else may change meanwhile.
			timers.after(againMs, onAgain);
			if (this.#closed || quiet.has(code)) return;
			onProblem(retoldError(failure, `plugin ${slot.id} of other nodes cannot be used: ${message}`));
		});
	}
}

/** States that a slot stays in until somebody starts it. */
const resting: ReadonlySet<string> = new Set(['stopped', 'exited', 'crashed', 'failed', 'unavailable']);

function isAtRest({ state }: PluginSlot): boolean {
	return resting.has(state);
}
