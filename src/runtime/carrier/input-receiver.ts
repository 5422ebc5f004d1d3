import { inputCost, inputWindowBytes } from '../wire/flow.ts';
import type { StreamInput } from '../wire/generated/messages.ts';
import type { OrchestraError } from '../wire/orchestra-error.ts';

interface Waiting {
	resolve(result: IteratorResult<StreamInput, undefined>): void;
	reject(error: OrchestraError): void;
}

const finished: IteratorResult<StreamInput, undefined> = { done: true, value: undefined };

/**
 * The caller's messages of one exchange until its handler reads them, for one reader. {@link open} grants the caller its window;
 * more is granted as messages are read, so that a handler which does not read holds its caller back.
 *
 * The loop ends when the caller has said its last or the handler has answered, and throws why where nobody waits any more.
 */
export class InputReceiver implements AsyncIterableIterator<StreamInput, undefined> {
	readonly #grant: (bytes: number) => void;
	#messages: StreamInput[] = [];
	readonly #waiting: Waiting[] = [];
	/** Bytes that the caller may still send. */
	#granted = inputWindowBytes;
	/** Bytes that were read and not granted again. */
	#owed = 0;
	#ended = false;
	#dropped = false;
	#error: OrchestraError | undefined;

	/** @param grant tells the caller that it may send so many bytes more */
	constructor(grant: (bytes: number) => void) {
		this.#grant = grant;
	}

	/** Lets the caller begin. Called once, when messages can be taken: in process they come at once. */
	open(): void {
		this.#grant(inputWindowBytes);
	}

	/** Whether the caller has said its last. */
	get complete(): boolean {
		return this.#ended;
	}

	/** The fault of a message that comes now; undefined for none. */
	fault(input: StreamInput): string | undefined {
		if (this.#ended) return 'input came after its end';
		if (inputCost(input) > 0 && this.#granted <= 0) return 'more input came than was granted';
		return undefined;
	}

	/** Takes a message without a fault. */
	push(input: StreamInput): void {
		this.#granted -= inputCost(input);
		if (input.end) this.#ended = true;
		if (this.#dropped) {
			this.#consumed(input);
			return;
		}
		if (inputCost(input) > 0) {
			const waiting = this.#waiting.shift();
			if (waiting) waiting.resolve(this.#hand(input));
			else this.#messages.push(input);
		}
		if (this.#ended) this.#settleWaiting();
	}

	/** The exchange is over: with `error` where nobody waits any more. What was not read is dropped. */
	close(error?: OrchestraError): void {
		this.#ended = true;
		this.#messages = [];
		this.#error ??= error;
		this.#settleWaiting();
	}

	/** The next message. Rejects with why nobody waits any more. */
	next(): Promise<IteratorResult<StreamInput, undefined>> {
		const message = this.#messages.shift();
		if (message) return Promise.resolve(this.#hand(message));
		if (this.#error) return Promise.reject(this.#error);
		if (this.#ended || this.#dropped) return Promise.resolve(finished);
		return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
	}

	/** The handler wants no more: what still comes is dropped, and the caller is not held back. */
	return(): Promise<IteratorResult<StreamInput, undefined>> {
		this.#dropped = true;
		for (const message of this.#messages.splice(0)) this.#consumed(message);
		this.#settleWaiting();
		return Promise.resolve(finished);
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.return();
	}

	#hand(value: StreamInput): IteratorResult<StreamInput, undefined> {
		this.#consumed(value);
		return { done: false, value };
	}

	#consumed(input: StreamInput): void {
		this.#owed += inputCost(input);
		if (this.#ended || this.#owed * 2 < inputWindowBytes) return;
		const bytes = this.#owed;
		this.#owed = 0;
		this.#granted += bytes;
		this.#grant(bytes);
	}

	#settleWaiting(): void {
		for (const waiting of this.#waiting.splice(0)) {
			if (this.#error) waiting.reject(this.#error);
			else waiting.resolve(finished);
		}
	}
}
