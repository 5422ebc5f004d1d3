import type { Clock } from '../../src/cluster/registry/clock.ts';

interface Timer {
	readonly at: number;
	readonly order: number;
	readonly work: () => void;
}

/** A clock that is moved by hand. Between two timers whatever promises have to say is said. */
export class VirtualClock implements Clock {
	#now = 0;
	#order = 0;
	#timers: Timer[] = [];

	now(): number {
		return this.#now;
	}

	after(ms: number, work: () => void): () => void {
		const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, work };
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((other) => other !== timer);
		};
	}

	/** Lets so many milliseconds pass. */
	async pass(ms: number): Promise<void> {
		const until = this.#now + ms;
		await settle();
		for (;;) {
			const next = this.#timers
				.filter(({ at }) => at <= until)
				.sort((a, b) => a.at - b.at || a.order - b.order)[0];
			if (!next) break;
			this.#timers = this.#timers.filter((other) => other !== next);
			this.#now = Math.max(this.#now, next.at);
			next.work();
			await settle();
		}
		this.#now = until;
	}

	/** The clock stands, and promises settle. */
	settle(): Promise<void> {
		return settle();
	}
}

function settle(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
