import type { OutgoingExchange, ResponseSink } from '../carrier/outgoing-exchange.ts';
import type { PluginResponse } from '../wire/generated/messages.ts';
import type { OrchestraError } from '../wire/orchestra-error.ts';
import type { ProgressListener } from './call-options.ts';
import { tellProgress } from './call-sink.ts';
import {
	type Asked,
	invalidResponse,
	mismatchError,
	peerError,
	reportedError,
	responseKind,
} from './response-error.ts';

/** One piece of a stream. */
export interface ToolChunk {
	data: Uint8Array;
	/** A media type; a core peer always says `application/octet-stream`. */
	contentType: string;
	/** Number of the chunk: 0, 1, 2, … without gaps. */
	sequence: number;
}

/** A reader that waits for the next chunk. */
interface Waiting {
	resolve(result: IteratorResult<ToolChunk, undefined>): void;
	reject(error: unknown): void;
}

const finished: IteratorResult<ToolChunk, undefined> = { done: true, value: undefined };
const nothing: Uint8Array = new Uint8Array(0);

/**
 * The chunks of a stream between its exchange and its reader.
 *
 * Invariant: a chunk counts as consumed when `take` hands it out, not before: a reader that stops taking stops the peer,
 * so at most the window of the exchange waits here. Chunks or readers wait, never both.
 */
export class ChunkQueue implements ResponseSink, Asked {
	readonly kind = 'stream_start';
	readonly subject: string;
	readonly peer: string;
	/** Set right after the exchange was opened: nothing is heard before that. */
	exchange: OutgoingExchange | undefined;
	/** Called once when the stream has ended, however it did. */
	onEnd: (() => void) | undefined;
	readonly #onProgress: ProgressListener | undefined;
	readonly #onOutput: ((text: string) => void) | undefined;
	#chunks: PluginResponse[] = [];
	/** Index in #chunks of the next one. */
	#head = 0;
	readonly #waiting: Waiting[] = [];
	#received = 0;
	#ended = false;
	/** Given to the first reader that finds the chunks gone. */
	#error: OrchestraError | undefined;

	constructor(
		subject: string,
		peer: string,
		onProgress: ProgressListener | undefined,
		onOutput?: (text: string) => void,
	) {
		this.subject = subject;
		this.peer = peer;
		this.#onProgress = onProgress;
		this.#onOutput = onOutput;
	}

	/** Whether there is nothing left to start: the exchange was opened, or the reader stopped before it was. */
	get started(): boolean {
		return this.exchange !== undefined || this.#ended;
	}

	/** The next chunk, when it is there. Rejects once with the error that ended the stream, then reports the end. */
	take(): Promise<IteratorResult<ToolChunk, undefined>> {
		const response = this.#chunks[this.#head];
		if (response) {
			this.#head++;
			// A queue that never runs empty must not keep what it has handed out.
			if (this.#head === this.#chunks.length || this.#head > 1024) {
				this.#chunks = this.#chunks.slice(this.#head);
				this.#head = 0;
			}
			return Promise.resolve(this.#hand(response));
		}
		if (!this.#ended) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
		const error = this.#error;
		if (error === undefined) return Promise.resolve(finished);
		this.#error = undefined;
		return Promise.reject(error);
	}

	/** The reader has had enough: what waits is dropped and the peer is told. Safe to call twice. */
	stop(): void {
		if (!this.#ended) {
			this.#end(undefined);
			this.exchange?.cancel();
		}
		this.#drop();
		this.#error = undefined;
	}

	next(response: PluginResponse): void {
		if (this.#ended) return;
		if (response.progress !== undefined) {
			this.exchange?.consumed(response);
			tellProgress(this.exchange, response.progress, this.#onProgress, this.#onOutput);
			return;
		}
		const chunk = response.streamChunk;
		if (chunk === undefined) {
			const got = responseKind(response) ?? 'empty';
			this.#break(`${this.peer} sent a response of kind ${got} into the stream of ${this.subject}`, { got });
			return;
		}
		const sequence = chunk.sequence ?? 0;
		if (sequence !== this.#received) {
			this.#break(
				`${this.peer} sent chunk ${sequence} of ${this.subject} where chunk ${this.#received} was due`,
				{ got: sequence, due: this.#received },
			);
			return;
		}
		this.#received++;
		const waiting = this.#waiting.shift();
		if (waiting) waiting.resolve(this.#hand(response));
		else this.#chunks.push(response);
	}

	done(response: PluginResponse): void {
		if (!this.#ended) this.#end(this.#endError(response));
	}

	fail(error: OrchestraError): void {
		if (this.#ended) return;
		// Whoever cancels wants no more of it; every other end comes after the chunks that were sent before it.
		if (error.code === 'cancelled') this.#drop();
		this.#end(error);
	}

	#hand(response: PluginResponse): IteratorResult<ToolChunk, undefined> {
		this.exchange?.consumed(response);
		const chunk = response.streamChunk;
		return {
			done: false,
			value: {
				data: chunk?.data ?? nothing,
				contentType: chunk?.contentType || 'application/octet-stream',
				sequence: chunk?.sequence ?? 0,
			},
		};
	}

	#endError(response: PluginResponse): OrchestraError | undefined {
		const error = reportedError(response, this);
		if (error) return error;
		const end = response.streamEnd;
		if (end === undefined) return mismatchError(response, this);
		if (!end.success) {
			if (end.errorCode === 'unknown_request') return mismatchError(response, this);
			return peerError(this, end.errorCode, end.errorMessage);
		}
		// A total of 0 is what a peer sends that does not count.
		if (!end.totalChunks || end.totalChunks === this.#received) return undefined;
		return invalidResponse(
			this,
			`${this.peer} counts ${end.totalChunks} chunks in the stream of ${this.subject}, but ${this.#received} came`,
			{ got: this.#received, due: end.totalChunks },
		);
	}

	#break(message: string, details: Record<string, string | number>): void {
		const error = invalidResponse(this, message, details);
		this.#end(error);
		this.exchange?.cancel(error);
	}

	#end(error: OrchestraError | undefined): void {
		this.#ended = true;
		this.onEnd?.();
		const [first, ...others] = this.#waiting.splice(0);
		if (first === undefined) {
			this.#error = error;
			return;
		}
		if (error) first.reject(error);
		else first.resolve(finished);
		for (const waiting of others) waiting.resolve(finished);
	}

	#drop(): void {
		this.#chunks = [];
		this.#head = 0;
	}
}
