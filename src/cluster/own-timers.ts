/** Timers that end with their owner. They do not keep the process alive. */
export class OwnTimers {
	readonly #running = new Set<() => void>();
	#closed = false;

	get closed(): boolean {
		return this.#closed;
	}

	/** Calls back once, unless its owner is closed before. @returns what cancels it; safe to call later */
	after(ms: number, work: () => void): () => void {
		if (this.#closed) return () => {};
		const cancel = () => {
			clearTimeout(timer);
			this.#running.delete(cancel);
		};
		const timer = setTimeout(() => {
			this.#running.delete(cancel);
			work();
		}, ms);
		timer.unref();
		this.#running.add(cancel);
		return cancel;
	}

	/** Settles after a while, or when `work` has settled; at once when its owner is closed. Never rejects. */
	async wait(ms: number, work?: Promise<unknown>): Promise<void> {
		if (this.#closed) return;
		let cancel = () => {};
		const over = new Promise<void>((resolve) => {
			const cancelTimer = this.after(ms, resolve);
			cancel = () => {
				cancelTimer();
				this.#running.delete(cancel);
				resolve();
			};
			this.#running.add(cancel);
		});
		await Promise.race([over, ...(work ? [work.catch(() => {})] : [])]);
		cancel();
	}

	/** Ends all of them: whoever waits goes on, and nothing is called back. */
	close(): void {
		this.#closed = true;
		for (const cancel of [...this.#running]) cancel();
	}
}
