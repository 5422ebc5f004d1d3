import { decodeResponse } from '../../runtime/wire/frame.ts';
import { FrameDecoder } from '../../runtime/wire/frame-decoder.ts';
import type { PluginResponse } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Bytes that may wait to be taken: what a plugin sends beyond that, unasked, ends the reading. */
const maxWaitingBytes = 64 * 1024 * 1024;

/** Messages that a plugin sent on one raw link, in order, until somebody takes them. */
export class Inbox {
	readonly #decoder = new FrameDecoder();
	readonly #responses: PluginResponse[] = [];
	#bytes = 0;
	#ended = false;
	#fault: OrchestraError | undefined;
	#wake: (() => void) | undefined;

	/** Takes bytes as they come. What is no frame, or no message, is kept as a fault for who reads. */
	push(bytes: Uint8Array): void {
		if (this.#fault) return;
		this.#bytes += bytes.length;
		try {
			if (this.#bytes > maxWaitingBytes) throw new OrchestraError('overloaded', 'it sent more than was read');
			this.#decoder.push(bytes, (payload) => {
				this.#responses.push(decodeResponse(payload));
				this.#bytes = 0;
			});
		} catch (error) {
			this.#fault = OrchestraError.from(error, 'malformed_message');
		}
		this.#wake?.();
	}

	/** Nothing more will come. */
	end(): void {
		this.#ended = true;
		this.#wake?.();
	}

	/**
	 * The next response; undefined where the plugin has ended the link instead.
	 *
	 * @param timeoutMs milliseconds
	 * @throws OrchestraError `deadline_exceeded` where neither came; `malformed_message` where what came was no message
	 */
	async next(timeoutMs: number): Promise<PluginResponse | undefined> {
		const until = performance.now() + timeoutMs;
		for (;;) {
			const response = this.#responses.shift();
			if (response) return response;
			if (this.#fault) throw this.#fault;
			if (this.#ended) return undefined;
			const left = until - performance.now();
			if (left <= 0) throw new OrchestraError('deadline_exceeded', `nothing came within ${timeoutMs} ms`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, left);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
			this.#wake = undefined;
		}
	}
}
