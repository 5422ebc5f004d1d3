/** Counts what nobody handles while a fault happens. */
export class Unhandled {
	readonly #found: unknown[] = [];
	readonly #note = (reason: unknown): void => {
		this.#found.push(reason);
	};

	constructor() {
		process.on('unhandledRejection', this.#note);
		process.on('uncaughtException', this.#note);
	}

	/** Waits for the turns in which the runtime would tell, stops counting, and fails where there was anything. */
	async expectNone(): Promise<void> {
		for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
		this.stop();
		const [first] = this.#found;
		if (this.#found.length > 0) {
			throw new Error(`${this.#found.length} errors were handled by nobody, the first: ${String(first)}`, {
				cause: first,
			});
		}
	}

	/** Stops counting. */
	stop(): void {
		process.off('unhandledRejection', this.#note);
		process.off('uncaughtException', this.#note);
	}
}
