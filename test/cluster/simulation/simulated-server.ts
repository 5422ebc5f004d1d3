import type { EventClock } from './event-clock.ts';

/** Messages and bytes of them. */
export interface Traffic {
	messages: number;
	bytes: number;
}

/** What the server has received and sent, in all and in its busiest second. */
export interface ServerTraffic {
	readonly received: Traffic;
	readonly sent: Traffic;
	readonly busiestSecond: Traffic;
	/** Milliseconds that something waited for the server, at most. */
	readonly longestWaitMs: number;
	/** Microseconds of one core that it has been busy, or will have been when all of that is done. */
	readonly workedMicros: number;
}

/** Of the server and of the way to it. The defaults were measured: see docs/scale.md. */
export interface ServerModel {
	/** Milliseconds for one way, at least and at most. */
	readonly wayMs: readonly [number, number];
	/** Microseconds of one core for each message that is sent to a client, for one that a watcher of a bucket is sent, and for one that is stored. */
	readonly sendMicros: number;
	readonly watchMicros: number;
	readonly storeMicros: number;
	/** Cores that do it. */
	readonly cores: number;
}

/** A server that takes time for what it sends: one queue, served in order. */
export class SimulatedServer {
	readonly clock: EventClock;
	readonly model: ServerModel;
	readonly #random: () => number;
	#busyUntil = 0;
	#received: Traffic = { messages: 0, bytes: 0 };
	#sent: Traffic = { messages: 0, bytes: 0 };
	#busiest: Traffic = { messages: 0, bytes: 0 };
	#second: Traffic & { number: number } = { number: 0, messages: 0, bytes: 0 };
	#longestWaitMs = 0;
	#workedMicros = 0;

	constructor(clock: EventClock, random: () => number, model: ServerModel) {
		this.clock = clock;
		this.#random = random;
		this.model = model;
	}

	/** Milliseconds that one message takes between a client and the server. */
	wayMs(): number {
		const [least, most] = this.model.wayMs;
		return least + this.#random() * (most - least);
	}

	receive(bytes: number): void {
		this.#received.messages++;
		this.#received.bytes += bytes;
	}

	/** Begins to count anew. */
	count(): void {
		this.#received = { messages: 0, bytes: 0 };
		this.#sent = { messages: 0, bytes: 0 };
		this.#busiest = { messages: 0, bytes: 0 };
		this.#longestWaitMs = 0;
		this.#workedMicros = 0;
	}

	get traffic(): ServerTraffic {
		return {
			received: { ...this.#received },
			sent: { ...this.#sent },
			busiestSecond: { ...this.#busiest },
			longestWaitMs: this.#longestWaitMs,
			workedMicros: this.#workedMicros,
		};
	}

	/** Takes the time for storing something. @returns milliseconds from now until it is stored */
	store(): number {
		return this.#work(this.model.storeMicros);
	}

	/** Takes the time for sending so many messages of that size. @returns milliseconds from now until the last has left */
	send(messages: number, bytesEach: number, microsEach = this.model.sendMicros): number {
		if (messages === 0) return 0;
		const waitMs = this.#work(messages * microsEach);
		this.#sent.messages += messages;
		this.#sent.bytes += messages * bytesEach;
		const number = Math.floor((this.clock.now() + waitMs) / 1000);
		if (number !== this.#second.number) this.#second = { number, messages: 0, bytes: 0 };
		this.#second.messages += messages;
		this.#second.bytes += messages * bytesEach;
		if (this.#second.messages > this.#busiest.messages) this.#busiest = { ...this.#second };
		return waitMs;
	}

	#work(micros: number): number {
		const now = this.clock.now();
		this.#longestWaitMs = Math.max(this.#longestWaitMs, this.#busyUntil - now);
		this.#workedMicros += micros;
		this.#busyUntil = Math.max(now, this.#busyUntil) + micros / this.model.cores / 1000;
		return this.#busyUntil - now;
	}
}
