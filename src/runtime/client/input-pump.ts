import type { OutgoingExchange } from '../carrier/outgoing-exchange.ts';
import type { StreamInput } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** Sends what a caller has to say after its request, as fast as the peer takes it, and then that it was all. */
export class InputPump {
	readonly #inputs: AsyncIterator<StreamInput>;
	#stopped = false;

	constructor(inputs: AsyncIterable<StreamInput>) {
		this.#inputs = inputs[Symbol.asyncIterator]();
	}

	/** Begins, for an exchange that was opened for input. Where a message cannot be had, the exchange is cancelled. */
	start(exchange: OutgoingExchange): void {
		void this.#run(exchange);
	}

	/** The exchange is over: the source is let go. Safe to call twice. */
	stop(): void {
		if (this.#stopped) return;
		this.#stopped = true;
		// A generator that waits gets to its finally blocks when that settles; what it throws then concerns nobody.
		void this.#inputs.return?.().then(undefined, () => {});
	}

	async #run(exchange: OutgoingExchange): Promise<void> {
		try {
			while (!this.#stopped) {
				const { done, value } = await this.#inputs.next();
				if (this.#stopped) return;
				if (done) break;
				await exchange.send(value);
			}
			if (!this.#stopped) exchange.send({ end: true });
		} catch (error) {
			const why = error instanceof Error ? error.message : String(error);
			exchange.cancel(
				new OrchestraError('cancelled', `the call was cancelled: its input failed: ${why}`, { cause: error }),
			);
		}
	}
}
