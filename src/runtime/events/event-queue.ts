/** Events that may wait for one subscriber. */
export const maxWaitingEvents = 1024;

/** Bytes of events that may wait for one subscriber; one event may be larger, and then waits alone. Counted by {@link eventSize}. */
export const maxWaitingBytes = 32 * 1024 * 1024;

/** How an event queue delivers, and whom it tells. */
export interface EventQueueOptions<Event> {
	/**
	 * Takes one event; the next follows when this has settled. `missed` counts the events that were dropped right before it.
	 */
	readonly deliver: (event: Event, missed: number) => unknown;
	/** Called when a delivery failed. */
	readonly onFault: (error: unknown, event: Event) => void;
	/** Called once for each time that the subscriber falls behind, when the first event is dropped. */
	readonly onBehind?: (() => void) | undefined;
}

/**
 * Hands events to one subscriber, one after the other, in order. It is bounded in events and in bytes: beyond that the oldest event
 * that waits is dropped, and the next delivery says how many were. So a subscriber that is slow costs a fixed amount and knows what
 * it missed, and nobody waits for it.
 */
export class EventQueue<Event> {
	readonly #options: EventQueueOptions<Event>;
	#waiting: { event: Event; bytes: number }[] = [];
	#bytes = 0;
	/** Dropped since the last delivery. */
	#missed = 0;
	#dropped = 0;
	#running = false;
	#closed = false;

	constructor(options: EventQueueOptions<Event>) {
		this.#options = options;
	}

	/** Events that were dropped in all. */
	get dropped(): number {
		return this.#dropped;
	}

	/** Events that wait now. */
	get size(): number {
		return this.#waiting.length;
	}

	/** Takes an event. Returns at once: the subscriber never runs within it. */
	push(event: Event, bytes: number): void {
		if (this.#closed) return;
		while (
			this.#waiting.length > 0 &&
			(this.#waiting.length >= maxWaitingEvents || this.#bytes + bytes > maxWaitingBytes)
		) {
			this.#drop();
		}
		this.#waiting.push({ event, bytes });
		this.#bytes += bytes;
		if (!this.#running) void this.#run();
	}

	/** Forgets what waits. A delivery under way is not waited for. */
	close(): void {
		this.#closed = true;
		this.#waiting = [];
		this.#bytes = 0;
	}

	#drop(): void {
		this.#bytes -= this.#waiting.shift()?.bytes ?? 0;
		this.#dropped++;
		this.#missed++;
		if (this.#missed === 1) this.#options.onBehind?.();
	}

	async #run(): Promise<void> {
		this.#running = true;
		await undefined;
		for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
			this.#bytes -= next.bytes;
			const missed = this.#missed;
			this.#missed = 0;
			try {
				await this.#options.deliver(next.event, missed);
			} catch (error) {
				this.#options.onFault(error, next.event);
			}
		}
		this.#running = false;
	}
}
