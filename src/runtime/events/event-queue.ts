/** Events that may wait for one subscriber. */
export const maxWaitingEvents = 1024;

/** Bytes of events that may wait for one subscriber; one event may be larger, and then waits alone. Counted by {@link eventSize}. */
const maxWaitingBytes = 32 * 1024 * 1024;

/** Bytes that are handed over at once, where several events are; one event may be larger, and then goes alone. */
const maxBatchBytes = 64 * 1024;

/** Options of an event queue. */
export interface EventQueueOptions<Event> {
	/**
	 * Takes events; the next follow when this has settled. `missed` counts the events that were dropped right before the first.
	 */
	readonly deliver: (events: readonly Event[], missed: number) => unknown;
	/** Called when a delivery failed, with the first of its events. */
	readonly onFault: (error: unknown, event: Event) => void;
	/** Called once for each time that the subscriber falls behind, when the first event is dropped; again only after it caught up. */
	readonly onBehind?: (() => void) | undefined;
	/** Events that are handed over at once, at most. Default 1. */
	readonly maxBatch?: number | undefined;
}

interface Waiting<Event> {
	readonly event: Event;
	readonly bytes: number;
	readonly settled: (() => void) | undefined;
}

/**
 * Hands events to one subscriber, in order, the next when it is done with those before. It is bounded in events and in bytes: beyond
 * that the oldest event that waits is dropped, and the next delivery says how many were. So a subscriber that is slow costs a fixed
 * amount and knows what it missed, and nobody waits for it. An event that somebody keeps until it is settled is not dropped: whoever
 * keeps it has a bound for all of them.
 */
export class EventQueue<Event> {
	readonly #options: EventQueueOptions<Event>;
	readonly #maxBatch: number;
	#waiting: Waiting<Event>[] = [];
	/** Senders that wait for the end of the delivery under way. */
	#settling: (() => void)[] = [];
	/** Events that wait and are not kept by anybody. */
	#droppable = 0;
	#bytes = 0;
	/** Dropped since the last delivery. */
	#missed = 0;
	#dropped = 0;
	/** Whether events were dropped since nothing waited. */
	#behind = false;
	#running = false;
	#closed = false;

	constructor(options: EventQueueOptions<Event>) {
		this.#options = options;
		this.#maxBatch = options.maxBatch ?? 1;
	}

	/** Events that were dropped in all. */
	get dropped(): number {
		return this.#dropped;
	}

	/** Events that wait now. */
	get size(): number {
		return this.#waiting.length;
	}

	/** Bytes of the events that wait now. */
	get bytes(): number {
		return this.#bytes;
	}

	/**
	 * Takes an event. Returns at once: the subscriber never runs within it.
	 *
	 * @param settled called once when its delivery has ended, or when nobody is left to deliver it to; with it the event is not dropped
	 */
	push(event: Event, bytes: number, settled?: () => void): void {
		if (this.#closed) {
			settled?.();
			return;
		}
		while (
			this.#droppable > 0 &&
			(this.#waiting.length >= maxWaitingEvents || this.#bytes + bytes > maxWaitingBytes)
		) {
			this.#drop();
		}
		this.#waiting.push({ event, bytes, settled });
		if (!settled) this.#droppable++;
		this.#bytes += bytes;
		if (!this.#running) void this.#run();
	}

	/** Forgets what waits. A delivery under way is not waited for. */
	close(): void {
		this.#closed = true;
		const waiting = this.#waiting.splice(0);
		this.#bytes = 0;
		this.#droppable = 0;
		this.#settle();
		for (const { settled } of waiting) settled?.();
	}

	#drop(): void {
		const index = this.#waiting.findIndex(({ settled }) => !settled);
		const dropped = index === 0 ? this.#waiting.shift() : this.#waiting.splice(index, 1)[0];
		this.#bytes -= dropped?.bytes ?? 0;
		this.#droppable--;
		this.#dropped++;
		this.#missed++;
		if (this.#behind) return;
		this.#behind = true;
		this.#options.onBehind?.();
	}

	#settle(): void {
		if (this.#settling.length > 0) for (const settled of this.#settling.splice(0)) settled();
	}

	async #run(): Promise<void> {
		this.#running = true;
		await undefined;
		for (let batch = this.#take(); batch !== undefined; batch = this.#take()) {
			const missed = this.#missed;
			this.#missed = 0;
			try {
				await this.#options.deliver(batch, missed);
			} catch (error) {
				this.#options.onFault(error, batch[0]);
			}
			this.#settle();
		}
		this.#behind = false;
		this.#running = false;
	}

	/** The events that are handed over next. */
	#take(): [Event, ...Event[]] | undefined {
		const first = this.#waiting[0];
		if (first === undefined) return undefined;
		const batch: [Event, ...Event[]] = [first.event];
		let bytes = first.bytes;
		for (let count = 1; count < Math.min(this.#maxBatch, this.#waiting.length); count++) {
			const next = this.#waiting[count];
			if (next === undefined || bytes + next.bytes > maxBatchBytes) break;
			batch.push(next.event);
			bytes += next.bytes;
		}
		if (batch.length === 1) {
			this.#waiting.shift();
			this.#took(first);
		} else for (const taken of this.#waiting.splice(0, batch.length)) this.#took(taken);
		this.#bytes -= bytes;
		return batch;
	}

	#took({ settled }: Waiting<Event>): void {
		if (settled) this.#settling.push(settled);
		else this.#droppable--;
	}
}
