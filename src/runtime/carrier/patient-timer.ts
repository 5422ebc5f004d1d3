import { clearTimeout, setTimeout } from 'node:timers';
import { longestTimerMs } from './deadline-queue.ts';

/**
 * A timer that judges silence. It says when it fires much too late: then this process stood still itself (it was frozen, or
 * busy), and what came meanwhile is not read yet. It never keeps the process alive.
 */
export class PatientTimer {
	readonly #onDue: (late: boolean) => void;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(onDue: (late: boolean) => void) {
		this.#onDue = onDue;
	}

	/** Whether it is going to fire. */
	get armed(): boolean {
		return this.#timer !== undefined;
	}

	/** Fires once in `ms` milliseconds, and not at an earlier time that was armed before; never where that is too long for a timer. */
	arm(ms: number): void {
		this.clear();
		if (!(ms <= longestTimerMs)) return;
		const armedAt = performance.now();
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			this.#onDue(performance.now() - armedAt > ms * 1.25 + 20);
		}, ms);
		this.#timer.unref();
	}

	clear(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}
}
