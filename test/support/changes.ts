/** Wakes those who wait for something to change that is not theirs, such as what a process has printed. */
export class Changes {
	#listeners: (() => void)[] = [];

	/** Something has changed. */
	tell(): void {
		for (const listener of this.#listeners.splice(0)) listener();
	}

	/**
	 * Waits until there is a value, and looks again after each change.
	 *
	 * @param read gives the value; undefined where it is not there yet
	 * @param isOver whether nothing will change any more
	 * @param failure what is thrown where it never comes
	 */
	async until<T>(
		read: () => T | undefined,
		isOver: () => boolean,
		timeoutMs: number,
		failure: () => Error,
	): Promise<T> {
		const deadline = Date.now() + timeoutMs;
		for (;;) {
			const value = read();
			if (value !== undefined) return value;
			if (isOver() || Date.now() > deadline) throw failure();
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, Math.max(1, deadline - Date.now()));
				this.#listeners.push(() => {
					clearTimeout(timer);
					resolve();
				});
			});
		}
	}
}
