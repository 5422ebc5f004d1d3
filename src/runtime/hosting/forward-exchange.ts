import type { Connection } from '../carrier/carrier.ts';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import type { OutgoingExchange } from '../carrier/outgoing-exchange.ts';
import type { PluginRequest } from '../wire/generated/messages.ts';
import type { OrchestraError } from '../wire/orchestra-error.ts';
import { retoldError } from '../wire/retold-error.ts';
import { ownErrorResponse } from './own-error-response.ts';

/**
 * Passes an exchange on to another process and its answers back: deadline, cancellation and back-pressure go along.
 *
 * @param name the plugin in that process, for messages
 * @param keepsOrigin whether that process is an orchestrator, which may speak for itself
 * @param ended finds out whether a lost connection is the end of the process itself: its error then, else undefined. Never rejects.
 */
export function forwardExchange(
	exchange: IncomingExchange,
	connection: Connection,
	name?: string,
	ended?: () => Promise<OrchestraError | undefined>,
	{ keepsOrigin = false }: { readonly keepsOrigin?: boolean } = {},
): void {
	exchange.forwarded = true;
	let forwarding = false;
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
			done(response) {
				// Only an orchestrator speaks for an orchestrator.
				if (response.error?.origin && !keepsOrigin) delete response.error.origin;
				exchange.finish(response);
			},
			fail(error) {
				const finish = (why: OrchestraError) =>
					exchange.finish(ownErrorResponse(exchange.request, lostCall(why, name)));
				if (!ended || !isLoss(error)) finish(error);
				else void ended().then((end) => finish(end ?? error));
			},
			// Nothing is asked of the caller before the plugin beyond asks for it.
			granted() {
				if (forwarding) return;
				forwarding = true;
				void forwardInput(exchange, outgoing);
			},
		},
		{
			// Without a deadline of the caller, or from a core peer that did not say, the caller's own end is the exchange's.
			sendsInput: exchange.request.sendsInput,
			timeoutMs: exchange.deadline === undefined ? Number.POSITIVE_INFINITY : exchange.deadline - Date.now(),
		},
	);
	exchange.onCancel((reason) => outgoing.cancel(reason));
}

/** Never rejects: who gives an exchange up is heard of by its cancel. */
async function forwardInput(exchange: IncomingExchange, outgoing: OutgoingExchange): Promise<void> {
	try {
		for await (const message of exchange.input ?? []) await outgoing.send(message);
		if (!exchange.finished) await outgoing.send({ end: true });
	} catch {
		// Nobody waits any more.
	}
}

/** Error that ended the connection, with the name of the plugin, where its message does not have it. */
function lostCall(error: OrchestraError, name: string | undefined): OrchestraError {
	if (!isLoss(error) || name === undefined || error.message.includes(name)) return error;
	return retoldError(error, `the connection to plugin ${name} ended: ${error.message}`);
}

function isLoss({ code }: OrchestraError): boolean {
	return code === 'connection_lost' || code === 'connection_closed';
}
