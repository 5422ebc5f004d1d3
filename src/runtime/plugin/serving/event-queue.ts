import type { PluginEvent, Subscription } from '../definition/subscription.ts';
import type { PluginState } from './plugin-state.ts';

/** Events that may wait for one subscriber. */
export const maxWaitingEvents = 1024;

/** Hands events to one subscriber, one after the other. When it is full, what comes is dropped and counted. */
export class EventQueue {
	readonly subscription: Subscription;
	readonly #state: PluginState;
	#waiting: PluginEvent[] = [];
	#running = false;
	#closed = false;
	#dropped = 0;
	/** Dropped since the log last said so. */
	#unreported = 0;

	constructor(subscription: Subscription, state: PluginState) {
		this.subscription = subscription;
		this.#state = state;
	}

	get dropped(): number {
		return this.#dropped;
	}

	push(event: PluginEvent): void {
		if (this.#closed) return;
		if (this.#waiting.length >= maxWaitingEvents) {
			this.#dropped++;
			this.#unreported++;
			if (this.#unreported === 1) this.#log('is behind: events are being dropped', {});
			return;
		}
		this.#waiting.push(event);
		if (!this.#running) void this.#run();
	}

	close(): void {
		this.#closed = true;
		this.#waiting = [];
	}

	async #run(): Promise<void> {
		this.#running = true;
		// Not within push: publishing must not run subscribers.
		await undefined;
		const context = this.#state.context();
		while (this.#waiting.length > 0) {
			const batch = this.#waiting;
			this.#waiting = [];
			for (const event of batch) {
				if (this.#closed) break;
				try {
					await this.subscription.handler(event, context);
				} catch (error) {
					this.#state.logFailure(`the subscriber of ${this.subscription.topic}`, error);
				}
			}
			if (this.#unreported > 0) {
				this.#log('dropped events', { dropped: this.#unreported });
				this.#unreported = 0;
			}
		}
		this.#running = false;
	}

	#log(what: string, fields: { dropped?: number }): void {
		this.#state.services.log({
			level: 'warn',
			message: `the subscriber of ${this.subscription.topic} ${what}`,
			fields,
			plugin: this.#state.id,
		});
	}
}
