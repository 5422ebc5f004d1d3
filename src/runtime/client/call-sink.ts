import type { OutgoingExchange, ResponseSink } from '../carrier/outgoing-exchange.ts';
import type { PluginResponse, Progress } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { ProgressListener } from './call-options.ts';
import { type Asked, invalidResponse, responseKind } from './response-error.ts';

/** Takes what was asked for out of a last response, or throws what is wrong with it. */
export type ResponseReader<T> = (response: PluginResponse, asked: Asked) => T;

/**
 * Gives one progress response to its listener, or the output in it to the other; an error that one throws ends the exchange as
 * `cancelled`.
 */
export function tellProgress(
	exchange: OutgoingExchange | undefined,
	progress: Progress,
	onProgress: ProgressListener | undefined,
	onOutput: ((text: string) => void) | undefined,
): void {
	try {
		if (progress.output) onOutput?.(progress.output);
		else {
			onProgress?.({
				progress: progress.progress ?? 0,
				total: progress.total ?? 0,
				message: progress.message ?? '',
			});
		}
	} catch (error) {
		exchange?.cancel(
			new OrchestraError('cancelled', 'the call was cancelled: its listener threw', {
				cause: error,
			}),
		);
	}
}

/** Settles a promise with the one answer of an exchange. It is its own {@link Asked}, so that a call costs one object. */
export class CallSink<T> implements ResponseSink, Asked {
	/** Set right after the exchange was opened: nothing is heard before that. */
	exchange: OutgoingExchange | undefined;
	onProgress: ProgressListener | undefined;
	onOutput: ((text: string) => void) | undefined;
	readonly kind: string;
	readonly subject: string;
	readonly peer: string;
	readonly #read: ResponseReader<T>;
	readonly #resolve: (value: T) => void;
	readonly #reject: (error: unknown) => void;

	constructor(
		kind: string,
		subject: string,
		peer: string,
		read: ResponseReader<T>,
		resolve: (value: T) => void,
		reject: (error: unknown) => void,
	) {
		this.kind = kind;
		this.subject = subject;
		this.peer = peer;
		this.#read = read;
		this.#resolve = resolve;
		this.#reject = reject;
	}

	next(response: PluginResponse): void {
		this.exchange?.consumed(response);
		if (response.progress !== undefined) {
			// A peer that was not asked for progress and sends it all the same does no harm.
			tellProgress(this.exchange, response.progress, this.onProgress, this.onOutput);
			return;
		}
		const got = responseKind(response) ?? 'empty';
		this.exchange?.cancel(
			invalidResponse(this, `${this.peer} answered ${this.kind} with a response of kind ${got}`, { got }),
		);
	}

	done(response: PluginResponse): void {
		let value: T;
		try {
			value = this.#read(response, this);
		} catch (error) {
			this.#reject(error);
			return;
		}
		this.#resolve(value);
	}

	fail(error: OrchestraError): void {
		this.#reject(error);
	}
}
