import type { Clock } from '../../../src/cluster/registry/clock.ts';

interface Timer {
	readonly at: number;
	readonly order: number;
	work: (() => void) | undefined;
}

/** Virtual time for very many timers: it jumps from one to the next, and what promises have to say is said between. */
export class EventClock implements Clock {
	#now = 0;
	#order = 0;
	/** A heap: no timer is due before the one at half its index. */
	readonly #heap: Timer[] = [];

	now(): number {
		return this.#now;
	}

	after(ms: number, work: () => void): () => void {
		const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order++, work };
		this.#push(timer);
		return () => {
			timer.work = undefined;
		};
	}

	/** Lets time pass, to a moment of this clock. */
	async runTo(until: number): Promise<void> {
		await settle();
		for (let next = this.#heap[0]; next && next.at <= until; next = this.#heap[0]) {
			this.#now = next.at;
			// What is due at one moment is one step.
			for (let due = next; due && due.at === this.#now; due = this.#heap[0] as Timer) {
				this.#pop();
				due.work?.();
			}
			await settle();
		}
		this.#now = until;
	}

	#push(timer: Timer): void {
		const heap = this.#heap;
		let index = heap.length;
		heap.push(timer);
		while (index > 0) {
			const above = (index - 1) >> 1;
			const other = heap[above] as Timer;
			if (isBefore(other, timer)) break;
			heap[index] = other;
			index = above;
		}
		heap[index] = timer;
	}

	#pop(): void {
		const heap = this.#heap;
		const last = heap.pop();
		if (!last || heap.length === 0) return;
		let index = 0;
		for (;;) {
			let below = 2 * index + 1;
			if (below >= heap.length) break;
			if (below + 1 < heap.length && isBefore(heap[below + 1] as Timer, heap[below] as Timer)) below++;
			const other = heap[below] as Timer;
			if (isBefore(last, other)) break;
			heap[index] = other;
			index = below;
		}
		heap[index] = last;
	}
}

function isBefore(one: Timer, other: Timer): boolean {
	return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** Until all promises that can settle have: whatever a chain of them is long. */
function settle(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
