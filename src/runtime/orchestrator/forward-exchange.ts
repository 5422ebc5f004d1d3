import type { Connection } from '../carrier/carrier.ts';
import { errorResponse } from '../carrier/error-response.ts';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import type { PluginRequest } from '../wire/generated/messages.ts';

/**
 * Passes an exchange on to another process and its answers back: deadline, cancellation and back-pressure go along.
 */
export function forwardExchange(exchange: IncomingExchange, connection: Connection): void {
	// The connection beyond chooses an id and a window of its own.
	const { requestId: _id, timeoutMs: _timeout, streamWindow: _window, ...request } = exchange.request;
	const outgoing = connection.exchange(
		request as PluginRequest,
		{
			next(response) {
				const room = exchange.send(response);
				if (room) void room.then(() => outgoing.consumed(response));
				else outgoing.consumed(response);
			},
			done: (response) => exchange.finish(response),
			fail: (error) => exchange.finish(errorResponse(exchange.request, error)),
		},
		{
			// Where the caller has no deadline, or is a core peer that did not say, its own end is the exchange's.
			timeoutMs: exchange.deadline === undefined ? Number.POSITIVE_INFINITY : exchange.deadline - Date.now(),
		},
	);
	exchange.onCancel((reason) => outgoing.cancel(reason));
}
