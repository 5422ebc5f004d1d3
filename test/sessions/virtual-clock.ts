import type { SessionClock } from '../../src/runtime/sessions/session-runtime.ts';

/** A clock that a test moves. */
export class VirtualClock implements SessionClock {
	#now = 0;
	readonly #timers = new Set<{ readonly ms: number; at: number; readonly run: () => void }>();

	readonly now = () => this.#now;

	every(ms: number, run: () => void): () => void {
		const timer = { ms, at: this.#now + ms, run };
		this.#timers.add(timer);
		return () => this.#timers.delete(timer);
	}

	/** Moves on, a second at a time, so that timers fire in their order. */
	async advance(ms: number): Promise<void> {
		for (const end = this.#now + ms; this.#now < end; ) {
			this.#now += Math.min(1000, end - this.#now);
			for (const timer of this.#timers) {
				if (timer.at > this.#now) continue;
				timer.at += timer.ms;
				timer.run();
			}
		}
	}
}
