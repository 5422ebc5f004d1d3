import type { ExchangeHandler } from '../../src/runtime/carrier/carrier.ts';
import { errorResponse } from '../../src/runtime/carrier/error-response.ts';
import type { IncomingExchange } from '../../src/runtime/carrier/incoming-exchange.ts';
import type { PluginResponse } from '../../src/runtime/wire/generated/messages.ts';
import type { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { signalled, within } from './within.ts';

/** Answers a tool call with its arguments. */
export const echo: ExchangeHandler = (exchange) => {
	exchange.finish({ toolCall: { success: true, result: exchange.request.toolCall?.arguments ?? {} } });
};

/** The end of a stream. */
export function streamEnd(): PluginResponse {
	return { streamEnd: { streamId: 's', success: true } };
}

/** A chunk of a stream. */
export function chunk(sequence: number, data: Uint8Array): PluginResponse {
	return { streamChunk: { streamId: 's', data, contentType: 'application/octet-stream', sequence } };
}

/** A handler that never answers by itself; it notes what it is told. */
export class SilentHandler {
	readonly exchanges: IncomingExchange[] = [];
	readonly #cancelled = signalled<OrchestraError>();
	readonly #aborted = signalled<unknown>();
	#waiting: { count: number; settle: () => void }[] = [];

	readonly handle: ExchangeHandler = (exchange) => {
		this.exchanges.push(exchange);
		exchange.onCancel((reason) => this.#cancelled.settle(reason));
		exchange.signal.addEventListener('abort', () => this.#aborted.settle(exchange.signal.reason));
		this.#waiting = this.#waiting.filter(({ count, settle }) => {
			if (this.exchanges.length < count) return true;
			settle();
			return false;
		});
	};

	/** Waits until this many exchanges have come. */
	async reached(count = 1): Promise<IncomingExchange> {
		if (this.exchanges.length < count) {
			const { promise, settle } = signalled();
			this.#waiting.push({ count, settle });
			await within(promise, `${count} exchanges at the handler`);
		}
		return this.exchanges[count - 1] as IncomingExchange;
	}

	/** Waits until a handler was told, both ways, that nobody waits any more. */
	async cancelled(): Promise<OrchestraError> {
		const reason = await within(this.#cancelled.promise, 'onCancel');
		const aborted = await within(this.#aborted.promise, 'the abort of the signal');
		if (aborted !== reason) throw new Error('the signal and onCancel give different reasons');
		return reason;
	}

	/** Answers every exchange with an error, as a handler does that is told to stop. */
	finishAll(error: OrchestraError): void {
		for (const exchange of this.exchanges) exchange.finish(errorResponse(exchange.request, error));
	}
}
