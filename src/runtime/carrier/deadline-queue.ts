import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { Linked } from './linked-list.ts';
import { LinkedList } from './linked-list.ts';

/** Node's timers hold at most 2^31 - 1 ms; what is longer counts as no deadline. */
export const longestTimerMs = 2 ** 31 - 1;

/** Owner of a deadline, which is told when it has passed. Must not throw. */
export interface DeadlineOwner {
	/** Called by the deadline queue only. */
	deadlinePassed(): void;
}

/** A deadline that was started: only good for giving to {@link clearDeadline}. */
export interface Deadline extends Linked<Deadline> {
	readonly owner: DeadlineOwner;
	readonly queue: DeadlineQueue;
	/** On the clock of performance.now(). */
	readonly at: number;
	waiting: boolean;
}

/**
 * The deadlines of one length, soonest first. Almost every call of a process has the same timeout, and almost none passes, so
 * one timer serves them all: a call costs two pointer writes instead of a timer of its own.
 */
class DeadlineQueue {
	readonly ms: number;
	readonly #waiting = new LinkedList<Deadline>();
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** Whether the sweep will look at this queue. */
	idle = false;

	constructor(ms: number) {
		this.ms = ms;
	}

	get empty(): boolean {
		return this.#waiting.first === undefined;
	}

	add(owner: DeadlineOwner): Deadline {
		const at = performance.now() + this.ms;
		const deadline: Deadline = { owner, queue: this, at, waiting: true, before: undefined, after: undefined };
		this.#waiting.add(deadline);
		if (this.#timer === undefined) this.#arm(this.ms);
		return deadline;
	}

	remove(deadline: Deadline): void {
		deadline.waiting = false;
		this.#waiting.remove(deadline);
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}

	#arm(ms: number): void {
		this.#timer = setTimeout(() => this.#fire(), ms);
	}

	#fire(): void {
		this.#timer = undefined;
		try {
			for (let { first } = this.#waiting; first; first = this.#waiting.first) {
				// The timer's clock counts whole milliseconds and may be ahead of this one.
				if (first.at > performance.now()) break;
				this.remove(first);
				first.owner.deadlinePassed();
			}
		} finally {
			const { first } = this.#waiting;
			if (first === undefined) sweepLater(this);
			else if (this.#timer === undefined) this.#arm(Math.max(1, Math.ceil(first.at - performance.now())));
		}
	}
}

const queues = new Map<number, DeadlineQueue>();
let idleQueues: DeadlineQueue[] = [];

/**
 * Calls `owner.deadlinePassed()` after `ms` milliseconds (whole ones, 0 or more), never sooner. As long as it waits it keeps
 * the process alive. Undefined, and no deadline, where `ms` is more than {@link longestTimerMs}.
 */
export function startDeadline(owner: DeadlineOwner, ms: number): Deadline | undefined {
	if (!(ms <= longestTimerMs)) return undefined;
	let queue = queues.get(ms);
	if (!queue) {
		queue = new DeadlineQueue(ms);
		queues.set(ms, queue);
	}
	return queue.add(owner);
}

/** Stops a deadline; one that has passed or was stopped is left alone. */
export function clearDeadline(deadline: Deadline): void {
	if (!deadline.waiting) return;
	const { queue } = deadline;
	queue.remove(deadline);
	if (queue.empty && !queue.idle) sweepLater(queue);
}

/**
 * A queue runs empty after each call of a caller that makes one at a time. Its timer is stopped once in a turn of the event
 * loop, not once a call; it must be stopped, since it would keep the process alive.
 */
function sweepLater(queue: DeadlineQueue): void {
	queue.idle = true;
	if (idleQueues.push(queue) === 1) setImmediate(sweep);
}

function sweep(): void {
	const idle = idleQueues;
	idleQueues = [];
	for (const queue of idle) {
		queue.idle = false;
		if (!queue.empty) continue;
		queue.stop();
		queues.delete(queue.ms);
	}
}
