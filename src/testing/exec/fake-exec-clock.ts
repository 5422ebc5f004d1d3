import type { ExecClock } from '../../runtime/exec/exec-clock.ts';

/** A clock that stands still until it is told to go on. */
export class FakeExecClock implements ExecClock {
	#now = 0;
	readonly #timers = new Set<{ readonly at: number; readonly work: () => void }>();

	now(): number {
		return this.#now;
	}

	after(ms: number, work: () => void): () => void {
		const timer = { at: this.#now + ms, work };
		this.#timers.add(timer);
		return () => this.#timers.delete(timer);
	}

	/** Lets time pass, and calls what is due by then, in its order. */
	advance(ms: number): void {
		const until = this.#now + ms;
		for (;;) {
			const due = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
			if (!due) break;
			this.#now = due.at;
			this.#timers.delete(due);
			due.work();
		}
		this.#now = until;
	}
}
