import type { ExchangeHandler } from '../../src/runtime/carrier/carrier.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { createDispatcher, type Dispatcher } from '../../src/runtime/plugin/serving/dispatcher.ts';
import { loneServices } from '../../src/runtime/plugin/serving/lone-services.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';

/** A real plugin, for a listener: faults are worth testing with what users run. */
export class ServedPlugin {
	/** Calls that came as far as a handler. */
	calls = 0;
	/** Bytes of chunks that were given to streams that say how large they are to be: the small ones of a bystander do not count. */
	produced = 0;
	readonly handle: ExchangeHandler;
	readonly #dispatcher: Dispatcher;
	readonly #held = new Set<() => void>();
	readonly #gathered: (() => void)[] = [];

	constructor() {
		const plugin = createPlugin('tools.server')
			.registerTool('echo', { description: 'Gives its arguments back.' }, (input) => {
				this.calls++;
				return input as JsonObject;
			})
			.registerTool(
				'blob',
				{ description: 'Answers with `bytes` of text, once `together` calls of it are there.' },
				async (input) => {
					const { bytes, together } = input as { bytes: number; together: number };
					this.calls++;
					if (together > 1) await this.#allOf(together);
					return { text: 'x'.repeat(bytes) };
				},
			)
			.registerTool('hold', { description: 'Answers when it is released, or given up.' }, (_, { signal }) => {
				this.calls++;
				return new Promise<JsonObject>((resolve, reject) => {
					const answer = () => resolve({ held: true });
					this.#held.add(answer);
					signal.addEventListener('abort', () => {
						this.#held.delete(answer);
						reject(signal.reason);
					});
				});
			})
			.registerStreamingTool('count', { description: 'Counts to `to`, in chunks of `bytes`.' }, (input) =>
				this.#chunks(input as { to?: number; bytes?: number }),
			)
			.build();
		this.#dispatcher = createDispatcher(
			plugin,
			loneServices(plugin.id, () => undefined),
		);
		this.handle = this.#dispatcher.handle;
	}

	async *#chunks({
		to = Number.POSITIVE_INFINITY,
		bytes,
	}: {
		to?: number;
		bytes?: number;
	}): AsyncGenerator<Uint8Array> {
		for (let i = 0; i < to; i++) {
			this.produced += bytes ?? 0;
			yield new Uint8Array(bytes ?? 100).fill(i);
			await new Promise((resolve) => setImmediate(resolve));
		}
	}

	/** Settles for all of so many once the last of them is there. */
	#allOf(count: number): Promise<void> {
		return new Promise((resolve) => {
			this.#gathered.push(resolve);
			if (this.#gathered.length === count) for (const go of this.#gathered.splice(0)) go();
		});
	}

	/** Calls and streams that have not ended. */
	get active(): number {
		return this.#dispatcher.activeCount;
	}

	/** Answers the calls that are held. */
	release(): void {
		for (const answer of this.#held) answer();
		this.#held.clear();
	}
}
