import type { ExchangeHandler } from '../../src/runtime/carrier/carrier.ts';
import { createPlugin } from '../../src/runtime/plugin/create-plugin.ts';
import { createDispatcher, type Dispatcher } from '../../src/runtime/plugin/dispatcher.ts';
import { loneServices } from '../../src/runtime/plugin/lone-services.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';

/** A real plugin, for a listener: faults are worth testing with what users run. */
export class ServedPlugin {
	/** Calls that came as far as a handler. */
	calls = 0;
	readonly handle: ExchangeHandler;
	readonly #dispatcher: Dispatcher;
	readonly #held: (() => void)[] = [];

	constructor() {
		const plugin = createPlugin('tools.server')
			.registerTool('echo', { description: 'Gives its arguments back.' }, (input) => {
				this.calls++;
				return input as JsonObject;
			})
			.registerTool('hold', { description: 'Answers when it is released, or given up.' }, (_, { signal }) => {
				this.calls++;
				return new Promise<JsonObject>((resolve, reject) => {
					this.#held.push(() => resolve({ held: true }));
					signal.addEventListener('abort', () => reject(signal.reason));
				});
			})
			.registerStreamingTool(
				'count',
				{ description: 'Counts to `to`, in chunks of `bytes`.' },
				async function* (input) {
					const { to = Number.POSITIVE_INFINITY, bytes = 100 } = input as { to?: number; bytes?: number };
					for (let i = 0; i < to; i++) {
						yield new Uint8Array(bytes).fill(i);
						await new Promise((resolve) => setImmediate(resolve));
					}
				},
			)
			.build();
		this.#dispatcher = createDispatcher(
			plugin,
			loneServices(plugin.id, () => undefined),
		);
		this.handle = this.#dispatcher.handle;
	}

	/** Calls and streams that have not ended. */
	get active(): number {
		return this.#dispatcher.activeCount;
	}

	/** Answers the calls that are held. */
	release(): void {
		for (const answer of this.#held.splice(0)) answer();
	}
}
