import type { EventStream, ReceivedEvent } from '../../runtime/client/event-stream.ts';
import type { PluginClient } from '../../runtime/client/plugin-client.ts';
import type { EventLog } from './run-case.ts';

/** Events that are kept: the last ones. */
const mostEvents = 10_000;

/** Collects all events of a target, until it is disposed. */
export class HeardEvents implements EventLog, AsyncDisposable {
	readonly heard: ReceivedEvent[] = [];
	readonly #stream: EventStream;
	#wake: (() => void) | undefined;

	private constructor(stream: EventStream) {
		this.#stream = stream;
	}

	/** Undefined where the target tells no events. */
	static async of(client: PluginClient): Promise<HeardEvents | undefined> {
		const stream = client.events('**');
		try {
			await stream.ready();
		} catch {
			return undefined;
		}
		const heard = new HeardEvents(stream);
		void heard.#read();
		return heard;
	}

	async find(
		fits: (event: ReceivedEvent) => boolean,
		from: number,
		timeoutMs: number,
	): Promise<ReceivedEvent | undefined> {
		const until = performance.now() + timeoutMs;
		for (;;) {
			const found = this.heard.slice(from).find(fits);
			const left = until - performance.now();
			if (found || left <= 0) return found;
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, left);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#stream.return();
	}

	async #read(): Promise<void> {
		try {
			for await (const event of this.#stream) {
				if (this.heard.length < mostEvents) this.heard.push(event);
				this.#wake?.();
			}
		} catch {
			// The target is closed: whoever waits finds nothing more.
		}
	}
}
