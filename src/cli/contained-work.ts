import type { Containment } from '../runtime/hosting/containment/contain-plugins.ts';
import type { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { contain } from './containment.ts';
import type { PluginOutput } from './plugin-output.ts';

/** Milliseconds that a blocked event loop gets after SIGTERM. */
const signalGraceMs = 1000;

/** The work of one command with a plugin in this process: an error that the plugin leaves behind fails it. */
export class ContainedWork {
	readonly #failed = new AbortController();
	readonly #containment: Containment;
	#failure: OrchestraError | undefined;

	constructor(
		output: PluginOutput,
		{ json, verbose }: { json: boolean; verbose: boolean },
		deadlineMs: number | undefined,
	) {
		this.#containment = contain({
			output,
			json,
			tells: verbose || !json,
			deadlineMs,
			signalGraceMs,
			onStray: (error) => {
				this.#failure ??= error;
				this.#failed.abort(error);
			},
		});
	}

	/** Aborts when the plugin has left an error behind. */
	get failed(): AbortSignal {
		return this.#failed.signal;
	}

	/** The first error that it left behind. */
	get failure(): OrchestraError | undefined {
		return this.#failure;
	}

	/** Waits for errors of what has run already. @throws OrchestraError the first one */
	async settled(): Promise<void> {
		// The runtime tells of a rejection that nobody awaits when it has nothing else to do.
		await new Promise((resolve) => setImmediate(resolve));
		if (this.#failure) throw this.#failure;
	}

	end(): void {
		this.#containment.end();
	}
}
